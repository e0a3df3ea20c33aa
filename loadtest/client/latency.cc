#include "loadtest/client/latency.h"

#include <algorithm>
#include <bit>

namespace drover::terminal {

size_t Latency::BucketOf(uint64_t us) {
  if (us < kSubBuckets) return us;
  const auto doubling = static_cast<size_t>(std::bit_width(us)) - std::bit_width(kSubBuckets) + 1;
  const size_t sub = (us >> (doubling - 1)) - kSubBuckets;
  return std::min(doubling * kSubBuckets + sub, kSubBuckets * kDoublings - 1);
}

double Latency::MiddleOf(size_t bucket) {
  if (bucket < kSubBuckets) return static_cast<double>(bucket) + 0.5;
  const size_t doubling = bucket / kSubBuckets;
  const size_t width = size_t{1} << (doubling - 1);
  return static_cast<double>((kSubBuckets + bucket % kSubBuckets) * width) +
         static_cast<double>(width) / 2;
}

void Latency::Add(std::chrono::nanoseconds time) {
  const auto us = static_cast<uint64_t>(std::max<int64_t>(0, time.count() / 1000));
  ++buckets_[BucketOf(us)];
  ++count_;
  sum_ms_ += static_cast<double>(time.count()) / 1e6;
}

void Latency::Add(const Latency& other) {
  for (size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  sum_ms_ += other.sum_ms_;
}

double Latency::Percentile(double percent) const {
  const double wanted = static_cast<double>(count_) * percent / 100;
  uint64_t seen = 0;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen > 0 && static_cast<double>(seen) >= wanted) return MiddleOf(i) / 1000;
  }
  return 0;
}

}  // namespace drover::terminal
