#include "libs/wap/notification_push.h"

#include <gtest/gtest.h>

#include "libs/base/bytes.h"
#include "libs/dmauth/credentials.h"
#include "libs/notification/package0.h"
#include "libs/sms/segments.h"
#include "libs/wap/wsp_push.h"

namespace drover::wap {
namespace {

std::string Package(notification::UiMode ui_mode) {
  return notification::EncodePackage0(
             {.ui_mode = ui_mode, .session_id = 0x42, .server_id = "dmserver"},
             dmauth::A1("dmserver", "secret"), "nonce12345")
      .value();
}

TEST(NotificationPush, IsThatOfTheVector) {
  std::string push;
  AppendNotificationPush(0x01, Package(notification::UiMode::kBackground), push);
  const sms::Plan plan =
      sms::Plan::Make(push, {.ports = sms::Ports{sms::kPushPort, sms::kPushSourcePort}}).value();
  ASSERT_EQ(plan.count(), 1U);
  std::string user_data;
  plan.AppendSegment(1, 0, user_data);
  EXPECT_EQ(base::Hex(user_data),
            "0605040b8423f0010603c4af871d012d641848663bf1df916db565a0dc02d800000000420864"
            "6d736572766572");
  push.clear();
  AppendNotificationPush(0x01, Package(notification::UiMode::kUserInteraction), push);
  EXPECT_EQ(base::Hex(push).substr(0, 48), "010603c4af8760af064b83f5965c3dd7b9a66c11ceee02f8");
}

TEST(NotificationPush, IsWhatThePduOfItsHeadersWouldBe) {
  std::string short_cut;
  AppendNotificationPush(0x7F, "package", short_cut);
  std::string whole;
  ASSERT_TRUE(AppendPush({.tid = 0x7F,
                          .content_type = {.media = {kMediaSyncmlNotification, {}}},
                          .application_id = Name{kApplicationSyncmlDm, {}},
                          .headers = {},
                          .data = "package"},
                         whole));
  EXPECT_EQ(base::Hex(short_cut), base::Hex(whole));
}

}  // namespace
}  // namespace drover::wap
