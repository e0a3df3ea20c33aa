#include "loadtest/report/compare_runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "loadtest/report/testing/sample_run.h"

namespace drover::report {
namespace {

using ::testing::HasSubstr;

Headline Of(std::vector<Figure> figures) {
  return {.scenario = "mixed", .passed = true, .figures = std::move(figures)};
}

Change ChangeOf(Figure a, Figure b, double noise = 5) {
  return CompareRuns(Of({std::move(a)}), Of({std::move(b)}), {}, noise).differences.front().change;
}

TEST(CompareRuns, MarksWhatIsMoreThanNoise) {
  EXPECT_EQ(ChangeOf({"p99", 10, "ms", "lower", 0}, {"p99", 10.4, "ms", "lower", 0}),
            Change::kNone);
  EXPECT_EQ(ChangeOf({"p99", 10, "ms", "lower", 0}, {"p99", 12, "ms", "lower", 0}), Change::kWorse);
  EXPECT_EQ(ChangeOf({"p99", 10, "ms", "lower", 0}, {"p99", 8, "ms", "lower", 0}), Change::kBetter);
  EXPECT_EQ(ChangeOf({"rate", 10, "/s", "higher", 0}, {"rate", 8, "/s", "higher", 0}),
            Change::kWorse);
  EXPECT_EQ(ChangeOf({"p99", 10, "ms", "lower", 6}, {"p99", 12, "ms", "lower", 4}), Change::kNone);
  EXPECT_EQ(ChangeOf({"max", 10, "ms", "", 0}, {"max", 90, "ms", "", 0}), Change::kUnjudged);
  EXPECT_EQ(ChangeOf({"errors", 0, "percent", "lower", 0}, {"errors", 1, "percent", "lower", 0}),
            Change::kWorse);
}

TEST(CompareRuns, FindsNothingBetweenARunAndItself) {
  const RunRecord run = testing::SampleRun(1);
  const auto headline = ReadHeadline(SummaryJson(run, JudgeRun(run, {})));
  ASSERT_TRUE(headline) << headline.error();
  const Comparison comparison = CompareRuns(*headline, *headline, {}, 5);
  EXPECT_GT(comparison.differences.size(), 20U);
  EXPECT_TRUE(comparison.warnings.empty());
  for (const Difference& one : comparison.differences) {
    EXPECT_TRUE(one.change == Change::kNone || one.change == Change::kUnjudged) << one.name;
  }
}

TEST(CompareRuns, ShowsAFigureThatOnlyOneHas) {
  const Comparison comparison =
      CompareRuns(Of({{"a", 1, "", "lower", 0}}), Of({{"b", 2, "", "lower", 0}}), {}, 5);
  ASSERT_EQ(comparison.differences.size(), 2U);
  EXPECT_FALSE(comparison.differences[0].b);
  EXPECT_FALSE(comparison.differences[1].a);
  EXPECT_THAT(ComparisonTable(comparison), HasSubstr("-"));
}

TEST(CompareRuns, JudgesThresholdsOnDifferences) {
  const auto thresholds = ParseDifferences("p99<10%,rate>-5%,nothing<1%");
  ASSERT_TRUE(thresholds) << thresholds.error();
  const Comparison comparison = CompareRuns(
      Of({{"p99", 10, "ms", "lower", 0}, {"rate", 100, "/s", "higher", 0}}),
      Of({{"p99", 12, "ms", "lower", 0}, {"rate", 99, "/s", "higher", 0}}), *thresholds, 5);
  ASSERT_EQ(comparison.thresholds.size(), 3U);
  EXPECT_FALSE(comparison.thresholds[0].held);
  EXPECT_TRUE(comparison.thresholds[1].held);
  EXPECT_FALSE(comparison.thresholds[2].held);
  EXPECT_FALSE(comparison.held());
  EXPECT_THAT(ComparisonTable(comparison), HasSubstr("threshold p99<10%: 20.0 %, MISSED"));
}

TEST(CompareRuns, WarnsOfRunsThatAreNotAlike) {
  Headline a = Of({});
  Headline b = Of({});
  b.scale.devices = 5;
  b.model = Model::kClosed;
  b.passed = false;
  EXPECT_EQ(CompareRuns(a, b, {}, 5).warnings.size(), 3U);
}

TEST(CompareRuns, WritesJsonWithNullForWhatIsNotThere) {
  const Comparison comparison = CompareRuns(Of({{"a", 1, "ms", "lower", 0}}), Of({}), {}, 5);
  const auto json = nlohmann::json::parse(ComparisonJson(comparison));
  EXPECT_EQ(json["figures"][0]["name"], "a");
  EXPECT_TRUE(json["figures"][0]["b"].is_null());
  EXPECT_EQ(json["held"], true);
}

}  // namespace
}  // namespace drover::report
