#include "services/operations/core/results.h"

#include <gtest/gtest.h>

#include "services/operations/core/states.h"

namespace drover::operations {
namespace {

v1::CommandResult Result(uint32_t index, uint32_t status, int values = 0) {
  v1::CommandResult out;
  out.set_index(index);
  out.set_status(status);
  for (int i = 0; i < values; ++i) out.add_values()->set_data("v");
  return out;
}

struct MeaningCase {
  v1::Verb verb;
  uint32_t status;
  int values;
  bool verified;
  Meaning meaning;
};

class MeaningTest : public testing::TestWithParam<MeaningCase> {};

TEST_P(MeaningTest, IsAsTheTableSays) {
  const MeaningCase& c = GetParam();
  v1::CommandResult result = Result(0, c.status, c.values);
  result.set_verified(c.verified);
  EXPECT_EQ(MeaningOf(c.verb, result), c.meaning)
      << v1::Verb_Name(c.verb) << " " << c.status << " values " << c.values;
}

INSTANTIATE_TEST_SUITE_P(Table, MeaningTest,
                         testing::Values(MeaningCase{v1::REPLACE, 200, 0, false, Meaning::kDone},
                                         MeaningCase{v1::REPLACE, 202, 0, false, Meaning::kDone},
                                         MeaningCase{v1::REPLACE, 213, 0, false, Meaning::kFailed},
                                         MeaningCase{v1::REPLACE, 214, 0, false, Meaning::kFailed},
                                         MeaningCase{v1::REPLACE, 215, 0, false, Meaning::kFailed},
                                         MeaningCase{v1::REPLACE, 216, 0, false, Meaning::kFailed},
                                         MeaningCase{v1::REPLACE, 299, 0, false, Meaning::kDone},
                                         MeaningCase{v1::REPLACE, 300, 0, false, Meaning::kFailed},
                                         MeaningCase{v1::REPLACE, 404, 0, false, Meaning::kFailed},
                                         MeaningCase{v1::REPLACE, 101, 0, false, Meaning::kFailed},
                                         MeaningCase{v1::REPLACE, 0, 0, true, Meaning::kDone},
                                         MeaningCase{v1::ADD, 201, 0, false, Meaning::kDone},
                                         MeaningCase{v1::ADD, 418, 0, false, Meaning::kFailed},
                                         MeaningCase{v1::ADD, 418, 0, true, Meaning::kDone},
                                         MeaningCase{v1::DELETE, 200, 0, false, Meaning::kDone},
                                         MeaningCase{v1::DELETE, 210, 0, false, Meaning::kDone},
                                         MeaningCase{v1::DELETE, 211, 0, false, Meaning::kDone},
                                         MeaningCase{v1::DELETE, 404, 0, false, Meaning::kDone},
                                         MeaningCase{v1::DELETE, 410, 0, false, Meaning::kDone},
                                         MeaningCase{v1::DELETE, 405, 0, false, Meaning::kFailed},
                                         MeaningCase{v1::GET, 200, 0, false, Meaning::kDone},
                                         MeaningCase{v1::GET, 204, 0, false, Meaning::kDone},
                                         MeaningCase{v1::GET, 203, 0, false, Meaning::kFailed},
                                         MeaningCase{v1::GET, 203, 1, false, Meaning::kDone},
                                         MeaningCase{v1::GET, 404, 0, false, Meaning::kFailed},
                                         MeaningCase{v1::EXEC, 200, 0, false, Meaning::kDone},
                                         MeaningCase{v1::EXEC, 202, 0, false, Meaning::kAccepted},
                                         MeaningCase{v1::EXEC, 202, 0, true, Meaning::kAccepted},
                                         MeaningCase{v1::EXEC, 200, 0, true, Meaning::kDone},
                                         MeaningCase{v1::PROMPT, 200, 0, false, Meaning::kDone},
                                         MeaningCase{v1::PROMPT, 202, 0, false, Meaning::kFailed},
                                         MeaningCase{v1::PROMPT, 304, 0, false, Meaning::kFailed},
                                         MeaningCase{v1::EXEC, 500, 0, false, Meaning::kFailed},
                                         MeaningCase{v1::COPY, 501, 0, false, Meaning::kFailed}));

v1::Operation ReplaceThenExec() {
  v1::Operation out;
  v1::Command* replace = out.add_commands();
  replace->set_verb(v1::REPLACE);
  replace->set_target("./FUMO/P1/DownloadAndUpdate/PkgURL");
  v1::Command* exec = out.add_commands();
  exec->set_verb(v1::EXEC);
  exec->set_target("./FUMO/P1/DownloadAndUpdate");
  return out;
}

TEST(Judge, SucceedsWhenEveryCommandIsDone) {
  v1::Operation answers;
  *answers.add_results() = Result(1, 200);
  *answers.add_results() = Result(0, 200);
  EXPECT_EQ(Judge(ReplaceThenExec().commands(), answers.results()).state, v1::SUCCEEDED);
}

TEST(Judge, WaitsForTheAlertOfAnExecThatWasAccepted) {
  v1::Operation answers;
  *answers.add_results() = Result(0, 200);
  *answers.add_results() = Result(1, 202);
  EXPECT_EQ(Judge(ReplaceThenExec().commands(), answers.results()).state, v1::WAITING);
}

TEST(Judge, NamesTheFirstCommandThatFailedAndItsCode) {
  v1::Operation answers;
  *answers.add_results() = Result(0, 405);
  *answers.add_results() = Result(1, 202);
  const Verdict verdict = Judge(ReplaceThenExec().commands(), answers.results());
  EXPECT_EQ(verdict.state, v1::FAILED);
  EXPECT_EQ(verdict.cause,
            "command 1 of 2, REPLACE ./FUMO/P1/DownloadAndUpdate/PkgURL: 405 command not allowed");
}

TEST(Judge, FailsACommandThatGotNoStatus) {
  v1::Operation answers;
  *answers.add_results() = Result(0, 200);
  *answers.add_results() = Result(7, 200);
  const Verdict verdict = Judge(ReplaceThenExec().commands(), answers.results());
  EXPECT_EQ(verdict.state, v1::FAILED);
  EXPECT_EQ(verdict.cause,
            "command 2 of 2, EXEC ./FUMO/P1/DownloadAndUpdate: the terminal sent no status");
}

TEST(Judge, TakesTheLastOfTwoResultsOfOneCommand) {
  v1::Operation answers;
  *answers.add_results() = Result(0, 407);
  *answers.add_results() = Result(1, 200);
  *answers.add_results() = Result(0, 200);
  EXPECT_EQ(Judge(ReplaceThenExec().commands(), answers.results()).state, v1::SUCCEEDED);
}

// REPLACE ./A, PROMPT "Go?", REPLACE ./B, all in one Atomic; then GET ./C.
v1::Operation Gated() {
  v1::Operation out;
  for (const char* target : {"./A", "", "./B", "./C"}) {
    v1::Command* command = out.add_commands();
    command->set_verb(v1::REPLACE);
    command->set_target(target);
    command->set_atomic(1);
  }
  out.mutable_commands(1)->set_verb(v1::PROMPT);
  out.mutable_commands(1)->mutable_prompt()->set_text("Go?");
  out.mutable_commands(3)->set_verb(v1::GET);
  out.mutable_commands(3)->set_atomic(0);
  return out;
}

struct AtomicCase {
  std::vector<uint32_t> statuses;  // 0: none.
  uint32_t atomic;                 // 0: none.
  v1::State state;
  const char* cause;
  Failure failure;
};

class AtomicTest : public testing::TestWithParam<AtomicCase> {};

TEST_P(AtomicTest, IsJudgedAsTheTableSays) {
  const AtomicCase& c = GetParam();
  v1::Operation answers;
  for (size_t i = 0; i < c.statuses.size(); ++i) {
    *answers.add_results() = Result(static_cast<uint32_t>(i), c.statuses[i]);
    if (i < 3) answers.mutable_results(static_cast<int>(i))->set_atomic_status(c.atomic);
  }
  const Verdict verdict = Judge(Gated().commands(), answers.results());
  EXPECT_EQ(verdict.state, c.state);
  EXPECT_EQ(verdict.cause, c.cause);
  EXPECT_EQ(verdict.failure, c.failure);
}

INSTANTIATE_TEST_SUITE_P(
    Table, AtomicTest,
    testing::Values(
        AtomicCase{{200, 200, 200, 200}, 200, v1::SUCCEEDED, "", Failure::kNone},
        AtomicCase{{200, 200, 200, 200}, 0, v1::SUCCEEDED, "", Failure::kNone},
        AtomicCase{{200, 0, 0, 200}, 200, v1::SUCCEEDED, "", Failure::kNone},
        AtomicCase{{216, 200, 425, 215},
                   507,
                   v1::FAILED,
                   "command 3 of 4, REPLACE ./B: 425 permission denied; nothing of its Atomic was "
                   "carried out",
                   Failure::kOther},
        AtomicCase{{216, 304, 215, 215},
                   507,
                   v1::FAILED,
                   "the user refused (304): \"Go?\"; nothing of its Atomic was carried out",
                   Failure::kUserNotNow},
        AtomicCase{{216, 215, 215, 215},
                   507,
                   v1::FAILED,
                   "the user cancelled (215): \"Go?\"; nothing of its Atomic was carried out",
                   Failure::kUserNotNow},
        AtomicCase{{516, 200, 420, 215},
                   507,
                   v1::FAILED,
                   "command 3 of 4, REPLACE ./B: 420 device full; the terminal could not undo its "
                   "Atomic (516): read what the commands before it set",
                   Failure::kBusy},
        AtomicCase{{200, 200, 404, 200},
                   0,
                   v1::FAILED,
                   "command 3 of 4, REPLACE ./B: 404 not found; the terminal did not undo the "
                   "other commands of its Atomic",
                   Failure::kOther},
        AtomicCase{{216, 216, 216, 200},
                   517,
                   v1::FAILED,
                   "command 1 of 4, REPLACE ./A: its Atomic failed: 517 atomic response too "
                   "large; nothing of its Atomic was carried out",
                   Failure::kOther},
        AtomicCase{{200, 200, 200, 200},
                   507,
                   v1::FAILED,
                   "command 1 of 4, REPLACE ./A: its Atomic failed: 507 atomic failed",
                   Failure::kOther},
        AtomicCase{
            {406, 215, 215, 215},
            406,
            v1::FAILED,
            "command 1 of 4, REPLACE ./A: 406 optional feature not supported; nothing of its "
            "Atomic was carried out",
            Failure::kOther},
        AtomicCase{
            {0, 0, 0, 0},
            0,
            v1::FAILED,
            "command 1 of 4, REPLACE ./A: the terminal sent no status; nothing of its Atomic "
            "was carried out",
            Failure::kNotAnswered}));

TEST(Judge, SaysInWordsWhatBecameOfAPrompt) {
  v1::Operation operation;
  operation.add_commands()->set_verb(v1::PROMPT);
  operation.mutable_commands(0)->mutable_prompt()->set_text("Install?");
  *operation.add_commands() = ReplaceThenExec().commands(0);
  const std::tuple<uint32_t, const char*, Failure> rows[] = {
      {304, "the user refused (304): \"Install?\"", Failure::kUserNotNow},
      {214, "the user cancelled (214): \"Install?\"", Failure::kUserNotNow},
      {215, "the user cancelled (215): \"Install?\"", Failure::kUserNotNow},
      {408, "the user did not answer (408): \"Install?\"", Failure::kUserNotNow},
      {406, "the terminal cannot ask its user (406): \"Install?\"", Failure::kOther},
      {412, "the terminal cannot show it (412): \"Install?\"", Failure::kOther},
      {416, "the terminal cannot show it (416): \"Install?\"", Failure::kOther},
      {500, "command 1 of 2, PROMPT \"Install?\": 500 command failed", Failure::kOther}};
  for (const auto& [status, cause, failure] : rows) {
    v1::Operation answers;
    *answers.add_results() = Result(0, status);
    *answers.add_results() = Result(1, 215);
    const Verdict verdict = Judge(operation.commands(), answers.results());
    EXPECT_EQ(verdict.state, v1::FAILED);
    EXPECT_EQ(verdict.cause, cause);
    EXPECT_EQ(verdict.failure, failure);
  }
}

TEST(Judge, NamesTheValueThatWasReadAndTheOneThatWasExpected) {
  v1::Operation operation;
  v1::Command* get = operation.add_commands();
  get->set_verb(v1::GET);
  get->set_target("./DevDetail/FwV");
  get->set_has_expected(true);
  get->set_expected("2.0");
  v1::Operation answers;
  *answers.add_results() = Result(0, 200, 1);
  answers.mutable_results(0)->mutable_values(0)->set_uri("./DevDetail/FwV");
  answers.mutable_results(0)->mutable_values(0)->set_data("2.0");
  EXPECT_EQ(Judge(operation.commands(), answers.results()).state, v1::SUCCEEDED);
  answers.mutable_results(0)->mutable_values(0)->set_data("1.9");
  const Verdict verdict = Judge(operation.commands(), answers.results());
  EXPECT_EQ(verdict.state, v1::FAILED);
  EXPECT_EQ(verdict.cause,
            "command 1 of 1, GET ./DevDetail/FwV: the value is \"1.9\", not \"2.0\"");
  answers.mutable_results(0)->clear_values();
  EXPECT_EQ(Judge(operation.commands(), answers.results()).cause,
            "command 1 of 1, GET ./DevDetail/FwV: the value is \"\", not \"2.0\"");
}

TEST(ValueInWords, IsShortAndReadable) {
  EXPECT_EQ(ValueInWords("internet"), "\"internet\"");
  EXPECT_EQ(ValueInWords(std::string("\0\xff", 2)), "hex 00ff");
  EXPECT_EQ(ValueInWords(std::string(63, 'a') + "é"), "\"" + std::string(63, 'a') + "..\"");
}

TEST(StatusInWords, LeavesAnUnassignedCodeAlone) { EXPECT_EQ(StatusInWords(599), "599"); }

// Every pair of states: what is not in the diagram must not happen.
TEST(States, AllowOnlyWhatTheirDiagramShows) {
  const std::vector<std::pair<v1::State, v1::State>> allowed = {
      {v1::PENDING, v1::NOTIFIED},  {v1::PENDING, v1::RUNNING},    {v1::PENDING, v1::WAITING},
      {v1::PENDING, v1::FAILED},    {v1::PENDING, v1::EXPIRED},    {v1::PENDING, v1::CANCELLED},
      {v1::NOTIFIED, v1::RUNNING},  {v1::NOTIFIED, v1::WAITING},   {v1::NOTIFIED, v1::FAILED},
      {v1::NOTIFIED, v1::EXPIRED},  {v1::NOTIFIED, v1::CANCELLED}, {v1::RUNNING, v1::PENDING},
      {v1::RUNNING, v1::WAITING},   {v1::RUNNING, v1::SUCCEEDED},  {v1::RUNNING, v1::FAILED},
      {v1::RUNNING, v1::CANCELLED}, {v1::WAITING, v1::PENDING},    {v1::WAITING, v1::SUCCEEDED},
      {v1::WAITING, v1::FAILED},    {v1::WAITING, v1::CANCELLED}};
  for (int from = v1::STATE_UNSPECIFIED; from <= v1::CANCELLED; ++from) {
    for (int to = v1::STATE_UNSPECIFIED; to <= v1::CANCELLED; ++to) {
      const std::pair<v1::State, v1::State> step(static_cast<v1::State>(from),
                                                 static_cast<v1::State>(to));
      const bool expected = std::find(allowed.begin(), allowed.end(), step) != allowed.end();
      EXPECT_EQ(MayBecome(step.first, step.second), expected)
          << Name(step.first) << " -> " << Name(step.second);
    }
  }
}

TEST(States, HaveTheNamesOfTheContract) {
  for (int state = v1::PENDING; state <= v1::CANCELLED; ++state) {
    EXPECT_EQ(Name(static_cast<v1::State>(state)), v1::State_Name(state));
  }
}

}  // namespace
}  // namespace drover::operations
