#include "loadtest/scenario/arrivals.h"

#include <algorithm>
#include <cmath>

namespace drover::scenario {
namespace {

using std::chrono::duration;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::vector<double> All(Arrivals arrivals) {
  std::vector<double> times;
  while (const std::optional<Duration> at = arrivals.Next()) {
    times.push_back(duration<double>(*at).count());
  }
  return times;
}

uint64_t Between(const std::vector<double>& times, double from, double to) {
  uint64_t count = 0;
  for (const double time : times) count += time >= from && time < to ? 1 : 0;
  return count;
}

TEST(ConstantArrivals, AreEvenlySpaced) {
  const auto times = All(
      Arrivals({.process = Process::kConstant, .rates = {{seconds(0), 100}}}, 1, 0, seconds(2), 0));
  ASSERT_EQ(times.size(), 200U);
  EXPECT_NEAR(times[0], 0.01, 1e-9);
  EXPECT_NEAR(times[199], 2.0, 1e-9);
}

TEST(PoissonArrivals, HaveTheRateAndItsSpread) {
  const auto times = All(Arrivals({.rates = {{seconds(0), 1000}}}, 7, 0, seconds(100), 0));
  EXPECT_NEAR(static_cast<double>(times.size()), 100'000, 5 * std::sqrt(100'000.0));
  // Counts of a tenth of a second: the variance is the mean.
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto count = static_cast<double>(Between(times, i * 0.1, (i + 1) * 0.1));
    sum += count;
    squares += count * count;
  }
  const double mean = sum / 1000;
  EXPECT_NEAR((squares / 1000 - mean * mean) / mean, 1, 0.2);
}

TEST(PoissonArrivals, AreTheSameForTheSameSeedOnly) {
  const ArrivalShape shape{.rates = {{seconds(0), 100}}};
  EXPECT_EQ(All(Arrivals(shape, 1, 0, seconds(10), 0)), All(Arrivals(shape, 1, 0, seconds(10), 0)));
  EXPECT_NE(All(Arrivals(shape, 1, 0, seconds(10), 0)), All(Arrivals(shape, 2, 0, seconds(10), 0)));
}

TEST(Arrivals, NeverGoBack) {
  const auto times = All(
      Arrivals({.rates = {{seconds(0), 10}, {seconds(5), 0}, {seconds(6), 1000}, {seconds(8), 50}},
                .ramps = true},
               3, 0, seconds(10), 0));
  EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
  EXPECT_LT(times.back(), 10.0);
}

TEST(Arrivals, FollowTheStepsOfTheRate) {
  const auto times =
      All(Arrivals({.process = Process::kConstant,
                    .rates = {{seconds(0), 100}, {seconds(10), 0}, {seconds(20), 200}}},
                   1, 0, seconds(30), 0));
  EXPECT_NEAR(static_cast<double>(Between(times, 0, 10.001)), 1000, 1);
  EXPECT_EQ(Between(times, 10.01, 20), 0U);
  EXPECT_NEAR(static_cast<double>(Between(times, 20, 31)), 2000, 2);
}

TEST(Arrivals, FollowARamp) {
  const ArrivalShape shape{.process = Process::kConstant,
                           .rates = {{seconds(0), 0}, {seconds(10), 1000}},
                           .ramps = true};
  const auto times = All(Arrivals(shape, 1, 0, seconds(20), 0));
  EXPECT_NEAR(static_cast<double>(Between(times, 0, 5)), 1250, 3);
  EXPECT_NEAR(static_cast<double>(Between(times, 5, 10)), 3750, 3);
  EXPECT_NEAR(static_cast<double>(Between(times, 10, 20.001)), 10'000, 3);
  EXPECT_DOUBLE_EQ(Arrivals(shape, 1, 0, seconds(20), 0).RateAt(seconds(5)), 500);
}

TEST(Arrivals, EndAtTheirLimit) {
  EXPECT_EQ(All(Arrivals({.rates = {{seconds(0), 1000}}}, 1, 0, Duration{0}, 50)).size(), 50U);
}

TEST(Arrivals, EndWhenTheRateHasEnded) {
  const auto times =
      All(Arrivals({.rates = {{seconds(0), 1000}, {seconds(2), 0}}}, 1, 0, Duration{0}, 0));
  EXPECT_LT(times.back(), 2.0);
  EXPECT_GT(times.size(), 1500U);
}

TEST(Steps, FollowOneAnotherAndEnd) {
  const ArrivalShape shape{.process = Process::kConstant,
                           .rates = {{seconds(0), 100}},
                           .steps = {{.times = 0.5, .length = seconds(10)},
                                     {.times = 2, .length = seconds(20)},
                                     {.per_s = 10, .length = seconds(10)}}};
  const auto times = All(Arrivals(shape, 1, 0, Duration{0}, 0));
  EXPECT_NEAR(static_cast<double>(Between(times, 0, 10)), 500, 1);
  EXPECT_NEAR(static_cast<double>(Between(times, 10, 30)), 4000, 2);
  EXPECT_NEAR(static_cast<double>(Between(times, 30, 41)), 100, 2);
  EXPECT_LE(times.back(), 40.0);
  const std::vector<PlannedStep> planned = PlannedSteps(shape);
  ASSERT_EQ(planned.size(), 3U);
  EXPECT_EQ(planned[1].name, "2x");
  EXPECT_EQ(planned[1].at, seconds(10));
  EXPECT_DOUBLE_EQ(planned[1].per_s, 200);
  EXPECT_EQ(planned[2].name, "10/s");
}

TEST(AStorm, BringsEveryTerminalBackOnceWithinItsTime) {
  const auto times = All(Arrivals({.storm = seconds(5)}, 1, 10'000, Duration{0}, 0));
  EXPECT_EQ(times.size(), 10'000U);
  EXPECT_NEAR(times.back(), 5, 0.5);
  EXPECT_NEAR(static_cast<double>(Between(times, 0, 1)), 2000, 300);
}

TEST(Rates, AreCheckedWithWordsThatHelp) {
  EXPECT_TRUE(Check({{seconds(0), 1}}));
  EXPECT_FALSE(Check({}));
  EXPECT_FALSE(Check({{seconds(1), 1}}));
  EXPECT_FALSE(Check({{seconds(0), 0}}));
  EXPECT_FALSE(Check({{seconds(0), 1}, {seconds(5), 2}, {seconds(5), 3}}));
  EXPECT_THAT(Check({}).error().message, testing::HasSubstr("[60s, 2000/s]"));
}

}  // namespace
}  // namespace drover::scenario
