#include "loadtest/report/histogram.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace drover::report {
namespace {

std::vector<uint64_t> Draw(std::mt19937_64& random, size_t count) {
  std::lognormal_distribution<double> latency(9, 1.5);
  std::vector<uint64_t> values(count);
  std::generate(values.begin(), values.end(),
                [&] { return static_cast<uint64_t>(latency(random)); });
  return values;
}

TEST(Histogram, NamesEveryBucketByTheValuesThatFallIntoIt) {
  for (uint64_t us = 0; us <= Histogram::kMaxUs; us = us < 5000 ? us + 1 : us + us / 97) {
    const uint32_t index = Histogram::IndexOf(us);
    EXPECT_LE(Histogram::LowestOf(index), us);
    EXPECT_GE(Histogram::HighestOf(index), us);
    EXPECT_EQ(Histogram::IndexOf(Histogram::LowestOf(index)), index);
    EXPECT_EQ(Histogram::IndexOf(Histogram::HighestOf(index)), index);
  }
}

TEST(Histogram, TellsPercentilesWithThreeDigits) {
  std::mt19937_64 random(7);
  std::vector<uint64_t> values = Draw(random, 20'000);
  Histogram histogram;
  for (const uint64_t value : values) histogram.RecordUs(value);
  std::sort(values.begin(), values.end());
  for (const double percent : {0.01, 1.0, 50.0, 90.0, 95.0, 99.0, 99.9, 99.99}) {
    const double exact = static_cast<double>(
        values[static_cast<size_t>(std::ceil(percent / 100 * 20'000 - 1e-9)) - 1]);
    EXPECT_NEAR(static_cast<double>(histogram.PercentileUs(percent)), exact, exact / 1000 + 1);
  }
  EXPECT_EQ(histogram.PercentileUs(100), values.back());
  EXPECT_EQ(histogram.min_us(), values.front());
  EXPECT_EQ(histogram.CountUpToUs(values.back()), values.size());
  const Quantiles all = histogram.quantiles();
  EXPECT_EQ(all.p50, histogram.PercentileMs(50));
  EXPECT_EQ(all.p95, histogram.PercentileMs(95));
  EXPECT_EQ(all.p99, histogram.PercentileMs(99));
  EXPECT_EQ(all.max, histogram.PercentileMs(100));
}

TEST(Histogram, AddingIsTheSameAsRecordingAllIntoOne) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 20; ++round) {
    Histogram one;
    Histogram merged;
    for (int part = 0; part < 4; ++part) {
      Histogram histogram;
      for (const uint64_t value : Draw(random, random() % 500)) {
        one.RecordUs(value);
        histogram.RecordUs(value);
      }
      merged.Add(histogram);
    }
    EXPECT_EQ(one, merged);
    EXPECT_NEAR(one.mean_us(), merged.mean_us(), 1e-6 * one.mean_us());
  }
}

TEST(Histogram, ComesBackFromItsBuckets) {
  std::mt19937_64 random(3);
  Histogram histogram;
  for (const uint64_t value : Draw(random, 1000)) histogram.RecordUs(value);
  Histogram back;
  back.Restore(histogram.Buckets(), histogram.min_us(), histogram.max_us(), histogram.sum_us());
  EXPECT_EQ(back, histogram);
  Histogram coarse;
  coarse.Restore(histogram.Buckets(), 0, 0, 0);
  EXPECT_NEAR(coarse.PercentileMs(99), histogram.PercentileMs(99),
              histogram.PercentileMs(99) / 900);
}

TEST(Histogram, KeepsThreePercentInCoarseBuckets) {
  std::mt19937_64 random(5);
  Histogram histogram;
  for (const uint64_t value : Draw(random, 5000)) histogram.RecordUs(value);
  Histogram coarse;
  coarse.Restore(histogram.CoarseBuckets(), 0, 0, 0);
  EXPECT_EQ(coarse.count(), histogram.count());
  EXPECT_LT(histogram.CoarseBuckets().size(), 500U);
  for (const double percent : {1.0, 50.0, 95.0, 99.0, 100.0}) {
    const double exact = histogram.PercentileMs(percent);
    EXPECT_GE(coarse.PercentileMs(percent), exact * 0.999);
    EXPECT_LE(coarse.PercentileMs(percent), exact * 1.032 + 0.001);
  }
}

TEST(Histogram, IsEmptyAgainWhenCleared) {
  Histogram histogram;
  histogram.Record(std::chrono::hours(100));
  EXPECT_EQ(histogram.max_us(), Histogram::kMaxUs);
  histogram.Clear();
  EXPECT_EQ(histogram, Histogram());
  EXPECT_EQ(histogram.PercentileUs(99), 0U);
  EXPECT_EQ(histogram.quantiles(), Quantiles());
}

TEST(Histogram, CountsATimeBeforeZeroAsZero) {
  Histogram histogram;
  histogram.Record(std::chrono::microseconds(-5));
  EXPECT_EQ(histogram.max_us(), 0U);
  EXPECT_EQ(histogram.count(), 1U);
}

}  // namespace
}  // namespace drover::report
