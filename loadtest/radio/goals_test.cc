// The goals in small: few pushes, wide margins, the same code as bench_dispatch.
#include "loadtest/radio/goals.h"

#include <gtest/gtest.h>

namespace drover::radio {
namespace {

TEST(Goals, AreMetInSmall) {
  for (const Verdict& verdict : MeasureGoals(/*scale=*/0.02, /*slack=*/0.25, /*seed=*/5)) {
    EXPECT_TRUE(verdict.met) << verdict.goal << ' ' << verdict.what << ": " << verdict.value << ' '
                             << verdict.unit << ", bar " << verdict.bar;
  }
}

TEST(Goals, GroupsKeepTheirOrderTheirBindAndTheirNumbers) {
  const OrderFigures figures = MeasureOrder(10'000, 100, 9);
  EXPECT_EQ(figures.out_of_order, 0u);
  EXPECT_EQ(figures.two_binds, 0u);
  EXPECT_EQ(figures.two_active, 0u);
  EXPECT_EQ(figures.ref_clashes, 0u);
  EXPECT_EQ(figures.not_once, 0u);
  EXPECT_GT(figures.delivered, 9'000u);
}

TEST(Goals, ACrashLosesNoGroupAndReportsNoneTwice) {
  const CrashFigures figures = MeasureCrashes(3'000, 10, 3);
  EXPECT_EQ(figures.lost, 0u);
  EXPECT_EQ(figures.reported_twice, 0u);
  EXPECT_EQ(figures.copies_elsewhere, 0u);
  EXPECT_LE(figures.copies, figures.in_flight);
  EXPECT_GT(figures.in_flight, 0u);
}

TEST(Goals, TheSameSeedGivesTheSameFigures) {
  const radio::Run run{.profile = kEdge.profile, .pushes = 500};
  EXPECT_EQ(Measure(run).mean_s, Measure(run).mean_s);
}

}  // namespace
}  // namespace drover::radio
