#include "loadtest/report/histogram.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace drover::report {
namespace {

constexpr int kLinearBits = 11;  // 2,048 buckets of one microsecond: three significant digits.
constexpr uint32_t kHalf = 1U << (kLinearBits - 1);

// The rank that percent asks for, 1..count.
uint64_t RankOf(double percent, uint64_t count) {
  const double wanted = std::ceil(percent / 100 * static_cast<double>(count) - 1e-9);
  return std::clamp<uint64_t>(wanted <= 0 ? 0 : static_cast<uint64_t>(wanted), 1, count);
}

}  // namespace

uint32_t Histogram::IndexOf(uint64_t us) {
  us = std::min(us, kMaxUs);
  const int doubling = std::max(0, static_cast<int>(std::bit_width(us)) - kLinearBits);
  return static_cast<uint32_t>(doubling) * kHalf + static_cast<uint32_t>(us >> doubling);
}

uint64_t Histogram::LowestOf(uint32_t index) {
  if (index < 2 * kHalf) return index;
  const uint32_t doubling = index / kHalf - 1;
  return uint64_t{index - doubling * kHalf} << doubling;
}

uint64_t Histogram::HighestOf(uint32_t index) { return LowestOf(index + 1) - 1; }

void Histogram::Record(std::chrono::nanoseconds time) {
  RecordUs(static_cast<uint64_t>(std::max<int64_t>(0, time.count() / 1000)));
}

void Histogram::RecordUs(uint64_t us, uint64_t count) {
  if (count == 0) return;
  us = std::min(us, kMaxUs);
  const uint32_t index = IndexOf(us);
  if (index >= counts_.size()) counts_.resize(index + 1);
  counts_[index] += count;
  count_ += count;
  min_us_ = std::min(min_us_, us);
  max_us_ = std::max(max_us_, us);
  sum_us_ += static_cast<double>(us) * static_cast<double>(count);
}

void Histogram::Add(const Histogram& other) {
  if (other.counts_.size() > counts_.size()) counts_.resize(other.counts_.size());
  for (size_t i = 0; i < other.counts_.size(); ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  min_us_ = std::min(min_us_, other.min_us_);
  max_us_ = std::max(max_us_, other.max_us_);
  sum_us_ += other.sum_us_;
}

void Histogram::Clear() {
  std::fill(counts_.begin(), counts_.end(), 0);
  count_ = 0;
  min_us_ = std::numeric_limits<uint64_t>::max();
  max_us_ = 0;
  sum_us_ = 0;
}

double Histogram::mean_us() const {
  return count_ == 0 ? 0 : sum_us_ / static_cast<double>(count_);
}

double Histogram::deviation_us() const {
  if (count_ == 0) return 0;
  const double mean = mean_us();
  double squares = 0;
  for (uint32_t i = 0; i < counts_.size(); ++i) {
    const double middle = static_cast<double>(LowestOf(i) + HighestOf(i)) / 2;
    squares += static_cast<double>(counts_[i]) * (middle - mean) * (middle - mean);
  }
  return std::sqrt(squares / static_cast<double>(count_));
}

uint64_t Histogram::PercentileUs(double percent) const {
  if (count_ == 0) return 0;
  const uint64_t rank = RankOf(percent, count_);
  uint64_t seen = 0;
  for (uint32_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= rank) return std::min(HighestOf(i), max_us_);
  }
  return max_us_;
}

Quantiles Histogram::quantiles() const {
  Quantiles found{.count = count_, .max = static_cast<double>(max_us_) / 1000};
  if (count_ == 0) return found;
  const std::array<std::pair<double, double*>, 3> wanted{
      {{50, &found.p50}, {95, &found.p95}, {99, &found.p99}}};
  uint64_t seen = 0;
  size_t next = 0;
  for (uint32_t i = 0; i < counts_.size() && next < wanted.size(); ++i) {
    seen += counts_[i];
    while (next < wanted.size() && seen >= RankOf(wanted[next].first, count_)) {
      *wanted[next].second = static_cast<double>(std::min(HighestOf(i), max_us_)) / 1000;
      ++next;
    }
  }
  return found;
}

uint64_t Histogram::CountUpToUs(uint64_t us) const {
  const size_t end = std::min<size_t>(counts_.size(), size_t{IndexOf(us)} + 1);
  uint64_t seen = 0;
  for (size_t i = 0; i < end; ++i) seen += counts_[i];
  return seen;
}

std::vector<Bucket> Histogram::Buckets() const {
  std::vector<Bucket> buckets;
  for (uint32_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] > 0) buckets.push_back({i, counts_[i]});
  }
  return buckets;
}

std::vector<Bucket> Histogram::CoarseBuckets() const {
  constexpr int kKeptBits = 6;
  std::vector<Bucket> buckets;
  for (uint32_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] == 0) continue;
    const uint64_t us = HighestOf(i);
    const int dropped = std::max(0, static_cast<int>(std::bit_width(us)) - kKeptBits);
    const uint32_t index = IndexOf(us | ((uint64_t{1} << dropped) - 1));
    if (buckets.empty() || buckets.back().index != index) buckets.push_back({index, 0});
    buckets.back().count += counts_[i];
  }
  return buckets;
}

void Histogram::Restore(const std::vector<Bucket>& buckets, uint64_t min_us, uint64_t max_us,
                        double sum_us) {
  Histogram restored;
  for (const Bucket& bucket : buckets) {
    const uint32_t index = std::min(bucket.index, IndexOf(kMaxUs));
    restored.RecordUs(LowestOf(index), bucket.count);
    restored.max_us_ = std::max(restored.max_us_, HighestOf(index));
  }
  if (restored.count_ == 0) return;
  if (max_us > 0 || sum_us > 0) {
    restored.min_us_ = min_us;
    restored.max_us_ = max_us;
    restored.sum_us_ = sum_us;
  }
  Add(restored);
}

}  // namespace drover::report
