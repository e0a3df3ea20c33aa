#include "services/operations/core/dependencies.h"

#include <gtest/gtest.h>

#include "services/operations/core/checks.h"

namespace drover::operations {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

const TimePoint kNow(seconds(1'800'000'000));

Stored Blocked() {
  Stored out;
  out.device_id = "IMEI:1";
  out.id = "a";
  out.version = 1;
  out.ready = false;
  out.expires_at = kNow + hours(24);
  return out;
}

v1::SubmitOperationsRequest Chain(std::vector<std::vector<std::string>> dependencies) {
  v1::SubmitOperationsRequest out;
  for (const auto& on : dependencies) {
    v1::NewOperation* operation = out.add_operations();
    operation->mutable_depends_on()->Assign(on.begin(), on.end());
  }
  return out;
}

TEST(CheckDependencies, RefusesCirclesOfAnyLength) {
  EXPECT_TRUE(CheckDependencies(Chain({{}, {"#0"}, {"#1", "#0"}})));
  EXPECT_TRUE(CheckDependencies(Chain({{"#2"}, {}, {"#1"}}))) << "the order is free";
  EXPECT_EQ(CheckDependencies(Chain({{"#1"}, {"#0"}})).error().message,
            "operations[0].depends_on: goes round in a circle");
  EXPECT_FALSE(CheckDependencies(Chain({{}, {"#3"}, {"#1"}, {"#2"}})));
}

TEST(DependenciesOf, PutsIdsInPlaceOfIndicesOnceEach) {
  const auto request = Chain({{"#1", "017F22E2-79B0-7000-BF11-223344556677", "#1"}, {}});
  EXPECT_EQ(DependenciesOf(request.operations(0), {"first", "second"}),
            (std::vector<std::string>{"second", "017f22e2-79b0-7000-bf11-223344556677"}));
}

TEST(Unblock, LetsGoWhenAllHaveSucceeded) {
  const Unblocked out = Unblock(Blocked(), {{"x", v1::SUCCEEDED}, {"y", v1::SUCCEEDED}}, kNow, 0.5);
  EXPECT_TRUE(out.wake);
  EXPECT_TRUE(out.change.ready);
  EXPECT_EQ(out.change.attempts, 1);
  EXPECT_EQ(out.change.added.history_size(), 0);
}

TEST(Unblock, WaitsWhileOneIsOpenAndLooksAgain) {
  for (const v1::State state : {v1::PENDING, v1::NOTIFIED, v1::RUNNING, v1::WAITING}) {
    const Unblocked out = Unblock(Blocked(), {{"x", v1::SUCCEEDED}, {"y", state}}, kNow, 0);
    EXPECT_FALSE(out.wake);
    EXPECT_FALSE(out.change.ready);
    EXPECT_EQ(out.change.due_at, kNow + seconds(60));
  }
}

TEST(Unblock, FailsWithTheOneThatDidNotSucceed) {
  const std::pair<std::optional<v1::State>, const char*> rows[] = {
      {v1::FAILED, "depends on y, which FAILED"},
      {v1::EXPIRED, "depends on y, which is EXPIRED"},
      {v1::CANCELLED, "depends on y, which is CANCELLED"},
      {std::nullopt, "depends on y, which is not kept any more"}};
  for (const auto& [state, cause] : rows) {
    const Unblocked out = Unblock(Blocked(), {{"x", v1::RUNNING}, {"y", state}}, kNow, 0.5);
    EXPECT_EQ(out.change.state, v1::FAILED);
    EXPECT_EQ(out.change.cause, cause);
    EXPECT_FALSE(out.wake);
  }
}

TEST(Unblock, WaitsForItsTimeAndIsWokenALittleLater) {
  Stored operation = Blocked();
  operation.standing.not_before = kNow + hours(1);
  const Unblocked early = Unblock(operation, {}, kNow, 0.5);
  EXPECT_FALSE(early.change.ready);
  EXPECT_EQ(early.change.due_at, kNow + hours(1));
  const TimePoint then = kNow + hours(1);
  const Unblocked due = Unblock(operation, {}, then, 0.5);
  EXPECT_TRUE(due.change.ready);
  EXPECT_FALSE(due.wake) << "the wake-up comes by itself when it is due";
  EXPECT_EQ(due.change.attempts, 0);
  EXPECT_GE(*due.change.due_at, then);
  EXPECT_LE(*due.change.due_at, then + seconds(5));
}

TEST(Unblock, AsksForDependenciesOnlyBeforeTheFirstAttempt) {
  Stored operation = Blocked();
  operation.standing.attempt = 2;
  operation.standing.not_before = kNow;
  EXPECT_TRUE(Unblock(operation, {{"x", std::nullopt}}, kNow, 0).change.ready);
}

v1::NewOperation Write(std::string device, std::string target, std::string data) {
  v1::NewOperation out;
  out.set_device_id(std::move(device));
  v1::Command* command = out.add_commands();
  command->set_verb(v1::REPLACE);
  command->set_target(std::move(target));
  command->set_data(std::move(data));
  command->set_has_data(true);
  return out;
}

TEST(PlanChecks, AsksOnceForAllThatAreAlike) {
  v1::SubmitOperationsRequest request;
  for (int i = 0; i < 1000; ++i) {
    *request.add_operations() =
        Write("IMEI:" + std::to_string(i), "./A", std::string(static_cast<size_t>(i % 7), 'x'));
  }
  const std::vector<Check> checks = PlanChecks(request);
  ASSERT_EQ(checks.size(), 1u);
  EXPECT_EQ(checks[0].question.device_ids_size(), 1000);
  EXPECT_EQ(checks[0].question.commands_size(), 1);
  EXPECT_EQ(checks[0].question.commands(0).size_octets(), 6u);
  EXPECT_EQ(checks[0].question.commands(0).format(), "chr");
  EXPECT_TRUE(checks[0].largest);
}

TEST(PlanChecks, AsksOneTerminalOnceForManyDifferentOnes) {
  v1::SubmitOperationsRequest request;
  for (int i = 0; i < 100; ++i) {
    *request.add_operations() = Write("IMEI:1", "./A/" + std::to_string(i), "x");
  }
  const std::vector<Check> checks = PlanChecks(request);
  ASSERT_EQ(checks.size(), 1u);
  EXPECT_EQ(checks[0].question.commands_size(), 100);
  EXPECT_FALSE(checks[0].largest);
}

TEST(PlanChecks, AsksNothingOfWhatIsUncheckedNorOfPrompts) {
  v1::SubmitOperationsRequest request;
  *request.add_operations() = Write("IMEI:1", "./A", "x");
  request.mutable_operations(0)->set_unchecked(true);
  request.add_operations()->add_commands()->set_verb(v1::PROMPT);
  EXPECT_TRUE(PlanChecks(request).empty());
}

TEST(ViolationsIn, NamesTheOperationAndTheCommandBehindAPrompt) {
  v1::SubmitOperationsRequest request;
  *request.add_operations() = Write("IMEI:1", "./A", "x");
  *request.add_operations() = Write("IMEI:2", "./B", "x");
  v1::NewOperation& gated = *request.mutable_operations(1);
  *gated.add_commands() = gated.commands(0);
  gated.mutable_commands(0)->Clear();
  gated.mutable_commands(0)->set_verb(v1::PROMPT);
  for (const Check& check : PlanChecks(request)) {
    if (check.question.commands(0).target() != "./B") continue;
    tree::v1::CheckCommandsResponse answer;
    auto* violation = answer.add_violations();
    violation->set_device_id("IMEI:2");
    violation->set_index(0);
    violation->set_node("./B");
    violation->set_reason("no such node");
    const std::vector<Violation> violations = ViolationsIn(check, answer);
    ASSERT_EQ(violations.size(), 1u);
    EXPECT_EQ(InWords(violations[0]), "operations[1].commands[1]: ./B: no such node");
    return;
  }
  FAIL() << "nothing was asked about ./B";
}

}  // namespace
}  // namespace drover::operations
