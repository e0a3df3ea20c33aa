// When sessions are due: a rate that may change over time, and how chance spreads arrivals around
// it.
//
// Open model: arrivals ask nobody whether the server keeps up.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
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

// A part of the run with a rate of its own.
struct RateStep {
  double per_s = 0;  // Or, if it is 0,
  double times = 0;  // so many times the first of the shape's rates, the sustainable one.
  Duration length{0};
  friend bool operator==(const RateStep&, const RateStep&) = default;
};

struct ArrivalShape {
  Process process = Process::kPoisson;
  std::vector<RatePoint> rates;  // By time, the first at 0.
  // Not empty: one after the other, each with a line of its own in the report; then there are no
  // more arrivals.
  std::vector<RateStep> steps;
  bool ramps = false;  // The rate moves in a line from point to point, not in steps.
  // Not 0: a storm. Every terminal returns once, at a time of its own within this; rates say
  // nothing.
  Duration storm{0};
  friend bool operator==(const ArrivalShape&, const ArrivalShape&) = default;
};

// kInvalidArgument says what a list of rates lacks: the first at 0, times that rise, a rate above
// 0.
Result<void> Check(const std::vector<RatePoint>& rates);

// A step as it is in the run.
struct PlannedStep {
  std::string name;  // "0.5x", "2x", "3000/s"
  Duration at{0};
  Duration length{0};
  double per_s = 0;
};
std::vector<PlannedStep> PlannedSteps(const ArrivalShape& shape);

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
