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
                                         MeaningCase{v1::EXEC, 202, 0, true, Meaning::kDone},
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

TEST(StatusInWords, LeavesAnUnassignedCodeAlone) { EXPECT_EQ(StatusInWords(599), "599"); }

// Every pair of states: what is not in the diagram must not happen.
TEST(States, AllowOnlyWhatTheirDiagramShows) {
  const std::vector<std::pair<v1::State, v1::State>> allowed = {
      {v1::PENDING, v1::NOTIFIED},   {v1::PENDING, v1::RUNNING},  {v1::PENDING, v1::EXPIRED},
      {v1::PENDING, v1::CANCELLED},  {v1::NOTIFIED, v1::RUNNING}, {v1::NOTIFIED, v1::EXPIRED},
      {v1::NOTIFIED, v1::CANCELLED}, {v1::RUNNING, v1::PENDING},  {v1::RUNNING, v1::WAITING},
      {v1::RUNNING, v1::SUCCEEDED},  {v1::RUNNING, v1::FAILED},   {v1::WAITING, v1::SUCCEEDED},
      {v1::WAITING, v1::FAILED}};
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
