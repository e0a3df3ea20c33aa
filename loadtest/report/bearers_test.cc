// Short messages and gateways of a run in all that is said of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadtest/report/final_table.h"
#include "loadtest/report/merge_runs.h"
#include "loadtest/report/report_html.h"
#include "loadtest/report/summary_json.h"
#include "loadtest/report/testing/sample_run.h"
#include "loadtest/report/verdict.h"

namespace drover::report {
namespace {

using ::testing::HasSubstr;
using testing::SampleRun;

RunRecord OverSms() {
  RunRecord run = SampleRun(1, 20, 50);
  run.operations = {{"succeeded", 100}};
  run.expects_failures = false;
  Sms& sms = run.sms;
  sms.used = true;
  sms.registrations = sms.confirmed = 40;
  sms.repeated = 2;
  sms.submitted = 40;
  sms.notifications = 44;
  sms.accepted = 41;
  sms.refused = {{"digest", 3}};
  sms.messages = 84;
  sms.smsc = {{"submitted", 84}};
  for (uint64_t i = 1; i <= 40; ++i) {
    sms.confirmed_latency.RecordUs(1'000 * i);
    sms.notified_latency.RecordUs(10'000 * i);
    sms.opened_latency.RecordUs(100 * i);
    sms.woken_latency.RecordUs(10'100 * i);
  }
  return run;
}

int CodeOf(const RunRecord& run) { return JudgeRun(run, {}).exit_code; }

TEST(ARunOverSms, IsGoodIfAllWereWokenOnce) { EXPECT_EQ(CodeOf(OverSms()), 0); }

TEST(ARunOverSms, IsBlamedForWhatWasLostOrCameTwice) {
  for (uint64_t Sms::*count : {&Sms::unconfirmed, &Sms::missed, &Sms::twice, &Sms::never_woken}) {
    RunRecord run = OverSms();
    run.sms.*count = 1;
    EXPECT_EQ(CodeOf(run), kExitFailed);
    run.expects_failures = true;
    EXPECT_EQ(CodeOf(run), 0) << "the scenario has faults";
  }
  RunRecord ended = OverSms();
  ended.sms.never_woken = 1;
  ended.interrupted = true;
  EXPECT_EQ(CodeOf(ended), 0) << "there was no time for it";
}

TEST(ARunOverSms, ComesBackFromItsSummary) {
  const RunRecord run = OverSms();
  auto read = ReadSummary(SummaryJson(run, JudgeRun(run, {})));
  ASSERT_TRUE(read) << read.error();
  ASSERT_TRUE(ReadHistograms(HistogramsJson(run), *read));
  EXPECT_TRUE(read->sms.used);
  EXPECT_EQ(read->sms.notifications, 44u);
  EXPECT_EQ(read->sms.refused, run.sms.refused);
  EXPECT_EQ(read->sms.smsc, run.sms.smsc);
  EXPECT_EQ(read->sms.woken_latency.PercentileMs(99), run.sms.woken_latency.PercentileMs(99));
  const RunRecord without = SampleRun(1, 20, 50);
  read = ReadSummary(SummaryJson(without, JudgeRun(without, {})));
  ASSERT_TRUE(read) << read.error();
  EXPECT_FALSE(read->sms.used);
}

TEST(ARunOverSms, IsAddedToAnother) {
  const auto merged = MergeRuns({OverSms(), OverSms()});
  ASSERT_TRUE(merged) << merged.error();
  EXPECT_TRUE(merged->sms.used);
  EXPECT_EQ(merged->sms.confirmed, 80u);
  EXPECT_EQ(merged->sms.refused.at("digest"), 6u);
  EXPECT_EQ(merged->sms.notified_latency.count(), 80u);
  EXPECT_EQ(merged->sms.smsc.at("submitted"), 84u) << "both counted the same SMSC";
}

TEST(ARunOverSms, IsShownToPeople) {
  const RunRecord run = OverSms();
  const Verdict verdict = JudgeRun(run, {});
  EXPECT_THAT(FinalTable(run, verdict),
              HasSubstr("44 notifications, 41 accepted, 3 refused (digest)"));
  EXPECT_THAT(FinalTable(run, verdict), HasSubstr("\nwoken "));
  EXPECT_THAT(ReportHtml(run, verdict), HasSubstr("operation to notification"));
  EXPECT_THAT(ReportHtml(run, verdict), HasSubstr("refused: digest"));
}

TEST(ARunOverSms, CanBeHeldToThresholds) {
  const auto thresholds = ParseThresholds("woken.p50<300ms,notified.max>1s,twice=0,never_woken=0");
  ASSERT_TRUE(thresholds) << thresholds.error();
  const RunRecord run = OverSms();
  EXPECT_TRUE(Judge((*thresholds)[0], run).held);
  EXPECT_FALSE(Judge((*thresholds)[1], run).held);
  EXPECT_TRUE(Judge((*thresholds)[2], run).held);
  EXPECT_FALSE(Judge((*thresholds)[3], SampleRun(1, 5, 5)).held) << "nobody was reached by SMS";
  EXPECT_FALSE(ParseThresholds("asleep.p99<1s"));
}

RunRecord WithGateways() {
  RunRecord run = SampleRun(1, 20, 50);
  run.operations = {{"succeeded", 100}};
  run.expects_failures = false;
  Gateways& gateways = run.gateways;
  gateways.used = true;
  gateways.gateways = gateways.registered = 50;
  gateways.submitted = gateways.told = gateways.asked = gateways.carried_out = gateways.compared =
      45;
  gateways.operations = {{"succeeded", 40}, {"open", 5}};
  gateways.excused = 5;
  for (uint64_t i = 1; i <= 45; ++i) {
    gateways.told_latency.RecordUs(1'000 * i);
    gateways.done_latency.RecordUs(9'000 * i);
  }
  return run;
}

TEST(ARunWithGateways, IsGoodWhileTheyAndOperationsAgree) {
  EXPECT_EQ(CodeOf(WithGateways()), 0);
  for (uint64_t Gateways::*count :
       {&Gateways::lost, &Gateways::doubled, &Gateways::different, &Gateways::unfinished}) {
    RunRecord run = WithGateways();
    run.gateways.*count = 1;
    EXPECT_EQ(CodeOf(run), kExitFailed);
  }
  RunRecord ended = WithGateways();
  ended.gateways.unfinished = 3;
  ended.interrupted = true;
  EXPECT_EQ(CodeOf(ended), 0) << "there was no time for them";
}

TEST(ARunWithGateways, IsReadBackAddedAndShown) {
  const RunRecord run = WithGateways();
  const Verdict verdict = JudgeRun(run, {});
  auto read = ReadSummary(SummaryJson(run, verdict));
  ASSERT_TRUE(read) << read.error();
  ASSERT_TRUE(ReadHistograms(HistogramsJson(run), *read));
  EXPECT_EQ(read->gateways.excused, 5u);
  EXPECT_EQ(read->gateways.operations, run.gateways.operations);
  const auto merged = MergeRuns({*read, run});
  ASSERT_TRUE(merged) << merged.error();
  EXPECT_EQ(merged->gateways.told, 90u);
  EXPECT_EQ(merged->gateways.done_latency.count(), 90u);
  EXPECT_THAT(FinalTable(run, verdict), HasSubstr("50 of 50 registered, 45 operations, 45 told"));
  EXPECT_THAT(ReportHtml(run, verdict), HasSubstr("Voice home gateways"));
  const auto thresholds = ParseThresholds("gateway_done.p50<1s,gateway_told.max<1ms");
  ASSERT_TRUE(thresholds) << thresholds.error();
  EXPECT_TRUE(Judge((*thresholds)[0], run).held);
  EXPECT_FALSE(Judge((*thresholds)[1], run).held);
}

}  // namespace
}  // namespace drover::report
