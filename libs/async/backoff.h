// How long to wait before the next attempt to connect: doubling, bounded, with jitter, so that a
// server that comes back is not met by all its clients at once.
#pragma once
#include <algorithm>
#include <chrono>
#include <random>

namespace drover {

class Backoff {
 public:
  // The first wait is at once; then a random half to whole of 50 ms, 100 ms .. 2 s.
  std::chrono::milliseconds Next() {
    if (attempt_++ == 0) return std::chrono::milliseconds(0);
    const int whole = std::min(kLongest, kShortest << std::min(attempt_ - 2, 10));
    return std::chrono::milliseconds(std::uniform_int_distribution<int>(whole / 2, whole)(random_));
  }
  void Reset() { attempt_ = 0; }

 private:
  static constexpr int kShortest = 50;  // ms
  static constexpr int kLongest = 2000;
  int attempt_ = 0;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace drover
