#include "services/push/core/pap_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "drover/push/v1/push.pb.h"

namespace drover::push {
namespace {

using pap::StatusCode;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const TimePoint kNow{std::chrono::hours(490'000)};

StoredPush Row(const std::string& number, int state, int code, int seconds = 0) {
  StoredPush push;
  push.push_id = "1@pi";
  push.address = "WAPPUSH=+" + number + "/TYPE=PLMN@ppg";
  push.msisdn = number;
  push.state = state;
  push.code = code;
  push.accepted_at = kNow;
  if (state != v1::PENDING) push.ended_at = kNow + std::chrono::seconds(seconds);
  return push;
}

std::vector<StoredPush> Four() {
  return {Row("8613800000001", v1::DELIVERED, 1000, 5), Row("8613800000002", v1::PENDING, 1001),
          Row("8613800000003", v1::DELIVERED, 1000, 9), Row("8613800000004", v1::CANCELLED, 1000)};
}

TEST(StatusAnswer, TellsRecipientsInOneStateTogether) {
  const auto answer = StatusAnswer({"1@pi", {}}, Four());
  EXPECT_EQ(answer.push_id, "1@pi");
  ASSERT_EQ(answer.results.size(), 3U);
  EXPECT_EQ(answer.results[0].message_state, pap::MessageState::kPending);
  EXPECT_EQ(answer.results[0].code, StatusCode::kAcceptedForProcessing);
  EXPECT_EQ(answer.results[1].message_state, pap::MessageState::kDelivered);
  EXPECT_EQ(answer.results[1].addresses.size(), 2U);
  EXPECT_EQ(answer.results[1].event_time, kNow + std::chrono::seconds(9));
  EXPECT_EQ(answer.results[2].message_state, pap::MessageState::kCancelled);
}

TEST(StatusAnswer, TellsOnlyWhomItIsAskedAboutHoweverWritten) {
  const auto answer = StatusAnswer({"1@pi", {"8613800000002", "+86 139"}}, Four());
  ASSERT_EQ(answer.results.size(), 2U);
  EXPECT_EQ(answer.results[0].message_state, pap::MessageState::kPending);
  EXPECT_EQ(answer.results[1].code, StatusCode::kPushIdNotFound);
  EXPECT_THAT(answer.results[1].addresses, ElementsAre("+86 139"));
}

TEST(StatusAnswer, TellsTheQualityOfServiceThatWasAskedForAndTheBearer) {
  for (const auto priority : {pap::Priority::kLow, pap::Priority::kMedium, pap::Priority::kHigh}) {
    for (const auto method :
         {pap::DeliveryMethod::kConfirmed, pap::DeliveryMethod::kPreferConfirmed,
          pap::DeliveryMethod::kUnconfirmed, pap::DeliveryMethod::kNotSpecified}) {
      const pap::QualityOfService asked{.priority = priority, .delivery_method = method};
      StoredPush push = Row("8613800000001", v1::DELIVERED, 1000);
      push.quality = PackQuality(asked);
      const pap::QualityOfService told{
          .priority = priority, .delivery_method = method, .bearer = "SMS"};
      EXPECT_EQ(StatusAnswer({"1@pi", {}}, {push}).results.at(0).quality_of_service, told);
      EXPECT_EQ(NotificationOf(push, "ppg").quality_of_service, told);
    }
  }
}

TEST(StatusAnswer, OfAPushWithoutQualityOfServiceTellsNone) {
  EXPECT_EQ(PackQuality(std::nullopt), 0);
  EXPECT_FALSE(StatusAnswer({"1@pi", {}}, Four()).results.at(0).quality_of_service);
}

TEST(StatusAnswer, OfAnUnknownPushIs2004) {
  const auto answer = StatusAnswer({"1@pi", {}}, {});
  ASSERT_EQ(answer.results.size(), 1U);
  EXPECT_EQ(answer.results[0].code, StatusCode::kPushIdNotFound);
  EXPECT_THAT(answer.results[0].addresses, IsEmpty());
}

TEST(CancelAnswer, HasAResultForEachCode) {
  const auto answer = CancelAnswer({"1@pi", {}}, Four());
  ASSERT_EQ(answer.results.size(), 2U);
  EXPECT_EQ(answer.results[0].code, StatusCode::kOk);
  EXPECT_EQ(answer.results[0].addresses.size(), 2U);
  EXPECT_EQ(answer.results[1].code, StatusCode::kCancellationNotPossible);
  EXPECT_EQ(answer.results[1].addresses.size(), 2U);
}

TEST(CancelAnswer, OfAnUnknownPushOrAddressIs2004) {
  EXPECT_EQ(CancelAnswer({"1@pi", {}}, {}).results.at(0).code, StatusCode::kPushIdNotFound);
  const auto answer = CancelAnswer({"1@pi", {"8613999999999"}}, Four());
  ASSERT_EQ(answer.results.size(), 1U);
  EXPECT_EQ(answer.results[0].code, StatusCode::kPushIdNotFound);
  EXPECT_THAT(answer.results[0].addresses, ElementsAre("8613999999999"));
}

TEST(NotificationOf, TellsStateCodeAndTimes) {
  StoredPush push = Row("8613800000001", v1::UNDELIVERABLE, 2003, 7);
  push.cause = "no such subscriber";
  const auto message = NotificationOf(push, "Drover");
  EXPECT_EQ(message.push_id, "1@pi");
  EXPECT_EQ(message.sender_name, "Drover");
  EXPECT_EQ(message.received_time, kNow);
  EXPECT_EQ(message.event_time, kNow + std::chrono::seconds(7));
  EXPECT_EQ(message.message_state, pap::MessageState::kUndeliverable);
  EXPECT_EQ(message.code, StatusCode::kAddressNotFound);
  EXPECT_EQ(message.desc, "no such subscriber");
  EXPECT_EQ(message.address, push.address);
}

TEST(MessageStateOf, KnowsEveryState) {
  EXPECT_EQ(MessageStateOf(v1::EXPIRED), pap::MessageState::kExpired);
  EXPECT_EQ(MessageStateOf(v1::ABORTED), pap::MessageState::kAborted);
  EXPECT_EQ(MessageStateOf(v1::REJECTED), pap::MessageState::kRejected);
  EXPECT_EQ(MessageStateOf(v1::UNKNOWN), pap::MessageState::kUnknown);
  EXPECT_EQ(MessageStateOf(99), pap::MessageState::kUnknown);
}

}  // namespace
}  // namespace drover::push
