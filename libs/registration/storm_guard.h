// So many a second and no more; the rest waits its turn, up to a bound.
//
// After a restart of the network terminals register by the million: their confirmations leave at
// confirm_rate. A value that is told the time.
#pragma once
#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include "libs/base/check.h"
#include "libs/base/clock.h"

namespace drover::registration {

template <typename T>
class StormGuard {
 public:
  enum class Admission : uint8_t { kQueued, kFull };

  // per_second: above 0. A pause earns at most a tenth of a second's worth. capacity: what may
  // wait.
  StormGuard(double per_second, size_t capacity)
      : per_second_(per_second),
        burst_(std::max(per_second / 10, 1.0)),
        capacity_(capacity),
        tokens_(burst_) {
    DROVER_CHECK(per_second > 0);
  }

  // kFull: item is left as it was.
  Admission Offer(T&& item) {
    if (waiting_.size() >= capacity_) return Admission::kFull;
    waiting_.push_back(std::move(item));
    return Admission::kQueued;
  }

  // The next item that may go, in the order of Offer; nullopt: nothing waits or it is not time yet.
  std::optional<T> Next(TimePoint now) {
    Refill(now);
    if (waiting_.empty() || tokens_ < 1) return std::nullopt;
    tokens_ -= 1;
    std::optional<T> item(std::move(waiting_.front()));
    waiting_.pop_front();
    return item;
  }

  // When Next may have something; nullopt: nothing waits.
  std::optional<TimePoint> Due(TimePoint now) const {
    if (waiting_.empty()) return std::nullopt;
    const double missing = std::max(1 - tokens_, 0.0);
    const auto wait = std::chrono::microseconds(static_cast<int64_t>(missing / per_second_ * 1e6));
    return std::max(now, filled_ + wait + std::chrono::microseconds(missing > 0 ? 1 : 0));
  }

  size_t size() const { return waiting_.size(); }

 private:
  void Refill(TimePoint now) {
    if (now > filled_) {  // A clock that goes back earns nothing and loses nothing.
      const double seconds = std::chrono::duration<double>(now - filled_).count();
      tokens_ = std::min(tokens_ + seconds * per_second_, burst_);
    }
    filled_ = now;
  }

  double per_second_;
  double burst_;
  size_t capacity_;
  double tokens_;
  TimePoint filled_{};
  std::deque<T> waiting_;
};

}  // namespace drover::registration
