// When sessions are due: a rate that may change over time, and how chance spreads arrivals around
// it.
//
// Open model: arrivals ask nobody whether the server keeps up.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "libs/base/result.h"
#include "loadtest/scenario/units.h"

namespace drover::scenario {

enum class Process : uint8_t {
  kPoisson,   // Each arrival is independent of all others.
  kConstant,  // Evenly spaced.
};

// A rate from a time on.
struct RatePoint {
  Duration at{0};
  double per_s = 0;
  friend bool operator==(const RatePoint&, const RatePoint&) = default;
};

struct ArrivalShape {
  Process process = Process::kPoisson;
  std::vector<RatePoint> rates;  // By time, the first at 0.
  bool ramps = false;            // The rate moves in a line from point to point, not in steps.
  // Not 0: a storm. Every terminal returns once, at a time of its own within this; rates say
  // nothing.
  Duration storm{0};
  friend bool operator==(const ArrivalShape&, const ArrivalShape&) = default;
};

// kInvalidArgument says what a list of rates lacks: the first at 0, times that rise, a rate above
// 0.
Result<void> Check(const std::vector<RatePoint>& rates);

class Arrivals {
 public:
  // terminals: how many return in a storm. duration: no arrival is later. limit: no more than so
  // many. 0: no bound.
  Arrivals(ArrivalShape shape, uint64_t seed, uint64_t terminals, Duration duration,
           uint64_t limit);

  // The next one, counted from the beginning of the run; nullopt: there are no more.
  std::optional<Duration> Next();
  // How many a second are due at this time, on average.
  double RateAt(Duration at) const;
  uint64_t drawn() const { return drawn_; }

 private:
  // The time at which so many more are due than at the last arrival; nullopt: never.
  std::optional<double> Advance(double arrivals);

  ArrivalShape shape_;
  uint64_t seed_;
  double end_s_;  // Of the arrivals.
  uint64_t limit_;
  uint64_t drawn_ = 0;
  double now_s_ = 0;
  size_t segment_ = 0;
};

}  // namespace drover::scenario
