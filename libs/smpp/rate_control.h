// How fast a bind may send: a token bucket that counts segments, and what throttling does to it.
//
// Rate and window are the settings' times a share, which falls when the SMSC throttles and grows
// back with time; never above what was configured. Time is passed in.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace drover::smpp {

using Time = std::chrono::steady_clock::time_point;

struct RateSettings {
  double tps = 0;  // Segments a second, by contract. 0: as many as the window lets through.
  std::chrono::milliseconds burst{200};  // What may be saved up: this long at full rate.
  bool adapts = true;  // False: who sends sees to throttling itself; nothing below applies.
  double cut = 0.7;    // The share times this, when throttled ..
  std::chrono::milliseconds hold{1000};  // .. and nothing is sent for so long.
  double recovery = 0.02;                // The share grows by so much a second.
  double least_share = 0.02;
  // ESME_RMSGQFUL is mostly about one destination: the bind slows down for it only when there were
  // so many within a second.
  int queue_full_limit = 3;
};

class RateControl {
 public:
  // window: requests outstanding at most, at least 1.
  RateControl(const RateSettings& settings, size_t window);

  // Takes a token for each segment, all or none: a group takes its tokens when it begins, so that
  // it is not cut in two. More than the bucket holds are taken when it is full, and owed.
  bool Take(uint32_t segments, Time now);
  // When Take could succeed; `now` or before: at once.
  Time ReadyAt(uint32_t segments, Time now);

  // ESME_RTHROTTLED for a request sent at `sent`. Requests sent before the last cut hold sending up
  // again but do not cut again: a whole window of them says the same thing once.
  void Throttled(Time sent, Time now);
  void QueueFull(Time sent, Time now);  // ESME_RMSGQFUL
  // congestion_state (5.0): from 80 the share stays, from 90 it shrinks, 100 is like Throttled.
  void Congested(uint32_t state, Time sent, Time now);

  double share(Time now);   // 0..1
  size_t window(Time now);  // At least 1.

 private:
  void Advance(Time now);
  void Cut(double factor, Time now);
  double capacity() const;

  const RateSettings settings_;
  const size_t window_;
  double share_ = 1;
  double tokens_ = 0;
  Time at_{};            // Up to when tokens and share are counted.
  Time held_until_{};    // Nothing is sent before.
  Time steady_until_{};  // The share does not grow before.
  Time last_cut_{};
  Time queue_full_since_{};
  int queue_full_ = 0;
  bool begun_ = false;
};

}  // namespace drover::smpp
