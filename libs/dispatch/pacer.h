// How fast one bind may go: a token bucket that counts segments, slowed down when the SMSC says so.
//
// A throttled bind rests a second and goes on at 0.7 of its pace; the pace comes back by 2 % a
// second. It scales the rate and the window alike. Times are microseconds since the epoch.
#pragma once
#include <cstdint>

namespace drover::dispatch {

class Pacer {
 public:
  Pacer() = default;
  // segments_per_second 0: the window alone bounds the rate.
  Pacer(double segments_per_second, uint32_t window, int64_t now)
      : rate_(segments_per_second), window_(window), tokens_(Most()), as_of_(now) {}

  // To be called before the others at each new time.
  void At(int64_t now);
  bool Resting(int64_t now) const { return now < rests_until_; }
  // Whether a group of so many segments may start. Its tokens are all taken then: the limiter
  // never cuts a group in two.
  bool MayStart(uint32_t segments) const;
  void Take(uint32_t segments) {
    if (rate_ > 0) tokens_ -= segments;
  }
  uint32_t window() const;
  // When MayStart(segments) will hold.
  int64_t MayStartAt(uint32_t segments, int64_t now) const;
  int64_t rests_until() const { return rests_until_; }
  double pace() const { return pace_; }

  void Throttle(int64_t now);
  // congestion_state (SMPP 5.0): 90 and more slows down, 100 throttles. Whether it did.
  bool Congested(uint8_t state, int64_t now);

 private:
  double Most() const;
  double rate_ = 0;
  uint32_t window_ = 1;
  double tokens_ = 0;
  double pace_ = 1;
  int64_t as_of_ = 0;
  int64_t rests_until_ = 0;
  int64_t eased_at_ = 0;
};

}  // namespace drover::dispatch
