// What comes from the other side of a stream that does not keep to the rules, octet by octet.
#include "libs/service/frame_link.h"

#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "libs/http/testing/loop_thread.h"
#include "libs/http/testing/raw_client.h"
#include "libs/service/door.h"
#include "libs/service/stream.h"

namespace drover::service {
namespace {

using http::testing::LoopThread;
using http::testing::RawClient;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::string Frame(FrameLink::Kind kind, const std::string& payload) {
  std::string frame{0, 0, 0, static_cast<char>(payload.size()), static_cast<char>(kind)};
  return frame + payload;
}
const std::string kHello = Frame(FrameLink::Kind::kHello, std::string("echo\0secret", 11));

// Sends every batch back, and closes on an empty one.
class Echo final : public StreamService {
 public:
  std::string stream_name() const override { return "echo"; }
  void Open(const std::shared_ptr<FrameLink>& link) override {
    link->HandTo(std::make_shared<Peer>(link), {.frame_octets = 100, .unsent_octets = 1000});
    link->Send(FrameLink::Kind::kWelcome, {});
  }

 private:
  struct Peer final : FrameLink::Sink {
    explicit Peer(const std::shared_ptr<FrameLink>& l) : link(l) {}
    void OnFrame(FrameLink::Kind kind, std::string_view payload) override {
      const std::shared_ptr<FrameLink> open = link.lock();
      if (payload.empty()) return open->CloseWhenSent();
      open->Send(kind, payload);
    }
    void OnLost(const Error&) override {}
    std::weak_ptr<FrameLink> link;
  };
};

class FrameDoor : public ::testing::Test {
 protected:
  FrameDoor() {
    loop_.Do([this] {
      calls_.emplace(loop_.loop, "secret");
      Open(seconds(10));
    });
  }
  ~FrameDoor() override {
    loop_.Do([this] { door_.reset(); });
  }
  void Open(milliseconds patience) {
    door_.emplace(
        *calls_, [](int) { FAIL() << "this is no gRPC"; }, patience);
    door_->Add(echo_);
    const Result<void> listening = door_->Listen("127.0.0.1:0");
    EXPECT_TRUE(listening) << listening.error();
  }
  // What comes back until the other side closes.
  std::string Say(const std::string& octets) {
    RawClient client(loop_.Do([this] { return door_->address(); }));
    EXPECT_TRUE(client.Send(octets));
    return client.ReceiveAll();
  }

  LoopThread loop_;
  Echo echo_;
  std::optional<Calls> calls_;
  std::optional<Door> door_;
};

const std::string kEnd = Frame(FrameLink::Kind::kBatch, "");

TEST_F(FrameDoor, WelcomesWhoShowsTheTokenAndCarriesFramesBothWays) {
  const std::string batch = Frame(FrameLink::Kind::kBatch, "octets");
  EXPECT_EQ(Say(std::string(kStreamPreamble) + kHello + batch + batch + kEnd),
            Frame(FrameLink::Kind::kWelcome, "") + batch + batch);
}

TEST_F(FrameDoor, AnswersAPing) {
  EXPECT_EQ(Say(std::string(kStreamPreamble) + kHello + Frame(FrameLink::Kind::kPing, "") + kEnd),
            Frame(FrameLink::Kind::kWelcome, "") + Frame(FrameLink::Kind::kPong, ""));
}

TEST_F(FrameDoor, RefusesAWrongTokenAndAStreamThatIsNotServed) {
  const std::string wrong = Frame(FrameLink::Kind::kHello, std::string("echo\0secrets", 12));
  const std::string refused = Say(std::string(kStreamPreamble) + wrong);
  ASSERT_GT(refused.size(), 6U);
  EXPECT_EQ(refused[4], static_cast<char>(FrameLink::Kind::kRefusal));
  EXPECT_EQ(refused[5], static_cast<char>(Code::kUnauthenticated));
  const std::string other = Frame(FrameLink::Kind::kHello, std::string("other\0secret", 12));
  const std::string unknown = Say(std::string(kStreamPreamble) + other);
  ASSERT_GT(unknown.size(), 6U);
  EXPECT_EQ(unknown[5], static_cast<char>(Code::kUnimplemented));
}

TEST_F(FrameDoor, ClosesOnWhatIsNoStream) {
  EXPECT_EQ(Say("drover/9" + kHello), "");                         // Another version.
  EXPECT_EQ(Say(std::string(kStreamPreamble) + kEnd), "");         // No hello.
  EXPECT_EQ(Say(std::string(kStreamPreamble) + "\xff\xff\xff\xff"  // Too long.
                                               "\x01"),
            "");
}

TEST_F(FrameDoor, EndsAStreamWhoseFrameIsTooLong) {
  const std::string long_frame = Frame(FrameLink::Kind::kBatch, std::string(101, 'x'));
  const std::string came = Say(std::string(kStreamPreamble) + kHello + long_frame);
  EXPECT_EQ(came.find('x'), std::string::npos);
}

TEST_F(FrameDoor, SendsAwayWhoDoesNotShowTheTokenWhateverElseComes) {
  loop_.Do([this] { Open(milliseconds(50)); });
  RawClient client(loop_.Do([this] { return door_->address(); }));
  ASSERT_TRUE(client.Send(kStreamPreamble));
  while (client.Send(Frame(FrameLink::Kind::kPing, ""))) {
    std::this_thread::sleep_for(milliseconds(5));
  }
}

TEST_F(FrameDoor, KeepsWhoHasShownIt) {
  loop_.Do([this] { Open(milliseconds(50)); });
  RawClient client(loop_.Do([this] { return door_->address(); }));
  ASSERT_TRUE(client.Send(std::string(kStreamPreamble) + kHello));
  std::this_thread::sleep_for(milliseconds(150));
  ASSERT_TRUE(client.Send(Frame(FrameLink::Kind::kBatch, "octets") + kEnd));
  EXPECT_EQ(client.ReceiveAll(),
            Frame(FrameLink::Kind::kWelcome, "") + Frame(FrameLink::Kind::kBatch, "octets"));
}

TEST(OctetQueue, KeepsWhatIsInItWhenItGrowsAndWhenItMovesUp) {
  OctetQueue queue;
  const auto put = [&queue](const std::string& octets) {
    std::copy(octets.begin(), octets.end(), queue.Room(octets.size()));
    queue.Filled(octets.size());
  };
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    const std::string octets = std::to_string(i) + ";";
    put(octets);
    expected += octets;
    if (i % 3 != 0) {
      queue.Drop(3);
      expected.erase(0, 3);
    }
    ASSERT_EQ(std::string(queue.data(), queue.size()), expected);
  }
  queue.Drop(queue.size());
  EXPECT_EQ(queue.size(), 0U);
}

}  // namespace
}  // namespace drover::service
