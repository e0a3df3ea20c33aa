// Latencies counted with three significant digits, from a microsecond to a day and a half, in
// bounded memory.
//
// The buckets are those of HdrHistogram (2,048 linear ones, then 1,024 for each doubling), so that
// its plotters read what WriteHdr (hdr_text.h) makes of them. Histograms with the same values are
// equal, and adding two is the same as recording all values into one.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace drover::report {

struct Bucket {
  uint32_t index = 0;
  uint64_t count = 0;
  friend bool operator==(const Bucket&, const Bucket&) = default;
};

// In milliseconds; all 0 if nothing was counted.
struct Quantiles {
  uint64_t count = 0;
  double p50 = 0;
  double p95 = 0;
  double p99 = 0;
  double max = 0;
  friend bool operator==(const Quantiles&, const Quantiles&) = default;
};

class Histogram {
 public:
  static constexpr uint64_t kMaxUs = (uint64_t{1} << 37) - 1;  // Longer ones count as this.

  void Record(std::chrono::nanoseconds time);
  void RecordUs(uint64_t us, uint64_t count = 1);
  void Add(const Histogram& other);
  // Forgets the values and keeps the memory: for one histogram a second.
  void Clear();

  uint64_t count() const { return count_; }
  double mean_us() const;
  double deviation_us() const;
  uint64_t min_us() const { return count_ == 0 ? 0 : min_us_; }
  uint64_t max_us() const { return max_us_; }
  // The largest value that is the same as the wanted one at three digits; percent 0..100, 100 is
  // exact. 0 if nothing was counted.
  uint64_t PercentileUs(double percent) const;
  double PercentileMs(double percent) const {
    return static_cast<double>(PercentileUs(percent)) / 1000;
  }
  // All of them in one pass.
  Quantiles quantiles() const;
  // Values at most this long, as far as three digits tell.
  uint64_t CountUpToUs(uint64_t us) const;

  // What was counted, without the empty buckets, in order.
  std::vector<Bucket> Buckets() const;
  // The same with 32 buckets for each doubling (3 % wide): what one second keeps of itself.
  std::vector<Bucket> CoarseBuckets() const;
  // Adds counts that Buckets() gave; indices out of range count as kMaxUs. min, max and sum are
  // those of whoever recorded (Restore) or as far as the buckets tell (0, 0, 0).
  void Restore(const std::vector<Bucket>& buckets, uint64_t min_us, uint64_t max_us, double sum_us);
  double sum_us() const { return sum_us_; }

  static uint32_t IndexOf(uint64_t us);
  static uint64_t LowestOf(uint32_t index);   // In microseconds.
  static uint64_t HighestOf(uint32_t index);  // In microseconds.

  friend bool operator==(const Histogram& a, const Histogram& b) {
    return a.count_ == b.count_ && a.min_us_ == b.min_us_ && a.max_us_ == b.max_us_ &&
           a.Buckets() == b.Buckets();
  }

 private:
  std::vector<uint64_t> counts_;  // As long as the longest value needs: at most 28,672.
  uint64_t count_ = 0;
  uint64_t min_us_ = std::numeric_limits<uint64_t>::max();
  uint64_t max_us_ = 0;
  double sum_us_ = 0;
};

}  // namespace drover::report
