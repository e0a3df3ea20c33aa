#include "services/session/handlers/notifier.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include "services/session/testing/fakes.h"

namespace drover::session {
namespace {

constexpr char kA1[] = "W4WHiiW6qDIPgc2qzgbrFw==";  // dmserver:secret

class NotifierTest : public ::testing::Test {
 protected:
  std::vector<Result<std::string>> Make(std::vector<NotificationWish> wishes) {
    Result<std::vector<Result<std::string>>> made = Unavailable("not run");
    asio::co_spawn(loop_.get_executor(), Run(std::move(wishes), &made), asio::detached);
    loop_.restart();
    loop_.run();
    EXPECT_TRUE(made) << made.error().message;
    return made ? *std::move(made) : std::vector<Result<std::string>>();
  }
  void Enrol(const std::string& device, const std::string& nonce) {
    Account account;
    account.server_a1 = kA1;
    account.server_nonce = nonce;
    tree_.accounts[DeviceId(device)] = account;
  }

  asio::io_context loop_{1};
  FakeSessionStore store_;
  FakeTree tree_;
  Notifier notifier_{loop_, store_, tree_, "dmserver"};

 private:
  Process Run(std::vector<NotificationWish> wishes,
              Result<std::vector<Result<std::string>>>* made) {
    const Deadline deadline = In(std::chrono::seconds(5));
    *made = co_await notifier_.Make(std::move(wishes), deadline);
  }
};

bool Proves(const Result<std::string>& made, std::string_view nonce) {
  const auto package = notification::DecodePackage0(*made);
  return package && notification::Verify(*package, kA1, nonce);
}

TEST_F(NotifierTest, TakesTheNonceOfTheEnrolmentUntilASessionMovedIt) {
  Enrol("IMEI:1", "enrolled");
  Enrol("IMEI:2", "enrolled");
  store_.nonces_of[DeviceId("IMEI:2")].known = true;
  store_.nonces_of[DeviceId("IMEI:2")].server_nonce = "moved";
  const auto made = Make({{.device = DeviceId("IMEI:1"), .session_id = 7},
                          {.device = DeviceId("IMEI:2"), .session_id = 8}});
  ASSERT_EQ(made.size(), 2U);
  ASSERT_TRUE(made[0] && made[1]);
  EXPECT_TRUE(Proves(made[0], "enrolled"));
  EXPECT_TRUE(Proves(made[1], "moved"));
  EXPECT_EQ(notification::DecodePackage0(*made[1])->trigger.session_id, 8);
}

TEST_F(NotifierTest, SaysOfEachTerminalWhyThereIsNone) {
  Enrol("IMEI:1", "n");
  tree_.accounts[DeviceId("IMEI:1")].enabled = false;
  Enrol("IMEI:2", "n");
  tree_.accounts[DeviceId("IMEI:2")].server_a1.clear();
  Enrol("IMEI:4", "n");
  const auto made = Make({{.device = DeviceId("IMEI:1"), .session_id = 1},
                          {.device = DeviceId("IMEI:2"), .session_id = 1},
                          {.device = DeviceId("IMEI:3"), .session_id = 1},
                          {.device = DeviceId("IMEI:4"), .session_id = 1}});
  ASSERT_EQ(made.size(), 4U);
  EXPECT_EQ(made[0].error().code, Code::kFailedPrecondition);
  EXPECT_EQ(made[1].error().code, Code::kFailedPrecondition);
  EXPECT_EQ(made[2].error().code, Code::kNotFound);
  EXPECT_TRUE(made[3]);
}

TEST_F(NotifierTest, MakesMoreThanAreUnderWayAtATime) {
  std::vector<NotificationWish> wishes;
  for (int i = 0; i < 1000; ++i) {
    const std::string device = "IMEI:" + std::to_string(i);
    Enrol(device, device);
    wishes.push_back({.device = DeviceId(device), .session_id = 1});
  }
  const auto made = Make(std::move(wishes));
  ASSERT_EQ(made.size(), 1000U);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(made[i]);
    EXPECT_TRUE(Proves(made[i], "IMEI:" + std::to_string(i)));
  }
}

TEST_F(NotifierTest, SaysUnavailableWhileRedisIsAway) {
  Enrol("IMEI:1", "n");
  store_.down = true;
  const auto made = Make({{.device = DeviceId("IMEI:1"), .session_id = 1}});
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0].error().code, Code::kUnavailable);
}

}  // namespace
}  // namespace drover::session
