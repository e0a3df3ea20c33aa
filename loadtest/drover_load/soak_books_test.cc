#include "loadtest/drover_load/soak_books.h"

#include <gtest/gtest.h>

namespace drover::load {
namespace {

namespace v1 = operations::v1;
using terminal::Execution;

constexpr char kUri[] = "./S1/A";
constexpr std::chrono::steady_clock::time_point kEarlier{};
constexpr std::chrono::steady_clock::time_point kLater = kEarlier + std::chrono::minutes(2);

SoakOperation Replace(uint64_t serial, const std::string& value) {
  SoakOperation operation;
  operation.serial = serial;
  v1::Command& command = *operation.wanted.add_commands();
  command.set_verb(v1::REPLACE);
  command.set_target(kUri);
  command.set_data(value);
  operation.expected.emplace_back();
  return operation;
}

SoakOperation Update(uint64_t serial) {
  SoakOperation operation;
  operation.serial = serial;
  v1::Command& command = *operation.wanted.add_commands();
  command.set_verb(v1::EXEC);
  command.set_target("./FUMO/P1/DownloadAndUpdate");
  operation.expected.emplace_back();
  return operation;
}

// The operation as operations has it at its end.
v1::Operation Ended(const SoakOperation& planned, v1::State state, const std::string& cause = "") {
  v1::Operation operation;
  operation.set_id("op-" + std::to_string(planned.serial));
  operation.set_correlator(operation.id());
  operation.set_state(state);
  operation.set_cause(cause);
  *operation.mutable_commands() = planned.wanted.commands();
  operation.add_history()->set_state(v1::PENDING);
  operation.add_history()->set_state(state);
  return operation;
}

std::vector<Execution> Did(const std::string& value, uint16_t status = 200) {
  Execution execution;
  execution.kind = syncml::CommandKind::kReplace;
  execution.status = status;
  execution.uri = kUri;
  execution.digest = terminal::DigestOf(value);
  return {execution};
}

std::vector<Execution> DidExec(const std::string& correlator) {
  Execution execution;
  execution.kind = syncml::CommandKind::kExec;
  execution.status = 202;
  execution.correlator = correlator;
  return {execution};
}

class SoakBooksTest : public testing::Test {
 protected:
  void Accepted(const SoakOperation& operation) {
    books_.Plan(operation);
    books_.Accept(operation.serial, Ended(operation, v1::PENDING));
  }
  SoakBooks books_{1};
};

TEST_F(SoakBooksTest, AnOperationDoneOnceIsNeitherLostNorDoubled) {
  const SoakOperation operation = Replace(1, "x");
  Accepted(operation);
  books_.Executed(0, Did("x"));
  books_.Close(1, Ended(operation, v1::SUCCEEDED), kLater);
  EXPECT_EQ(books_.counts().lost, 0u);
  EXPECT_EQ(books_.counts().doubled, 0u);
  EXPECT_TRUE(books_.open().empty());
}

TEST_F(SoakBooksTest, ATerminalMayBeQuickerThanTheAnswerToTheOperator) {
  const SoakOperation operation = Replace(1, "x");
  books_.Plan(operation);
  books_.Executed(0, Did("x"));
  books_.Accept(1, Ended(operation, v1::PENDING));
  books_.Close(1, Ended(operation, v1::SUCCEEDED), kLater);
  EXPECT_EQ(books_.counts().lost + books_.counts().doubled, 0u);
}

TEST_F(SoakBooksTest, SucceededWithoutExecutionIsLost) {
  const SoakOperation operation = Replace(1, "x");
  Accepted(operation);
  books_.Executed(0, Did("x", 500));
  books_.Close(1, Ended(operation, v1::SUCCEEDED), kLater);
  EXPECT_EQ(books_.counts().lost, 1u);
}

TEST_F(SoakBooksTest, TwoExecutionsAreDoubled) {
  const SoakOperation operation = Replace(1, "x");
  Accepted(operation);
  books_.Executed(0, Did("x"));
  books_.Executed(0, Did("x"));
  books_.Close(1, Ended(operation, v1::SUCCEEDED), kLater);
  EXPECT_EQ(books_.counts().doubled, 1u);
}

TEST_F(SoakBooksTest, AnExecutionAfterTheEndIsDoubled) {
  const SoakOperation operation = Replace(1, "x");
  Accepted(operation);
  books_.Executed(0, Did("x"));
  books_.Close(1, Ended(operation, v1::SUCCEEDED), kLater);
  books_.Executed(0, Did("x"));
  EXPECT_EQ(books_.counts().doubled, 1u);
}

TEST_F(SoakBooksTest, AnAcceptedOperationWithoutEndIsLost) {
  Accepted(Replace(1, "x"));
  books_.CloseRest();
  EXPECT_EQ(books_.counts().lost, 1u);
}

TEST_F(SoakBooksTest, AnOperationThatWasNeverAcceptedIsNobodysLoss) {
  books_.Plan(Replace(1, "x"));
  books_.Withdraw(1);
  books_.CloseRest();
  EXPECT_EQ(books_.counts().lost, 0u);
}

TEST_F(SoakBooksTest, TwoEndsInTheHistoryAreDoubled) {
  const SoakOperation operation = Replace(1, "x");
  Accepted(operation);
  books_.Executed(0, Did("x"));
  v1::Operation ended = Ended(operation, v1::SUCCEEDED);
  ended.add_history()->set_state(v1::FAILED);
  books_.Close(1, ended, kLater);
  EXPECT_EQ(books_.counts().doubled, 1u);
}

TEST_F(SoakBooksTest, TwoEventsOfOneEndAreOneButTwoEndsAreNot) {
  Accepted(Replace(1, "x"));
  events::v1::OperationChanged event;
  event.set_operation_id("op-1");
  event.set_event_id("op-1/3");
  event.set_state("SUCCEEDED");
  EXPECT_EQ(books_.Heard(event), 1u);
  books_.Heard(event);
  EXPECT_EQ(books_.counts().doubled, 0u);
  event.set_event_id("op-1/4");
  books_.Heard(event);
  EXPECT_EQ(books_.counts().doubled, 1u);
}

TEST_F(SoakBooksTest, AReportThatWasAcknowledgedIsOnItsOperation) {
  const SoakOperation update = Update(1);
  Accepted(update);
  books_.Executed(0, DidExec("op-1"));
  books_.Acknowledged(0, 1, kEarlier);
  books_.Close(1, Ended(update, v1::FAILED, "the terminal accepted it (202), but no alert came"),
               kLater);
  EXPECT_EQ(books_.counts().lost, 1u);
}

TEST_F(SoakBooksTest, AReportThatCameWhenItsOperationWasGivenUpIsLateAndNotLost) {
  const SoakOperation update = Update(1);
  Accepted(update);
  books_.Executed(0, DidExec("op-1"));
  books_.Acknowledged(0, 1, kLater);
  books_.Close(1, Ended(update, v1::FAILED, "the terminal accepted it (202), but no alert came"),
               kLater);
  EXPECT_EQ(books_.counts().lost, 0u);
  EXPECT_EQ(
      books_.counts().apart.count("report-late: it came when its operation had been given up"), 1u);
}

TEST_F(SoakBooksTest, ATerminalMayHearOfTheAcknowledgementAfterTheEnd) {
  const SoakOperation update = Update(1);
  Accepted(update);
  books_.Executed(0, DidExec("op-1"));
  v1::Operation ended = Ended(update, v1::SUCCEEDED);
  ended.add_alerts()->set_correlator("op-1");
  books_.Close(1, ended, kEarlier);
  books_.Acknowledged(0, 1, kLater);
  EXPECT_TRUE(books_.counts().apart.empty());
  EXPECT_EQ(books_.counts().lost, 0u);
}

TEST_F(SoakBooksTest, AnUpdateThatNobodyCouldTellIsNamedAndNotLost) {
  const SoakOperation update = Update(1);
  Accepted(update);
  books_.Close(1, Ended(update, v1::FAILED, "the terminal accepted it (202), but no alert came"),
               kLater);
  EXPECT_EQ(books_.counts().lost + books_.counts().doubled, 0u);
  EXPECT_EQ(books_.counts().apart.size(), 1u);
}

TEST_F(SoakBooksTest, AnyOtherFailureIsUnexpected) {
  const SoakOperation operation = Replace(1, "x");
  Accepted(operation);
  books_.Close(1, Ended(operation, v1::FAILED, "command 1 of 1, REPLACE ./S1/A: 500"), kLater);
  EXPECT_EQ(books_.counts().unexpected.size(), 1u);
}

TEST_F(SoakBooksTest, AnEndWithoutItsEventIsWaitedFor) {
  const SoakOperation operation = Replace(1, "x");
  Accepted(operation);
  books_.Executed(0, Did("x"));
  books_.Close(1, Ended(operation, v1::SUCCEEDED), kLater);
  EXPECT_EQ(books_.events_missing(), 1u);
}

}  // namespace
}  // namespace drover::load
