#include "loadtest/report/threshold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadtest/report/testing/sample_run.h"
#include "loadtest/report/verdict.h"

namespace drover::report {
namespace {

using ::testing::HasSubstr;

TEST(ParseThresholds, TakesSeveralWithCommasAndSpaces) {
  const auto found = ParseThresholds("p99<50ms, errors<0.1%,rate > 2900/s ,lost=0");
  ASSERT_TRUE(found) << found.error();
  ASSERT_EQ(found->size(), 4U);
  EXPECT_EQ((*found)[0].measure, "p99");
  EXPECT_EQ((*found)[0].bound, 50);
  EXPECT_EQ((*found)[0].unit, Unit::kMilliseconds);
  EXPECT_EQ((*found)[1].text, "errors<0.1%");
  EXPECT_EQ((*found)[1].unit, Unit::kPercent);
  EXPECT_EQ((*found)[2].text, "rate > 2900/s");
  EXPECT_EQ((*found)[2].relation, Relation::kAbove);
  EXPECT_EQ((*found)[3].relation, Relation::kEqual);
}

TEST(ParseThresholds, CountsEveryUnitInOneOfItsKind) {
  for (const auto& [text, bound] :
       std::vector<std::pair<const char*, double>>{{"p99.9<=2s", 2000},
                                                   {"max<500us", 0.5},
                                                   {"wall<6m", 360'000},
                                                   {"mean<1h", 3'600'000},
                                                   {"rate>=60/m", 1},
                                                   {"generator.memory<1GiB", 1073741824.0},
                                                   {"operations.succeeded>=1M", 1e6},
                                                   {"exchange2.p50<1ms", 1},
                                                   {"generator.cpu<90%", 90},
                                                   {"not_started==0", 0}}) {
    const auto found = ParseThresholds(text);
    ASSERT_TRUE(found) << found.error();
    EXPECT_DOUBLE_EQ(found->front().bound, bound) << text;
  }
}

TEST(ParseThresholds, SaysWhereAndWhatIsWrong) {
  for (const auto& [text, column, reason] :
       std::vector<std::tuple<const char*, const char*, const char*>>{
           {"", "column 1:", "expected a measure"},
           {"p99", "column 4:", "expected <"},
           {"p99<50", "column 7:", "us, ms, s, m or h, and there is none"},
           {"p99<50%", "column 7:", "not '%'"},
           {"p99<fast", "column 5:", "expected a number"},
           {"p101<5ms", "column 1:", "there is no measure 'p101'"},
           {"errors<0.1%,,lost=0", "column 13:", "expected a measure"},
           {"errors<0.1%,latency<5ms", "column 13:", "there is no measure 'latency'"},
           {"lost=0 doubled=0", "column 8:", "expected a comma"},
           {"rate>3000", "column 10:", "/s, /m or /h"},
           {"exchange0.p99<1ms", "column 1:", "there is no measure"},
           {"p99<infms", "column 5:", "expected a number"}}) {
    const auto found = ParseThresholds(text);
    ASSERT_FALSE(found) << text;
    EXPECT_THAT(found.error().message, HasSubstr(column)) << text;
    EXPECT_THAT(found.error().message, HasSubstr(reason)) << text;
  }
}

TEST(ParseDifferences, TakesPercentOfAnyFigure) {
  const auto found = ParseDifferences("p99<+10%,rate>-5%,cpu_session-1<=3%");
  ASSERT_TRUE(found) << found.error();
  EXPECT_EQ((*found)[1].bound, -5);
  EXPECT_EQ((*found)[2].measure, "cpu_session-1");
  EXPECT_FALSE(ParseDifferences("p99<10ms"));
}

RunRecord Measured() {
  RunRecord run;
  run.duration_s = 10;
  run.totals = {.due = 1010,
                .started = 1005,
                .not_started = 5,
                .good = 999,
                .good_in_time = 999,
                .failed = 1,
                .refused = 10,
                .turned_away = 2};
  run.accepted_latency.RecordUs(20'000);
  run.deferred_latency.RecordUs(5'000'000);
  run.scale.rate_per_s = 100;
  for (const auto& [begin, rate, good, us] :
       {std::tuple(0.0, 50.0, 500U, 10'000U), std::tuple(10.0, 200.0, 950U, 20'000U),
        std::tuple(20.0, 50.0, 500U, 10'000U)}) {
    run.steps.push_back(
        {.begin_s = begin, .duration_s = 10, .rate_per_s = rate, .good = good, .accepted = {}});
    run.steps.back().accepted.RecordUs(us);
  }
  for (int i = 22; i < 25; ++i) {
    Second& second = run.seconds.emplace_back();
    second.at_s = i;
    second.good = 50;
    second.accepted.p99 = 10;
  }
  for (uint64_t i = 1; i <= 1000; ++i) run.session_latency.RecordUs(i * 100);
  run.ledgers = {.compared = true, .operations = 999};
  return run;
}

struct Case {
  const char* text;
  bool held;
  const char* measured;
};

TEST(Judge, ComparesWhatTheRunMeasured) {
  for (const Case& one : std::vector<Case>{{"p99<100ms", true, "99.0 ms"},
                                           {"p99<99ms", false, "99.0 ms"},
                                           {"max<=100ms", true, "100 ms"},
                                           {"mean<51ms", true, "50.0 ms"},
                                           {"errors<0.1%", false, "0.100 %"},
                                           {"errors<=0.1%", true, "0.100 %"},
                                           {"errors=1", true, "1"},
                                           {"rate>99/s", true, "99.9 /s"},
                                           {"not_started<1%", true, "0.495 %"},
                                           {"lost=0", true, "0"},
                                           {"accepted.p99<30ms", true, "20.0 ms"},
                                           {"deferred.max<1s", false, "5.00 s"},
                                           {"refused<=1%", true, "0.990 %"},
                                           {"given_up=0", true, "0"},
                                           {"turned_away=0", false, "2"},
                                           {"overload.goodput>=90%", true, "95.0 %"},
                                           {"overload.p99<=300%", true, "200 %"},
                                           {"recovery<=10s", true, "2.00 s"},
                                           {"operations.failed=0", true, "0"}}) {
    const auto threshold = ParseThresholds(one.text);
    ASSERT_TRUE(threshold) << threshold.error();
    const Judgement judgement = Judge(threshold->front(), Measured());
    EXPECT_EQ(judgement.held, one.held) << one.text;
    EXPECT_EQ(judgement.measured, one.measured) << one.text;
  }
}

TEST(Judge, HoldsNothingThatWasNotMeasured) {
  for (const char* text :
       {"p99<100h", "exchange.p99<1h", "exchange3.p99<1h", "errors<100%", "rate>=0/s", "lost=0",
        "recovery<1h", "overload.goodput>0%", "accepted.p99<1h", "operations.failed<100%"}) {
    const auto threshold = ParseThresholds(text);
    ASSERT_TRUE(threshold) << threshold.error();
    EXPECT_FALSE(Judge(threshold->front(), RunRecord()).held) << text;
  }
}

}  // namespace
}  // namespace drover::report
