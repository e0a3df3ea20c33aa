#include "services/operations/core/due.h"

#include <gtest/gtest.h>

#include "services/operations/core/states.h"

namespace drover::operations {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const TimePoint kNow(std::chrono::seconds(1'800'000'000));

Stored Operation(v1::State state) {
  Stored out;
  out.device_id = "IMEI:1";
  out.id = "a";
  out.version = 3;
  out.state = state;
  out.attempts = 1;
  out.updated_at = kNow - minutes(2);
  out.expires_at = kNow + hours(24);
  return out;
}

TEST(WakeAfter, GrowsFromAMinuteToAnHourAndStaysThere) {
  EXPECT_EQ(WakeAfter(1, 0.5), minutes(1));
  EXPECT_EQ(WakeAfter(2, 0.5), minutes(5));
  EXPECT_EQ(WakeAfter(3, 0.5), minutes(15));
  EXPECT_EQ(WakeAfter(4, 0.5), minutes(60));
  EXPECT_EQ(WakeAfter(1000, 0.5), minutes(60));
}

TEST(WakeAfter, IsAFifthMoreOrLessByJitter) {
  EXPECT_EQ(WakeAfter(2, 0), minutes(4));
  EXPECT_EQ(WakeAfter(2, 1), minutes(6));
}

TEST(WhenDue, WakesAQueuedOperationAgain) {
  for (const v1::State state : {v1::PENDING, v1::NOTIFIED}) {
    const Due due = WhenDue(Operation(state), kNow, {}, 0.5);
    EXPECT_EQ(due.action, Due::Action::kWake);
    EXPECT_EQ(due.change.state, state);
    EXPECT_EQ(due.change.attempts, 2);
    EXPECT_EQ(due.change.due_at, kNow + minutes(5));
    EXPECT_EQ(due.change.added.history_size(), 0);
  }
}

TEST(WhenDue, LooksAgainNoLaterThanTheExpiry) {
  Stored operation = Operation(v1::PENDING);
  operation.expires_at = kNow + minutes(3);
  EXPECT_EQ(WhenDue(operation, kNow, {}, 0.5).change.due_at, operation.expires_at);
}

TEST(WhenDue, ExpiresAQueuedOperationWhoseTimePassed) {
  Stored operation = Operation(v1::NOTIFIED);
  operation.expires_at = kNow;
  const Due due = WhenDue(operation, kNow, {}, 0.5);
  EXPECT_EQ(due.action, Due::Action::kExpire);
  EXPECT_EQ(due.change.state, v1::EXPIRED);
  EXPECT_EQ(due.change.cause, "its time passed before the terminal took it");
  EXPECT_FALSE(due.change.due_at);
}

TEST(WhenDue, SaysThatAnUncertainOperationMayHaveBeenDone) {
  Stored operation = Operation(v1::PENDING);
  operation.expires_at = kNow;
  operation.uncertain = true;
  EXPECT_NE(WhenDue(operation, kNow, {}, 0.5).change.cause.find("may have been done"),
            std::string::npos);
}

TEST(WhenDue, PutsOffWhatIsWithATerminalUntilItsPatienceEnds) {
  const Patience patience{.session = minutes(60), .async = hours(1)};
  for (const v1::State state : {v1::RUNNING, v1::WAITING}) {
    const Due due = WhenDue(Operation(state), kNow, patience, 0.5);
    EXPECT_EQ(due.action, Due::Action::kPutOff);
    EXPECT_EQ(due.change.due_at, kNow + minutes(58));
    EXPECT_EQ(due.change.added.history_size(), 0);
  }
}

TEST(WhenDue, TakesBackWhatASilentSessionHolds) {
  const Due due = WhenDue(Operation(v1::RUNNING), kNow, {.session = minutes(2)}, 0.5);
  EXPECT_EQ(due.action, Due::Action::kRelease);
  EXPECT_EQ(due.change.state, v1::PENDING);
  EXPECT_TRUE(due.change.uncertain);
  EXPECT_EQ(due.change.due_at, kNow + minutes(1));
}

TEST(WhenDue, FailsWhatNoAlertEnded) {
  const Due due = WhenDue(Operation(v1::WAITING), kNow, {.async = minutes(2)}, 0.5);
  EXPECT_EQ(due.action, Due::Action::kGiveUp);
  EXPECT_EQ(due.change.state, v1::FAILED);
  EXPECT_EQ(due.change.cause, "the terminal accepted it (202), but no alert came");
}

}  // namespace
}  // namespace drover::operations
