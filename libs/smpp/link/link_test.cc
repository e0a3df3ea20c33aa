#include "libs/smpp/link/link.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include "libs/smpp/testing/loopback.h"

namespace drover::smpp {
namespace {

using namespace std::chrono_literals;
using testing::Loopback;
using testing::RawPeer;
using testing::Recorder;

Process AwaitDrain(Link& link, std::chrono::milliseconds time, std::optional<Result<void>>& out) {
  Result<void> done = co_await link.Drain(In(time));
  out.emplace(std::move(done));
}

TEST(Link, BindsAndSubmits) {
  Loopback world;
  world.Serve();
  world.Dial();
  EXPECT_EQ(world.Submit(1), Sent::kNotBound);
  ASSERT_TRUE(world.Bound());
  EXPECT_EQ(world.peers.at(0).told->bound_as, "esme:secret");
  EXPECT_EQ(world.Submit(1), Sent::kSent);
  ASSERT_TRUE(world.Until([&] { return world.esme.told.answers.size() == 1; }));
  EXPECT_TRUE(world.esme.told.answers[0].message_id.starts_with("id"));
  const Link::Counters counters = world.link->counters();
  EXPECT_EQ(counters.bound, 1u);
  EXPECT_EQ(counters.sessions.requests_out, 1u);
  EXPECT_EQ(counters.sessions.answers_in, 1u);
}

TEST(Link, KeepsToTheWindowUnderLoad) {
  Loopback world;
  size_t most = 0;
  world.on_accept = [&](Recorder& told, const std::shared_ptr<Channel>& channel) {
    const auto answer = told.on_request;
    told.on_request = [&most, answer, weak = std::weak_ptr(channel)](const auto& request) {
      most = std::max(most, weak.lock()->session().unanswered());
      answer(request);
    };
  };
  world.Serve();
  uint64_t next = 0;
  const auto fill = [&] {
    while (next < 20'000 && world.Submit(next + 1) == Sent::kSent) ++next;
  };
  world.esme.told.on_ready = fill;
  world.esme.told.on_bound = fill;
  Link::Config config = world.ToServer();
  config.session.window = 50;
  world.Dial(config);
  ASSERT_TRUE(world.Until([&] { return world.esme.told.answers.size() == 20'000; }));
  EXPECT_LE(most, 50u);
  for (size_t i = 0; i < 20'000; ++i) ASSERT_EQ(world.esme.told.answers[i].token, i + 1);
}

TEST(Link, GoesOnAfterThrottling) {
  Loopback world;
  int refusals = 3;
  world.on_accept = [&](Recorder& told, const std::shared_ptr<Channel>& channel) {
    const auto answer = told.on_request;
    told.on_request = [&, answer, weak = std::weak_ptr(channel)](const auto& request) {
      if (refusals-- > 0) {
        weak.lock()->RespondBare(request.id, CommandStatus::kRthrottled);
      } else {
        answer(request);
      }
    };
  };
  world.Serve();
  Link::Config config = world.ToServer();
  config.session.rate.hold = 5ms;
  world.Dial(config);
  ASSERT_TRUE(world.Bound());
  world.Submit(1);
  const auto again = [&] { world.Submit(1); };
  world.esme.told.on_ready = again;
  world.esme.told.on_answer = [&](const Recorder::Answered& answer) {
    if (answer.status == CommandStatus::kRok) return;
    EXPECT_EQ(world.Submit(1), Sent::kThrottled);
  };
  ASSERT_TRUE(world.Until([&] { return world.esme.told.answers.size() == 4; }));
  EXPECT_EQ(world.esme.told.answers[3].status, CommandStatus::kRok);
  EXPECT_LT(world.link->share(), 1.0);
  EXPECT_EQ(world.link->counters().sessions.throttled, 3u);
}

TEST(Link, CarriesDeliveriesAndTheirAnswers) {
  Loopback world;
  world.Serve();
  world.Dial();
  ASSERT_TRUE(world.Bound());
  const auto channel = world.peers.at(0).channel.lock();
  EXPECT_EQ(channel->Send(DeliverSm{.short_message = "mo"}, 5), Sent::kSent);
  ASSERT_TRUE(world.Until([&] { return !world.esme.told.requests.empty(); }));
  EXPECT_TRUE(world.link->RespondBare(world.esme.told.requests[0].id, CommandStatus::kRok));
  ASSERT_TRUE(world.Until([&] { return !world.peers[0].told->answers.empty(); }));
  EXPECT_EQ(world.peers[0].told->answers[0].token, 5u);
}

TEST(Link, GivesBackAndBindsAgainWhenTheConnectionIsLost) {
  Loopback world;
  world.on_accept = [&](Recorder& told, const auto&) { told.on_request = nullptr; };
  world.Serve();
  world.Dial();
  ASSERT_TRUE(world.Bound());
  world.Submit(1);
  ASSERT_TRUE(world.Until([&] { return !world.peers[0].told->requests.empty(); }));
  const uint64_t epoch = world.link->epoch();
  const auto channel = world.peers[0].channel.lock();
  channel->Send(DeliverSm{}, 1);
  ASSERT_TRUE(world.Until([&] { return !world.esme.told.requests.empty(); }));
  channel->Close();
  ASSERT_TRUE(world.Until([&] { return !world.esme.told.ends.empty(); }));
  EXPECT_EQ(world.esme.told.ends[0].cause, EndCause::kLinkLost);
  EXPECT_EQ(world.esme.told.answers.at(0).outcome, Outcome::kMaybeSent);
  EXPECT_FALSE(world.link->bound());
  ASSERT_TRUE(world.Bound());
  EXPECT_GT(world.link->epoch(), epoch);
  EXPECT_FALSE(world.link->RespondBare(world.esme.told.requests[0].id, CommandStatus::kRok))
      << "of the session before";
}

TEST(Link, ComesBackWhenTheServerDoes) {
  Loopback world;
  world.Serve();
  world.Dial();
  ASSERT_TRUE(world.Bound());
  world.server.reset();
  ASSERT_TRUE(world.Until([&] { return world.esme.waits.size() >= 3; }));
  world.Serve();
  EXPECT_TRUE(world.Bound());
  EXPECT_EQ(world.link->counters().bound, 2u);
}

TEST(Link, TriesAgainWhileNobodyListens) {
  Loopback world;
  {
    RawPeer gone(world);
    gone.Here();
  }
  world.Dial();
  ASSERT_TRUE(world.Until([&] { return world.esme.waits.size() == 3; }));
  EXPECT_EQ(world.esme.told.ends[0].cause, EndCause::kLinkLost);
  EXPECT_GE(world.esme.waits[2], 40ms);
  EXPECT_EQ(world.link->counters().connected, 0u);
}

TEST(Link, SaysWhenAnOperatorIsNeeded) {
  Loopback world;
  world.on_accept = [](Recorder& told, const std::shared_ptr<Channel>& channel) {
    told.on_bind = [weak = std::weak_ptr(channel)] {
      weak.lock()->RefuseBind(CommandStatus::kRinvPaswd);
    };
  };
  world.Serve();
  world.Dial();
  ASSERT_TRUE(world.Until([&] { return !world.esme.waits.empty(); }));
  EXPECT_EQ(world.esme.told.ends[0].status, CommandStatus::kRinvPaswd);
  EXPECT_TRUE(world.esme.operator_needed);
  EXPECT_GE(world.esme.waits[0], 60s);
  EXPECT_EQ(world.link->counters().refused, 1u);
  EXPECT_EQ(world.link->state(), Link::State::kWaiting);
}

TEST(Link, UnbindsInOrderWhenDrained) {
  Loopback world;
  world.Serve();
  world.Dial();
  ASSERT_TRUE(world.Bound());
  world.Submit(1);
  std::optional<Result<void>> drained;
  asio::co_spawn(world.loop, AwaitDrain(*world.link, 5s, drained), asio::detached);
  ASSERT_TRUE(world.Until([&] { return drained.has_value(); }));
  EXPECT_TRUE(*drained);
  EXPECT_EQ(world.esme.told.answers.at(0).outcome, Outcome::kAnswered) << "before the unbind";
  EXPECT_EQ(world.esme.told.ends.at(0).cause, EndCause::kUnbound);
  EXPECT_EQ(world.link->state(), Link::State::kClosed);
  ASSERT_TRUE(world.Until([&] { return !world.peers[0].told->ends.empty(); }));
  EXPECT_EQ(world.peers[0].told->ends[0].cause, EndCause::kPeerUnbound);
  EXPECT_TRUE(world.Until([&] { return world.server->connections() == 0; }));
}

TEST(Link, DrainsWhileItWaitsToConnect) {
  Loopback world;
  {
    RawPeer gone(world);
    gone.Here();
  }
  Link::Config config = world.ToServer();
  config.redial.first = 1h;
  config.redial.longest = 1h;
  world.Dial(config);
  ASSERT_TRUE(world.Until([&] { return world.esme.waits.size() == 1; }));
  std::optional<Result<void>> drained;
  asio::co_spawn(world.loop, AwaitDrain(*world.link, 5s, drained), asio::detached);
  ASSERT_TRUE(world.Until([&] { return drained.has_value(); }));
  EXPECT_TRUE(*drained);
}

TEST(Link, GivesUpAPeerThatDoesNotAnswerItsUnbind) {
  Loopback world;
  RawPeer smsc(world);
  world.Dial(smsc.Here());
  ASSERT_TRUE(smsc.TakeBind());
  world.Submit(1);
  std::optional<Result<void>> drained;
  asio::co_spawn(world.loop, AwaitDrain(*world.link, 20ms, drained), asio::detached);
  ASSERT_TRUE(world.Until([&] { return drained.has_value(); }));
  EXPECT_FALSE(*drained);
  EXPECT_EQ(world.esme.told.answers.at(0).outcome, Outcome::kMaybeSent);
  EXPECT_EQ(world.esme.told.ends.at(0).cause, EndCause::kAborted);
}

TEST(Link, ComesBackAfterThePeersUnbind) {
  Loopback world;
  RawPeer smsc(world);
  Link::Config config = smsc.Here();
  config.redial.peer_unbound = 10ms;
  world.Dial(config);
  ASSERT_TRUE(smsc.TakeBind());
  smsc.SendHex("00000010000000060000000000000007");
  EXPECT_EQ(base::Hex(smsc.Receive(16)), "00000010800000060000000000000007");
  EXPECT_EQ(smsc.Receive(1), "") << "closed";
  EXPECT_EQ(world.esme.told.ends.at(0).cause, EndCause::kPeerUnbound);
  smsc.Close();
  EXPECT_TRUE(smsc.TakeBind());
}

TEST(Link, TakesAPduInPieces) {
  Loopback world;
  RawPeer smsc(world);
  world.Dial(smsc.Here());
  ASSERT_TRUE(smsc.TakeBind());
  std::string octets;
  ASSERT_FALSE(EncodeBody(9, DeliverSm{.short_message = "in pieces"}, octets));
  for (const char c : octets) {
    smsc.Send({&c, 1});
    world.Poll();
  }
  ASSERT_TRUE(world.Until([&] { return !world.esme.told.requests.empty(); }));
  EXPECT_EQ(world.esme.told.requests[0].short_message, "in pieces");
}

TEST(Link, SurvivesHalfAPdu) {
  Loopback world;
  RawPeer smsc(world);
  world.Dial(smsc.Here());
  ASSERT_TRUE(smsc.TakeBind());
  smsc.SendHex("000000400000000500000000");
  smsc.Close();
  ASSERT_TRUE(world.Until([&] { return !world.esme.told.ends.empty(); }));
  EXPECT_EQ(world.esme.told.ends[0].cause, EndCause::kLinkLost);
  EXPECT_TRUE(smsc.TakeBind());
}

TEST(Link, EndsOnGarbageAndOnALengthOf4GiB) {
  for (const std::string_view octets : {std::string_view("HTTP/1.1 400 Bad Request\r\n\r\n"),
                                        std::string_view("\xff\xff\xff\xff")}) {
    Loopback world;
    RawPeer smsc(world);
    world.Dial(smsc.Here());
    ASSERT_TRUE(smsc.TakeBind());
    smsc.Send(octets);
    EXPECT_EQ(base::Hex(smsc.ReceiveAll()), "00000010800000000000000200000000");
    EXPECT_EQ(world.esme.told.ends.at(0).cause, EndCause::kGarbage);
    smsc.Close();
    EXPECT_TRUE(smsc.TakeBind());
  }
}

TEST(Link, GivesUpAnSmscThatFallsSilent) {
  Loopback world;
  RawPeer smsc(world);
  Link::Config config = smsc.Here();
  config.session.enquire_after = 20ms;
  config.session.response_time = 20ms;
  world.Dial(config);
  ASSERT_TRUE(smsc.TakeBind());
  ASSERT_TRUE(world.Until([&] { return !world.esme.told.ends.empty(); }));
  EXPECT_EQ(world.esme.told.ends[0].cause, EndCause::kSilent);
  EXPECT_EQ(world.link->counters().sessions.enquiries_out, 2u);
}

TEST(Link, GivesUpAnSmscThatNeverAnswersItsBind) {
  Loopback world;
  RawPeer smsc(world);
  Link::Config config = smsc.Here();
  config.session.init_time = 20ms;
  world.Dial(config);
  ASSERT_TRUE(smsc.Accept());
  ASSERT_TRUE(world.Until([&] { return !world.esme.told.ends.empty(); }));
  EXPECT_EQ(world.esme.told.ends[0].cause, EndCause::kNoBind);
}

TEST(Link, HoldsBackWhenThePeerDoesNotRead) {
  Loopback world;
  RawPeer smsc(world);
  Link::Config config = smsc.Here();
  config.session.window = 1'000'000;
  config.session.unsent_octets = 100'000;
  world.Dial(config);
  ASSERT_TRUE(smsc.TakeBind());
  uint64_t token = 0;
  Sent sent = Sent::kSent;
  while ((sent = world.Submit(token + 1)) == Sent::kSent) {
    ++token;
    world.Poll();
  }
  EXPECT_EQ(sent, Sent::kBacklog);
  EXPECT_LT(world.link->unsent(), 200'000u);
  EXPECT_EQ(world.esme.told.readies, 0);
  smsc.Receive(world.link->unsent() + 1);
  EXPECT_TRUE(world.Until([&] {
    smsc.Receive(65'536);
    return world.esme.told.readies > 0;
  }));
  EXPECT_EQ(world.Submit(token + 1), Sent::kSent);
}

TEST(Link, SaysWhatItsSettingsLack) {
  asio::io_context loop(1);
  testing::LinkRecorder handler;
  Link::Config config{.host = "127.0.0.1"};
  config.session.password = "much too long";
  Link link(loop, config, handler);
  const Result<void> open = link.Open();
  ASSERT_FALSE(open);
  EXPECT_NE(open.error().message.find("password"), std::string::npos);
  config.session.password = "";
  config.tls = TlsClient{.ca_file = "/nowhere/ca.pem"};
  Link other(loop, config, handler);
  EXPECT_NE(other.Open().error().message.find("/nowhere/ca.pem"), std::string::npos);
}

}  // namespace
}  // namespace drover::smpp
