#include "loadtest/client/latency.h"

namespace drover::terminal {
namespace {

using std::chrono::microseconds;

TEST(Latency, PercentilesAreWithinThreePercent) {
  Latency latency;
  for (int us = 1; us <= 100'000; ++us) latency.Add(microseconds(us));
  EXPECT_EQ(latency.count(), 100'000U);
  EXPECT_NEAR(latency.Percentile(50), 50.0, 1.5);
  EXPECT_NEAR(latency.Percentile(99), 99.0, 3.0);
  EXPECT_NEAR(latency.mean_ms(), 50.0, 0.1);
}

TEST(Latency, SmallAndHugeTimesHaveABucket) {
  Latency latency;
  latency.Add(microseconds(0));
  EXPECT_LT(latency.Percentile(50), 0.001);
  latency.Add(std::chrono::hours(100));
  EXPECT_GT(latency.Percentile(100), 1e6);
}

TEST(Latency, OfNothingIsZero) { EXPECT_EQ(Latency().Percentile(99), 0); }

TEST(Latency, TwoAddUp) {
  Latency a;
  Latency b;
  a.Add(microseconds(10));
  b.Add(microseconds(1000));
  a.Add(b);
  EXPECT_EQ(a.count(), 2U);
  EXPECT_NEAR(a.Percentile(100), 1.0, 0.03);
}

}  // namespace
}  // namespace drover::terminal
