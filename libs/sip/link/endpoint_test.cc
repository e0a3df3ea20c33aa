#include "libs/sip/link/endpoint.h"

#include <random>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/sip/link/testing/world.h"

namespace drover::sip {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using testing::HopTo;
using ::testing::Not;
using testing::Notify;
using testing::RawUdp;
using testing::Replaced;
using testing::Respond;
using ::testing::StartsWith;
using testing::Told;
using testing::World;

class EndpointTest : public ::testing::Test {
 protected:
  // Sends a NOTIFY there and waits for its end.
  Told::Ended Ask(Endpoint& endpoint, const std::string& uri,
                  const Endpoint::SendOptions& options = {}) {
    const size_t before = told.replies.size();
    endpoint.Send(Notify(uri), options, told.Callback());
    EXPECT_TRUE(world.Until([&] { return told.replies.size() > before; }));
    return told.replies.back();
  }
  static std::string UriOf(const Endpoint& endpoint, Transport transport = Transport::kUdp) {
    const std::string host = "sip:69600@127.0.0.1:" + std::to_string(endpoint.port(transport));
    return transport == Transport::kUdp   ? host
           : transport == Transport::kTcp ? host + ";transport=tcp"
                                          : host + ";transport=tls";
  }
  // Answers every request with that status, and keeps what came.
  void Serve(Endpoint& endpoint, uint16_t status = 200) {
    endpoint.SetOnRequest([this, status](Incoming& request) {
      requests.emplace_back(request.message().octets());
      sources.push_back(request.source());
      EXPECT_TRUE(request.Respond({.status = status}));
    });
  }

