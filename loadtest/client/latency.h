// Latencies counted in buckets of 3 % width: memory does not grow with what is counted.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>

namespace drover::terminal {

class Latency {
 public:
  void Add(std::chrono::nanoseconds time);
  void Add(const Latency& other);
  uint64_t count() const { return count_; }
  // In milliseconds; percent 0..100. 0 if nothing was counted.
  double Percentile(double percent) const;
  double mean_ms() const { return count_ == 0 ? 0 : sum_ms_ / static_cast<double>(count_); }

 private:
  static constexpr size_t kSubBuckets = 32;  // For each doubling.
  static constexpr size_t kDoublings = 36;   // From 1 us to 19 hours.
  static size_t BucketOf(uint64_t us);
  static double MiddleOf(size_t bucket);  // In microseconds.

  std::array<uint64_t, kSubBuckets * kDoublings> buckets_{};
  uint64_t count_ = 0;
  double sum_ms_ = 0;
};

}  // namespace drover::terminal
