#include "services/operations/core/conclude.h"

#include <gtest/gtest.h>

#include "services/operations/core/progress.h"
#include "services/operations/core/states.h"

namespace drover::operations {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using Policy = v1::RetryPolicy;

const TimePoint kNow(seconds(1'800'000'000));

Stored Running(uint32_t attempts, std::vector<Policy::Cause> on = {}) {
  Stored out;
  out.device_id = "IMEI:1";
  out.id = "017f22e2-79b0-7000-bf11-223344556677";
  out.version = 3;
  out.state = v1::RUNNING;
  out.expires_at = kNow + hours(24);
  out.spec.mutable_retry()->set_max_attempts(attempts);
  for (const Policy::Cause cause : on) out.spec.mutable_retry()->add_on(cause);
  return out;
}

Change Failed(const Stored& operation, Failure failure) {
  Change change(operation);
  Conclude(operation, {v1::FAILED, "it failed", failure}, kNow, &change);
  return change;
}

TEST(Backoff, DoublesUpToItsMostAFifthMoreOrLess) {
  Policy policy;
  EXPECT_EQ(Backoff(policy, 2, 0.5), seconds(30));
  EXPECT_EQ(Backoff(policy, 3, 0.5), seconds(60));
  EXPECT_EQ(Backoff(policy, 2, 0), seconds(24));
  EXPECT_EQ(Backoff(policy, 2, 1), seconds(36));
  EXPECT_EQ(Backoff(policy, 100, 0.5), minutes(60));
  policy.mutable_initial_backoff()->set_nanos(500'000'000);
  policy.mutable_max_backoff()->set_seconds(3);
  EXPECT_EQ(Backoff(policy, 2, 0.5), milliseconds(500));
  EXPECT_EQ(Backoff(policy, 4, 0.5), seconds(2));
  EXPECT_EQ(Backoff(policy, 5, 0.5), seconds(3));
}

TEST(JitterOf, SpreadsOperationsAndAttempts) {
  double sum = 0;
  for (int i = 0; i < 1000; ++i) sum += JitterOf("operation " + std::to_string(i), 1);
  EXPECT_NEAR(sum / 1000, 0.5, 0.05);
  EXPECT_NE(JitterOf("a", 1), JitterOf("a", 2));
}

// Which causes make another attempt, whatever the policy names.
TEST(Conclude, TriesAgainForTheCausesOfItsPolicyAlone) {
  const std::pair<Policy::Cause, Failure> causes[] = {
      {Policy::NOT_ANSWERED, Failure::kNotAnswered},
      {Policy::BUSY, Failure::kBusy},
      {Policy::USER_NOT_NOW, Failure::kUserNotNow},
      {Policy::ALERT_FAILED, Failure::kAlertFailed}};
  const Failure failures[] = {Failure::kNone,       Failure::kNotAnswered, Failure::kBusy,
                              Failure::kUserNotNow, Failure::kAlertFailed, Failure::kOther};
  for (const auto& [cause, covered] : causes) {
    for (const Failure failure : failures) {
      const Change change = Failed(Running(2, {cause}), failure);
      EXPECT_EQ(change.state, failure == covered ? v1::PENDING : v1::FAILED);
    }
  }
  for (const Failure failure : failures) {
    const bool any = failure != Failure::kNone;
    EXPECT_EQ(Failed(Running(2, {Policy::ANY}), failure).state, any ? v1::PENDING : v1::FAILED);
    const bool standard = failure == Failure::kNotAnswered || failure == Failure::kBusy;
    EXPECT_EQ(Failed(Running(2), failure).state, standard ? v1::PENDING : v1::FAILED);
    EXPECT_EQ(Failed(Running(0), failure).state, v1::FAILED);
    EXPECT_EQ(Failed(Running(1, {Policy::ANY}), failure).state, v1::FAILED);
  }
}

TEST(Conclude, EndsWithTheLastAttemptAndSaysSo) {
  Stored operation = Running(3);
  operation.standing.attempt = 3;
  EXPECT_EQ(Failed(operation, Failure::kBusy).cause, "it failed; attempt 3 of 3");
  operation.standing.attempt = 2;
  const Change change = Failed(operation, Failure::kBusy);
  EXPECT_EQ(change.standing.attempt, 3);
  EXPECT_FALSE(change.ready);
  EXPECT_EQ(change.due_at, change.standing.not_before);
}

TEST(Conclude, DoesNotTryAgainBehindItsExpiry) {
  Stored operation = Running(3);
  operation.expires_at = kNow + seconds(10);
  EXPECT_EQ(Failed(operation, Failure::kBusy).cause,
            "it failed; attempt 1 of 3, it expires before the next");
}

TEST(Conclude, SaysThatACancellationCameTooLate) {
  Stored operation = Running(3);
  operation.standing.cancel_requested = true;
  EXPECT_EQ(Failed(operation, Failure::kBusy).cause,
            "it failed; not tried again: it was cancelled");
  EXPECT_EQ(Failed(operation, Failure::kOther).cause,
            "it failed; it could not be cancelled any more");
  Change done(operation);
  Conclude(operation, {v1::SUCCEEDED, "", Failure::kNone}, kNow, &done);
  EXPECT_EQ(done.state, v1::SUCCEEDED);
  EXPECT_EQ(done.cause, "it was to be cancelled, but the terminal had carried it out");
  Change waiting(operation);
  Conclude(operation, {v1::WAITING, "", Failure::kNone}, kNow, &waiting);
  EXPECT_EQ(waiting.state, v1::CANCELLED);
  EXPECT_EQ(waiting.cause,
            "cancelled by the operator; the terminal has it and may still finish it");
}

// Every state: what a cancellation makes of it.
TEST(Cancel, IsAsEachStateAllows) {
  struct Row {
    v1::State state;
    bool uncertain;
    std::optional<v1::State> after;  // nullopt: refused.
    const char* cause;
  };
  const Row rows[] = {
      {v1::PENDING, false, v1::CANCELLED, "wrong"},
      {v1::PENDING, true, v1::CANCELLED,
       "wrong; a session broke after it was sent, it may have been done"},
      {v1::NOTIFIED, false, v1::CANCELLED, "wrong"},
      {v1::RUNNING, false, v1::RUNNING, ""},
      {v1::WAITING, false, v1::CANCELLED, "wrong; the terminal has it and may still finish it"},
      {v1::SUCCEEDED, false, std::nullopt, "the operation is SUCCEEDED already"},
      {v1::FAILED, false, std::nullopt, "the operation is FAILED already"},
      {v1::EXPIRED, false, std::nullopt, "the operation is EXPIRED already"}};
  for (const Row& row : rows) {
    Stored operation = Running(0);
    operation.state = row.state;
    operation.uncertain = row.uncertain;
    const auto change = Cancel(operation, "wrong", kNow);
    ASSERT_EQ(change.has_value(), row.after.has_value()) << Name(row.state);
    if (!row.after) {
      EXPECT_EQ(change.error().message, row.cause);
      continue;
    }
    ASSERT_TRUE(*change);
    EXPECT_EQ((*change)->state, *row.after);
    EXPECT_EQ((*change)->cause, row.cause);
    EXPECT_EQ((*change)->standing.cancel_requested, row.state == v1::RUNNING);
    EXPECT_EQ((*change)->added.history_size(), 1) << "it is told in any case";
  }
}

TEST(Cancel, ChangesNothingTheSecondTime) {
  Stored operation = Running(0);
  operation.state = v1::CANCELLED;
  EXPECT_FALSE(*Cancel(operation, "", kNow));
  operation.state = v1::RUNNING;
  operation.standing.cancel_requested = true;
  EXPECT_FALSE(*Cancel(operation, "", kNow));
}

TEST(Standing, IsStoredAsItIsAndAsNothingIfThereIsNone) {
  EXPECT_EQ(EncodeStanding({}), "");
  Standing standing;
  standing.attempt = 3;
  standing.not_before = kNow;
  standing.cancel_requested = true;
  standing.cancel_reason = "wrong";
  standing.reading_state = true;
  standing.read_state_until = kNow + hours(1);
  Standing read;
  ASSERT_TRUE(DecodeStanding(EncodeStanding(standing), &read));
  EXPECT_EQ(read, standing);
}

TEST(StateNode, IsWhereEachManagementObjectTells) {
  const std::pair<const char*, const char*> rows[] = {
      {"./FUMO/P1/Update", "./FUMO/P1/State"},
      {"./FwUpdate/DownloadAndUpdate", "./FwUpdate/State"},
      {"./FUMO/P1/Download", "./FUMO/P1/State"},
      {"./SCM/Download/X/Operations/Download", "./SCM/Download/X/Status"},
      {"./SCM/Inventory/Delivered/X/Operations/Install", "./SCM/Inventory/Delivered/X/Status"},
      {"./SCM/Inventory/Deployed/X/Operations/Activate", "./SCM/Inventory/Deployed/X/State"},
      {"./LAWMO/Operations/FullyLock", "./LAWMO/State"},
      {"./LAWMO/Operations/Wipe", ""},
      {"./DiagMon/X/Operations/Start", ""},
      {"./Reboot", ""}};
  for (const auto& [target, node] : rows) {
    v1::Command exec;
    exec.set_verb(v1::EXEC);
    exec.set_target(target);
    EXPECT_EQ(StateNode(exec).value_or(""), node) << target;
    exec.set_verb(v1::GET);
    EXPECT_FALSE(StateNode(exec));
  }
}

}  // namespace
}  // namespace drover::operations