  World world;
  Told told;
  std::vector<std::string> requests;
  std::vector<Hop> sources;
};

TEST_F(EndpointTest, SendsARequestAndIsToldItsAnswer) {
  const auto client = world.Make();
  const auto server = world.Make();
  Serve(*server);
  const Told::Ended end = Ask(*client, UriOf(*server));
  EXPECT_EQ(end.kind, Reply::Kind::kResponse);
  EXPECT_EQ(end.status, 200);
  EXPECT_EQ(end.attempts, 1U);
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_THAT(requests[0],
              StartsWith("NOTIFY " + UriOf(*server) + " SIP/2.0\r\nVia: SIP/2.0/UDP " +
                         client->host_port(Transport::kUdp) + ";rport;branch=z9hG4bK"));
  EXPECT_THAT(requests[0], HasSubstr("\r\nEvent: resync\r\n"));
  EXPECT_EQ(sources[0], HopTo("127.0.0.1", client->port(Transport::kUdp)));
  EXPECT_THAT(end.response, HasSubstr("received=127.0.0.1"));
  EXPECT_EQ(client->waiting(), 0U);
}

TEST_F(EndpointTest, GivesEachRequestABranchOfItsOwn) {
  const auto client = world.Make();
  const auto server = world.Make();
  Serve(*server);
  const std::string uri = UriOf(*server);
  for (int i = 0; i < 200; ++i) client->Send(Notify(uri), {}, told.Callback());
  ASSERT_TRUE(world.Until([&] { return told.replies.size() == 200; }));
  std::set<std::string> branches;
  for (const std::string& each : requests) branches.insert(each.substr(each.find("z9hG4bK"), 23));
  EXPECT_EQ(branches.size(), 200U);
}

TEST_F(EndpointTest, SendsOctetsThatSomeoneElseHasMade) {
  const auto client = world.Make();
  const auto server = world.Make();
  Serve(*server);
  const std::string octets = "OPTIONS " + UriOf(*server) +
                             " SIP/2.0\r\nMax-Forwards: 70\r\nTo: <sip:a@127.0.0.1>\r\n"
                             "From: <sip:b@127.0.0.1>;tag=1\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n"
                             "Content-Length: 0\r\n\r\n";
  client->SendOctets(octets, {}, told.Callback());
  ASSERT_TRUE(world.Until([&] { return told.replies.size() == 1; }));
  EXPECT_EQ(told.replies[0].status, 200);
  client->SendOctets("this is no request\r\n\r\n", {}, told.Callback());
  EXPECT_EQ(told.replies.size(), 1U) << "never from inside";
  ASSERT_TRUE(world.Until([&] { return told.replies.size() == 2; }));
  EXPECT_EQ(told.replies[1].kind, Reply::Kind::kRefused);
}

TEST_F(EndpointTest, SendsAgainUntilItIsAnswered) {
  Endpoint::Config config = World::Local();
  config.timers.t1 = 20ms;
  const auto client = world.Make(config);
  RawUdp peer(world);
  client->Send(Notify(peer.uri()), {}, told.Callback());
  const std::string first = peer.Next();
  const std::string second = peer.Next();
  EXPECT_EQ(first, second);
  peer.Reply(Respond(second, "100 Trying"));
  peer.Reply(Respond(second, "200 OK"));
  ASSERT_TRUE(world.Until([&] { return !told.replies.empty(); }));
  peer.Reply(Respond(second, "200 OK"));
  world.Settle();
  EXPECT_EQ(told.replies.size(), 1U);
  EXPECT_GE(client->counters().client.repeated, 1U);
}

TEST_F(EndpointTest, SaysSoWhenNobodyAnswers) {
  Endpoint::Config config = World::Local();
  config.timers = {.t1 = 4ms, .t2 = 16ms};
  const auto client = world.Make(config);
  RawUdp peer(world);
  EXPECT_EQ(Ask(*client, peer.uri()).kind, Reply::Kind::kTimeout);
  world.Settle();
  EXPECT_GE(peer.datagrams.size(), 10U);
}

TEST_F(EndpointTest, GivesUpAtTheDeadline) {
  const auto client = world.Make();
  RawUdp peer(world);
  const Told::Ended end = Ask(*client, peer.uri(), {.deadline = In(30ms)});
  EXPECT_EQ(end.kind, Reply::Kind::kTimeout);
  world.Settle();
  EXPECT_EQ(peer.datagrams.size(), 1U);
}

TEST_F(EndpointTest, FailsAtOnceWhereNobodyListens) {
  const auto client = world.Make();
  std::string dead;
  uint16_t dead_port = 0;
  {
    RawUdp gone(world);
    dead = gone.uri();
    dead_port = gone.port();
  }
  RawUdp alive(world);
  client->Send(Notify(alive.uri()), {}, told.Callback());
  client->Send(Notify(dead), {}, told.Callback());
  ASSERT_TRUE(world.Until([&] { return !told.replies.empty(); }));
  EXPECT_EQ(told.replies[0].kind, Reply::Kind::kUnreachable);
  EXPECT_EQ(told.replies[0].hop.port, dead_port);
  EXPECT_THAT(told.replies[0].why, HasSubstr("ICMP"));
  EXPECT_EQ(client->waiting(), 1U) << "the other one waits on";
  alive.Reply(Respond(alive.Next(), "200 OK"));
  ASSERT_TRUE(world.Until([&] { return told.replies.size() == 2; }));
  EXPECT_EQ(told.replies[1].status, 200);
  EXPECT_GE(client->counters().unreachable, 1U);
}

TEST_F(EndpointTest, IgnoresSpoofedResponses) {
  const auto client = world.Make();
  RawUdp peer(world);
  RawUdp stranger(world);
  client->Send(Notify(peer.uri()), {}, told.Callback());
  const std::string good = Respond(peer.Next(), "200 OK");
  const std::string host_port = client->host_port(Transport::kUdp);
  const uint16_t port = client->port(Transport::kUdp);
  stranger.Send(port, Replaced(good, "branch=z9hG4bK", "branch=z9hG4bKf"));
  stranger.Send(port, Replaced(good, host_port, "127.0.0.1:1"));
  stranger.Send(port, Replaced(good, " NOTIFY", " OPTIONS"));
  stranger.Send(port, Replaced(good, "From:", "Via: SIP/2.0/UDP 127.0.0.1:5\r\nFrom:"));
  stranger.Send(port, Replaced(good, "200 OK", "99 Less"));
  ASSERT_TRUE(world.Until([&] { return client->counters().datagrams_in == 5; }));
  world.Settle();
  EXPECT_TRUE(told.replies.empty());
  EXPECT_EQ(client->counters().not_for_us, 1U);
  EXPECT_EQ(client->counters().client.unknown, 3U);
  EXPECT_EQ(client->counters().malformed, 1U);
  peer.Reply(good);
  ASSERT_TRUE(world.Until([&] { return told.replies.size() == 1; }));
}

TEST_F(EndpointTest, LivesOnAfterGarbage) {
  const auto server = world.Make();
  Serve(*server);
  RawUdp stranger(world);
  std::mt19937 random(1);
  const uint16_t port = server->port(Transport::kUdp);
  const std::string request = Replaced(
      "NOTIFY sip:a@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKa;rport\r\n"
      "Max-Forwards: 70\r\nTo: <sip:a@127.0.0.1>\r\nFrom: <sip:b@127.0.0.1>;tag=1\r\n"
      "Call-ID: x\r\nCSeq: 1 NOTIFY\r\nEvent: resync\r\nContent-Length: 0\r\n\r\n",
      "\r\n", "\r\n");
  for (int i = 0; i < 1000; ++i) {
    std::string octets = request.substr(0, random() % (request.size() + 1));
    for (int n = static_cast<int>(random() % 8); n > 0 && !octets.empty(); --n) {
      octets[random() % octets.size()] = static_cast<char>(random());
    }
    stranger.Send(port, octets);
    if (i % 50 == 0) world.loop.poll();
  }
  world.Settle();
  const auto client = world.Make();
  EXPECT_EQ(Ask(*client, UriOf(*server)).status, 200);
  EXPECT_GT(server->counters().malformed, 100U);
}

TEST_F(EndpointTest, AnswersARepeatedRequestFromWhatItHasSaid) {
  const auto server = world.Make();
  Serve(*server);
  RawUdp peer(world);
  const std::string request =
      "NOTIFY sip:a@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bKa;rport\r\n"
      "Max-Forwards: 70\r\nTo: <sip:a@127.0.0.1>\r\nFrom: <sip:b@127.0.0.1>;tag=1\r\n"
      "Call-ID: x\r\nCSeq: 1 NOTIFY\r\nEvent: resync\r\nContent-Length: 0\r\n\r\n";
  peer.Send(server->port(Transport::kUdp), request);
  const std::string first = peer.Next();
  peer.Send(server->port(Transport::kUdp), request);
  EXPECT_EQ(peer.Next(), first) << "tag and all";
  EXPECT_THAT(first, HasSubstr("rport=" + std::to_string(peer.port())));
  EXPECT_THAT(first, HasSubstr("received=127.0.0.1"));
  EXPECT_EQ(requests.size(), 1U);
}

TEST_F(EndpointTest, AnswersARequestItCannotReadIfThatCanBeDone) {
  const auto server = world.Make();
  Serve(*server);
  RawUdp peer(world);
  peer.Send(server->port(Transport::kUdp),
            "NOTIFY sip:a@127.0.0.1 SIP/7.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKa;rport\r\n"
            "Max-Forwards: 70\r\nTo: <sip:a@127.0.0.1>\r\nFrom: <sip:b@127.0.0.1>;tag=1\r\n"
            "Call-ID: x\r\nCSeq: 1 NOTIFY\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(peer.Next(), StartsWith("SIP/2.0 505 "));
  EXPECT_TRUE(requests.empty());
}

TEST_F(EndpointTest, AnswersLaterWhatWasKept) {
  const auto client = world.Make();
  const auto server = world.Make();
  std::shared_ptr<Incoming> kept;
  server->SetOnRequest([&](Incoming& request) { kept = request.Keep(); });
  const std::string uri = UriOf(*server);
  client->Send(Notify(uri), {}, told.Callback());
  ASSERT_TRUE(world.Until([&] { return kept != nullptr; }));
  world.Settle();
  EXPECT_EQ(kept->message().call_id(), "720910328@127.0.0.1");
  EXPECT_TRUE(kept->Respond({.status = 202}));
  EXPECT_FALSE(kept->Respond({.status = 200}));
  ASSERT_TRUE(world.Until([&] { return !told.replies.empty(); }));
  EXPECT_EQ(told.replies[0].status, 202);
}

TEST_F(EndpointTest, Answers500ForWhoForgetsTo) {
  const auto client = world.Make();
  const auto server = world.Make();
  server->SetOnRequest([](Incoming&) {});
  EXPECT_EQ(Ask(*client, UriOf(*server)).status, 500);
  server->SetOnRequest([](Incoming& request) { request.Keep().reset(); });
  EXPECT_EQ(Ask(*client, UriOf(*server)).status, 500);
}

TEST_F(EndpointTest, SaysThatItIsStillAtIt) {
  Endpoint::Config config = World::Local();
  config.timers = {.t1 = 10ms, .t2 = 40ms};
  const auto server = world.Make(config);
  std::shared_ptr<Incoming> kept;
  server->SetOnRequest([&](Incoming& request) { kept = request.Keep(); });
  const auto client = world.Make();
  const std::string uri = UriOf(*server);
  client->Send(Notify(uri), {}, told.Callback());
  ASSERT_TRUE(world.Until([&] { return client->counters().datagrams_in == 1; })) << "100";
  EXPECT_TRUE(kept->Respond({.status = 200}));
  ASSERT_TRUE(world.Until([&] { return !told.replies.empty(); }));
}

TEST_F(EndpointTest, AsksWhoeverIsAtTheDoorFirst) {
  const auto client = world.Make();
  const auto server = world.Make();
  Serve(*server);
  server->SetAdmit(
      [](const Message& request, const Hop&) { return request.method() != Method::kNotify; });
  EXPECT_EQ(Ask(*client, UriOf(*server), {.deadline = In(100ms)}).kind, Reply::Kind::kTimeout);
  EXPECT_EQ(server->counters().turned_away, 1U);
  EXPECT_TRUE(requests.empty());
}

TEST_F(EndpointTest, SendsToTheHopItIsGivenAndNotWhereTheUriLeads) {
  const auto client = world.Make();
  const auto server = world.Make();
  Serve(*server);
  const Told::Ended end = Ask(*client, "sip:69600@10.0.0.9:5060",
                              {.hop = HopTo("127.0.0.1", server->port(Transport::kUdp))});
  EXPECT_EQ(end.status, 200);
  EXPECT_THAT(requests.at(0), StartsWith("NOTIFY sip:69600@10.0.0.9:5060 "));
}

TEST_F(EndpointTest, FollowsRouteOrOutboundProxyBeforeTheRequestUri) {
  const auto server = world.Make();
  Serve(*server);
  const auto plain = world.Make();
  const std::string text = "<" + UriOf(*server) + ";lr>";
  const std::string_view route = text;
  RequestOut request = Notify("sip:69600@203.0.113.9");
  request.routes = {&route, 1};
  plain->Send(request, {}, told.Callback());
  ASSERT_TRUE(world.Until([&] { return !told.replies.empty(); }));
  EXPECT_EQ(told.replies[0].status, 200);
  EXPECT_THAT(requests.at(0), HasSubstr("Route: " + text));

  Endpoint::Config config = World::Local();
  config.outbound_proxy = UriOf(*server) + ";lr";
  const auto behind = world.Make(config);
  EXPECT_EQ(Ask(*behind, "sip:69600@203.0.113.9").status, 200);
}

TEST_F(EndpointTest, IsSilentToAHopThatAsksForIt) {
  const auto client = world.Make();
  RawUdp peer(world);
  client->Send(Notify(peer.uri()), {}, told.Callback());
  peer.Reply(Respond(peer.Next(), "503 Busy", "Retry-After: 1 (soon)\r\n"));
  ASSERT_TRUE(world.Until([&] { return !told.replies.empty(); }));
  EXPECT_EQ(told.replies[0].status, 503);
  const Told::Ended held = Ask(*client, peer.uri());
  EXPECT_EQ(held.kind, Reply::Kind::kHeld);
  EXPECT_GT(held.hold, 500ms);
  EXPECT_LE(held.hold, 1000ms);
  EXPECT_EQ(peer.datagrams.size(), 1U);
  EXPECT_EQ(client->holds(), 1U);
  RawUdp other(world);
  client->Send(Notify(other.uri()), {}, told.Callback());
  other.Reply(Respond(other.Next(), "200 OK"));
  ASSERT_TRUE(world.Until([&] { return told.replies.size() == 3; })) << "others are not held";
  const auto patience = std::chrono::steady_clock::now() + world.patience;
  while (peer.datagrams.size() == 1 && std::chrono::steady_clock::now() < patience) {
    Ask(*client, peer.uri(), {.deadline = In(50ms)});
    world.loop.run_for(20ms);
  }
  EXPECT_GT(peer.datagrams.size(), 1U) << "and this one not for ever";
}

TEST_F(EndpointTest, HasNoUseForWhatMayNotBeWritten) {
  const auto client = world.Make();
  RequestOut request = Notify("sip:69600@127.0.0.1");
  request.event = "resync\r\nX: y";
  client->Send(request, {}, told.Callback());
  ASSERT_TRUE(world.Until([&] { return !told.replies.empty(); }));
  EXPECT_EQ(told.replies[0].kind, Reply::Kind::kRefused);
  EXPECT_EQ(Ask(*client, "tel:+8675526770000").kind, Reply::Kind::kRefused);
  EXPECT_EQ(Ask(*client, "sip:a@127.0.0.1;transport=sctp").kind, Reply::Kind::kRefused);
  EXPECT_EQ(Ask(*client, "sip:a@[::1]").kind, Reply::Kind::kNoAddress);
}

TEST_F(EndpointTest, RefusesMoreThanItsLimit) {
  Endpoint::Config config = World::Local();
  config.client.waiting = 2;
  const auto client = world.Make(config);
  RawUdp peer(world);
  for (int i = 0; i < 3; ++i) client->Send(Notify(peer.uri()), {}, told.Callback());
  ASSERT_TRUE(world.Until([&] { return !told.replies.empty(); }));
  EXPECT_EQ(told.replies[0].kind, Reply::Kind::kRefused);
  EXPECT_EQ(client->counters().client.refused, 1U);
}

TEST_F(EndpointTest, AnswersStunBindingRequests) {
  const auto server = world.Make();
  RawUdp peer(world);
  const std::string id = "abcdefghijkl";
  peer.Send(server->port(Transport::kUdp), std::string("\0\1\0\0\x21\x12\xa4\x42", 8) + id);
  const std::string answer = peer.Next();
  ASSERT_EQ(answer.size(), 32U);
  EXPECT_EQ(answer.substr(0, 4), std::string("\1\1\0\x0c", 4));
  EXPECT_EQ(answer.substr(8, 12), id);
  const auto port = static_cast<uint16_t>(static_cast<uint8_t>(answer[26]) << 8 |
                                          static_cast<uint8_t>(answer[27]));
  EXPECT_EQ(port ^ 0x2112, peer.port());
  EXPECT_EQ(server->counters().stun, 1U);
}

TEST_F(EndpointTest, CarriesManyAtOnceOverOneSocketEachWay) {
  const auto client = world.Make();
  const auto server = world.Make();
  Serve(*server);
  std::vector<std::string> uris;
  for (int i = 0; i < 5000; ++i) {
    uris.push_back("sip:gw" + std::to_string(i) + "@" + server->host_port(Transport::kUdp));
  }
  for (const std::string& uri : uris) client->Send(Notify(uri), {}, told.Callback());
  ASSERT_TRUE(world.Until([&] { return told.replies.size() == uris.size(); }));
  for (const Told::Ended& end : told.replies) ASSERT_EQ(end.status, 200);
  EXPECT_EQ(client->counters().datagrams_lost, 0U);
}

TEST_F(EndpointTest, IsGoneWithoutAWord) {
  auto client = world.Make();
  RawUdp peer(world);
  client->Send(Notify(peer.uri()), {}, told.Callback());
  world.Settle();
  client.reset();
  world.Settle();
  EXPECT_TRUE(told.replies.empty());
}

TEST_F(EndpointTest, SaysWhatIsWrongWithItsSettings) {
  Endpoint::Config config = World::Local();
  config.udp_listen = "0.0.0.0:0";
  config.tcp_listen.clear();
  Endpoint nameless(world.loop, config, dmauth::SystemRandom);
  EXPECT_THAT(nameless.Open().error().message, HasSubstr("set the host that Via names"));
  config = World::Local();
  config.udp_listen = "127.0.0.1";
  Endpoint portless(world.loop, config, dmauth::SystemRandom);
  EXPECT_EQ(portless.Open().error().code, Code::kInvalidArgument);
  config = World::Local();
  config.outbound_proxy = "proxy";
  Endpoint lost(world.loop, config, dmauth::SystemRandom);
  EXPECT_THAT(lost.Open().error().message, HasSubstr("outbound proxy"));
  const auto first = world.Make();
  config = World::Local();
  config.udp_listen = first->host_port(Transport::kUdp);
  Endpoint second(world.loop, config, dmauth::SystemRandom);
  EXPECT_EQ(second.Open().error().code, Code::kUnavailable);
}

}  // namespace
}  // namespace drover::sip
