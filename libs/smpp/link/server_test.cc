#include "libs/smpp/link/server.h"

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

constexpr std::string_view kNackOfLength = "00000010800000000000000200000000";

Process AwaitDrain(Server& server, bool& done) {
  const Result<void> drained = co_await server.Drain(In(5s));
  done = drained.has_value();
}

Server::Config Impatient() {
  Server::Config config;
  config.session.init_time = 30ms;
  return config;
}

TEST(Server, ClosesWhoNeverBinds) {
  Loopback world;
  world.Serve(Impatient());
  RawPeer esme(world);
  esme.Connect(world.address);
  EXPECT_EQ(esme.ReceiveAll(), "");
  EXPECT_EQ(world.peers.at(0).told->ends.at(0).cause, EndCause::kNoBind);
}

TEST(Server, ClosesWhoSendsGarbageOrALengthOf4GiB) {
  for (const std::string_view octets :
       {std::string_view("GET / HTTP/1.1\r\n\r\n"), std::string_view("\xff\xff\xff\xff\x00", 5),
        std::string_view("\x00\x00\x00\x0f", 4)}) {
    Loopback world;
    world.Serve();
    RawPeer esme(world);
    esme.Connect(world.address);
    esme.Send(octets);
    EXPECT_EQ(base::Hex(esme.ReceiveAll()), kNackOfLength);
    EXPECT_EQ(world.peers.at(0).told->ends.at(0).cause, EndCause::kGarbage);
  }
}

TEST(Server, RefusesARequestBeforeTheBind) {
  Loopback world;
  world.Serve();
  RawPeer esme(world);
  esme.Connect(world.address);
  std::string octets;
  ASSERT_FALSE(EncodeBody(3, SubmitSm{.short_message = "early"}, octets));
  esme.Send(octets);
  EXPECT_EQ(base::Hex(esme.Receive(16)), "00000010800000040000000400000003");
}

TEST(Server, SurvivesHalfAPduAndASuddenEnd) {
  Loopback world;
  world.Serve();
  {
    RawPeer esme(world);
    esme.Connect(world.address);
    esme.SendHex("00000030000000090000");
  }
  ASSERT_TRUE(
      world.Until([&] { return !world.peers.empty() && !world.peers[0].told->ends.empty(); }));
  EXPECT_EQ(world.peers[0].told->ends[0].cause, EndCause::kLinkLost);
  EXPECT_TRUE(world.Until([&] { return world.server->connections() == 0; }));
  world.Dial();
  EXPECT_TRUE(world.Bound());
}

TEST(Server, TurnsAwayMoreThanItHolds) {
  Loopback world;
  Server::Config config;
  config.connections = 1;
  world.Serve(config);
  world.Dial();
  ASSERT_TRUE(world.Bound());
  RawPeer esme(world);
  esme.Connect(world.address);
  EXPECT_EQ(esme.ReceiveAll(), "");
  EXPECT_EQ(world.server->turned_away(), 1u);
  EXPECT_EQ(world.server->connections(), 1u);
}

TEST(Server, RefusesWithTheStatusItsCallerGives) {
  Loopback world;
  world.on_accept = [](Recorder& told, const std::shared_ptr<Channel>& channel) {
    told.on_bind = [weak = std::weak_ptr(channel)] {
      weak.lock()->RefuseBind(CommandStatus::kRalyBnd);
    };
  };
  world.Serve();
  RawPeer esme(world);
  esme.Connect(world.address);
  std::string octets;
  ASSERT_FALSE(EncodeBody(1, Bind{.system_id = "x"}, octets));
  esme.Send(octets);
  EXPECT_EQ(base::Hex(esme.ReceiveAll()), "00000010800000090000000500000001");
}

TEST(Server, UnbindsEveryoneWhenDrained) {
  Loopback world;
  world.Serve();
  Link::Config config = world.ToServer();
  config.redial.peer_unbound = 1h;
  world.Dial(config);
  ASSERT_TRUE(world.Bound());
  bool done = false;
  asio::co_spawn(world.loop, AwaitDrain(*world.server, done), asio::detached);
  ASSERT_TRUE(world.Until([&] { return done; }));
  EXPECT_EQ(world.esme.told.ends.at(0).cause, EndCause::kPeerUnbound);
  EXPECT_EQ(world.peers.at(0).told->ends.at(0).cause, EndCause::kUnbound);
}

TEST(Server, AnswersEnquireLinkWhileItsQueueIsFull) {
  Loopback world;
  Server::Config config;
  config.session.peer_window = 1;
  world.on_accept = [](Recorder& told, const auto&) { told.on_request = nullptr; };
  world.Serve(config);
  Link::Config to = world.ToServer();
  to.session.enquire_after = 10ms;
  world.Dial(to);
  ASSERT_TRUE(world.Bound());
  world.Submit(1);
  world.Submit(2);
  ASSERT_TRUE(world.Until([&] { return !world.esme.told.answers.empty(); }));
  EXPECT_EQ(world.esme.told.answers[0].token, 2u);
  EXPECT_EQ(world.esme.told.answers[0].status, CommandStatus::kRthrottled);
  EXPECT_TRUE(world.Until(
      [&] { return world.link->counters().sessions.enquiries_out > 3 && world.link->bound(); }));
}

TEST(Server, SaysWhereItCannotListen) {
  asio::io_context loop(1);
  Server nowhere(loop, {.listen = "nowhere"}, nullptr);
  EXPECT_EQ(nowhere.Listen().error().code, Code::kInvalidArgument);
  Server first(loop, {.listen = "127.0.0.1:0"}, nullptr);
  ASSERT_TRUE(first.Listen());
  Server second(loop, {.listen = first.address()}, nullptr);
  EXPECT_EQ(second.Listen().error().code, Code::kUnavailable);
}

}  // namespace
}  // namespace drover::smpp
