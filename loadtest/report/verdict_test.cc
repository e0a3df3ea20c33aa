#include "loadtest/report/verdict.h"

#include "loadtest/report/testing/sample_run.h"

namespace drover::report {
namespace {

using testing::SampleRun;

RunRecord GoodRun() {
  RunRecord record = SampleRun(1, 20, 50);
  record.operations = {{"succeeded", 100}};
  record.expects_failures = false;
  return record;
}
int CodeOf(const RunRecord& record) { return JudgeRun(record, {}).exit_code; }

TEST(AVerdict, IsGoodWithoutThresholdsOnlyIfAllWasDone) {
  RunRecord record = GoodRun();
  EXPECT_EQ(CodeOf(record), 0);
  record.operations["failed"] = 1;
  EXPECT_EQ(CodeOf(record), kExitFailed);
  EXPECT_EQ(JudgeRun(record, {}).reasons,
            (std::vector<std::string>{"1 operations ended as failed and were not carried out."}));
}

TEST(AVerdict, LetsSessionsFailAndBeRefusedThatCameBackAndWereDone) {
  RunRecord record = GoodRun();
  record.totals.failed += 10;
  record.totals.refused = 100;
  EXPECT_EQ(CodeOf(record), 0);
}

TEST(AVerdict, BlamesTerminalsThatGaveUpOrWereTurnedAwayOrNeverCame) {
  for (uint64_t Totals::*count : {&Totals::given_up, &Totals::turned_away, &Totals::not_started}) {
    RunRecord record = GoodRun();
    record.totals.*count = 1;
    EXPECT_EQ(CodeOf(record), kExitFailed);
  }
}

TEST(AVerdict, ForgivesWhatTheScenarioBringsAbout) {
  RunRecord record = GoodRun();
  record.operations["failed"] = 1;
  record.totals.given_up = 1;
  record.expects_failures = true;
  EXPECT_EQ(CodeOf(record), 0);
  record.totals.turned_away = 1;
  EXPECT_EQ(CodeOf(record), kExitFailed);
  record.expects_refusals = true;
  EXPECT_EQ(CodeOf(record), 0);
}

TEST(AVerdict, DoesNotBlameARunThatWasEndedEarlyForWhatWasStillToCome) {
  RunRecord record = GoodRun();
  record.interrupted = true;
  record.totals.not_started = 100;
  record.operations["open"] = 100;
  EXPECT_EQ(CodeOf(record), 0);
}

TEST(AVerdict, OfLedgersThatDifferForgivesNothing) {
  RunRecord record = GoodRun();
  record.ledgers.lost = 1;
  record.expects_failures = record.expects_refusals = true;
  EXPECT_EQ(CodeOf(record), kExitFailed);
}

TEST(AVerdict, FailsForDifferencesBeforeThresholds) {
  const auto thresholds = ParseThresholds("p99<1ms");
  RunRecord run = GoodRun();
  EXPECT_EQ(JudgeRun(run, {}).exit_code, 0);
  EXPECT_EQ(JudgeRun(run, *thresholds).exit_code, kExitThreshold);
  run.ledgers.doubled = 1;
  EXPECT_EQ(JudgeRun(run, *thresholds).exit_code, kExitFailed);
  EXPECT_EQ(JudgeRun(run, *thresholds).reasons.size(), 2U);
  run = GoodRun();
  run.failure = "operations cannot be reached";
  EXPECT_EQ(JudgeRun(run, {}).exit_code, kExitFailed);
}

TEST(AVerdict, WarnsOfTheGeneratorAndOfWhatWasNotCompared) {
  RunRecord run = GoodRun();
  run.generator.limits = {"its loop was 80 ms late"};
  run.model = Model::kClosed;
  run.ledgers = {};
  const Verdict verdict = JudgeRun(run, {});
  EXPECT_TRUE(verdict.passed);
  EXPECT_THAT(verdict.warnings, ::testing::ElementsAre(::testing::HasSubstr("not compared"),
                                                       ::testing::HasSubstr("80 ms late"),
                                                       ::testing::HasSubstr("Closed model")));
}

}  // namespace
}  // namespace drover::report
