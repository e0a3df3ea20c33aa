#include "loadtest/report/merge_runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadtest/report/testing/sample_run.h"

namespace drover::report {
namespace {

using ::testing::HasSubstr;
using testing::SampleRun;

// The same with its own generator, begun some milliseconds later.
RunRecord Other(uint64_t seed, int64_t later_ms, const char* name) {
  RunRecord run = SampleRun(seed);
  run.start_unix_ms += later_ms;
  run.generator.name = name;
  return run;
}

TEST(MergeRuns, OfOneRunChangesNothingThatIsMeasured) {
  const RunRecord run = SampleRun(1);
  const auto merged = MergeRuns({run});
  ASSERT_TRUE(merged) << merged.error();
  EXPECT_EQ(merged->session_latency, run.session_latency);
  EXPECT_EQ(merged->totals.good, run.totals.good);
  ASSERT_EQ(merged->seconds.size(), run.seconds.size());
  for (size_t i = 0; i < run.seconds.size(); ++i) {
    EXPECT_EQ(merged->seconds[i].good, run.seconds[i].good);
    EXPECT_NEAR(merged->seconds[i].session.p99, run.seconds[i].session.p99,
                run.seconds[i].session.p99 * 0.032);
    EXPECT_EQ(merged->seconds[i].session.max, run.seconds[i].session.max);
  }
}

TEST(MergeRuns, AddsHistogramsCountsAndLedgers) {
  const RunRecord a = SampleRun(1);
  const RunRecord b = Other(2, 0, "lab-2");
  const auto merged = MergeRuns({a, b});
  ASSERT_TRUE(merged) << merged.error();
  Histogram both = a.session_latency;
  both.Add(b.session_latency);
  EXPECT_EQ(merged->session_latency, both);
  EXPECT_EQ(merged->totals.good, a.totals.good + b.totals.good);
  EXPECT_EQ(merged->totals.sent_octets, a.totals.sent_octets + b.totals.sent_octets);
  EXPECT_EQ(merged->errors[0], a.errors[0] + b.errors[0]);
  EXPECT_EQ(merged->scale.devices, 200'000U);
  EXPECT_EQ(merged->scale.rate_per_s, 400);
  EXPECT_EQ(merged->ledgers.operations, a.ledgers.operations + b.ledgers.operations);
  EXPECT_EQ(merged->operations.at("succeeded"), a.totals.good + b.totals.good);
  EXPECT_EQ(merged->generators.size(), 2U);
  EXPECT_DOUBLE_EQ(merged->generator.cpu_cores_mean, 0.82);
}

TEST(MergeRuns, PutsSecondsTogetherByTheWallClock) {
  const RunRecord a = SampleRun(1);
  const RunRecord b = Other(2, 10'000, "lab-2");
  const auto merged = MergeRuns({b, a});
  ASSERT_TRUE(merged) << merged.error();
  EXPECT_EQ(merged->start_unix_ms, a.start_unix_ms);
  ASSERT_EQ(merged->seconds.size(), 70U);
  EXPECT_EQ(merged->seconds[0].due, a.seconds[0].due);
  EXPECT_EQ(merged->seconds[10].due, a.seconds[10].due + b.seconds[0].due);
  EXPECT_EQ(merged->seconds[69].good, b.seconds[59].good);
  EXPECT_EQ(merged->wall_s, a.wall_s + 10);
}

TEST(MergeRuns, TakesWhatAllWatchedOnceAndGeneratorsApart) {
  const auto merged = MergeRuns({SampleRun(1), Other(2, 0, "lab-2")});
  ASSERT_TRUE(merged) << merged.error();
  int generators = 0;
  int redis = 0;
  for (const Series& series : merged->series) {
    generators += series.metric == "cpu_seconds" && series.name.starts_with("generator lab-");
    redis += series.name == "redis" && series.metric == "keys";
  }
  EXPECT_EQ(generators, 2);
  EXPECT_EQ(redis, 1);
}

TEST(MergeRuns, TakesTheWorseOfSecondsWithoutBuckets) {
  RunRecord a = SampleRun(1);
  const RunRecord b = Other(2, 0, "lab-2");
  a.seconds[5].session_buckets.clear();
  const auto merged = MergeRuns({a, b});
  ASSERT_TRUE(merged) << merged.error();
  EXPECT_EQ(merged->seconds[5].session.p99,
            std::max(a.seconds[5].session.p99, b.seconds[5].session.p99));
}

TEST(MergeRuns, KnowsErrorsByNameNotByPlace) {
  RunRecord a = SampleRun(1);
  RunRecord b = Other(2, 0, "lab-2");
  a.error_kinds = {"timeout", "connect", "503"};
  a.errors = {5, 0, 1};
  b.error_kinds = {"reset", "timeout", "503"};
  b.errors = {2, 3, 4};
  const auto merged = MergeRuns({a, b});
  ASSERT_TRUE(merged) << merged.error();
  EXPECT_THAT(merged->error_kinds, ::testing::ElementsAre("timeout", "connect", "503", "reset"));
  EXPECT_THAT(merged->errors, ::testing::ElementsAre(8, 0, 5, 2));
}

TEST(MergeRuns, RefusesWhatIsNotOneRun) {
  EXPECT_FALSE(MergeRuns({}));
  RunRecord other = SampleRun(2);
  other.scenario = "poll";
  EXPECT_THAT(MergeRuns({SampleRun(1), other}).error().message, HasSubstr("different scenarios"));
  const auto apart = MergeRuns({SampleRun(1), Other(2, 3'600'000, "later")});
  ASSERT_FALSE(apart);
  EXPECT_THAT(apart.error().message, HasSubstr("did not overlap"));
}

}  // namespace
}  // namespace drover::report
