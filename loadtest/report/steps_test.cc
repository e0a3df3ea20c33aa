#include "loadtest/report/steps.h"

namespace drover::report {
namespace {

Second Well(double at_s) {
  Second second;
  second.at_s = at_s;
  second.good = 100;
  second.accepted = {.count = 100, .p99 = 20};
  return second;
}
Second Refusing(double at_s) {
  Second second = Well(at_s);
  second.refused = 50;
  return second;
}
Second Slow(double at_s) {
  Second second = Well(at_s);
  second.accepted.p99 = 61;
  return second;
}

RunRecord Overloaded() {
  RunRecord record;
  record.scale.rate_per_s = 1000;
  for (const auto& [name, begin, rate, good, p99_us] :
       {std::tuple("0.5x", 0.0, 500.0, 5000U, 10'000U),
        std::tuple("2x", 10.0, 2000.0, 9500U, 25'000U),
        std::tuple("0.5x", 20.0, 500.0, 5000U, 10'000U)}) {
    Step& step = record.steps.emplace_back();
    step.name = name;
    step.begin_s = begin;
    step.duration_s = 10;
    step.rate_per_s = rate;
    step.good = good;
    step.accepted.RecordUs(p99_us, 100);
  }
  for (int i = 0; i < 30; ++i) {
    record.seconds.push_back(i < 10 || i >= 22 ? Well(i) : Refusing(i));
  }
  return record;
}

TEST(Recovery, EndsWithTheFirstOfThreeGoodSeconds) {
  EXPECT_EQ(RecoveryOf({Well(0), Well(1), Well(2)}, 0, 20), 0);
  EXPECT_EQ(RecoveryOf({Refusing(0), Well(1), Well(2), Slow(3), Well(4), Well(5), Well(6)}, 0, 20),
            4);
  EXPECT_EQ(
      RecoveryOf({Well(0), Well(1), Well(2), Refusing(10), Well(11), Well(12), Well(13)}, 10, 20),
      1);
}

TEST(Recovery, IsNoneWhereNothingIsServedAndWhereTheRunEndsTooSoon) {
  Second empty;
  EXPECT_FALSE(RecoveryOf({empty, empty, empty, empty}, 0, 20));
  EXPECT_FALSE(RecoveryOf({Refusing(0), Well(1), Well(2)}, 0, 20));
  Second failing = Well(1);
  failing.errors = {0, 1};
  EXPECT_FALSE(RecoveryOf({Well(0), failing, Well(2), Well(3)}, 0, 20));
}

TEST(AnOverload, IsComparedWithTheSustainableRateAndTheFirstStep) {
  const std::optional<Overload> overload = OverloadOf(Overloaded());
  ASSERT_TRUE(overload);
  EXPECT_EQ(overload->step, 1U);
  EXPECT_DOUBLE_EQ(overload->goodput_percent, 95);
  EXPECT_NEAR(overload->p99_percent.value(), 250, 1);
  EXPECT_DOUBLE_EQ(overload->recovery_s.value(), 2);
}

TEST(AnOverload, IsNoneWithoutAStepPastTheSustainableRate) {
  RunRecord record = Overloaded();
  record.scale.rate_per_s = 2000;
  EXPECT_FALSE(OverloadOf(record));
  EXPECT_FALSE(OverloadOf(RunRecord()));
}

}  // namespace
}  // namespace drover::report
