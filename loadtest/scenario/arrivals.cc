#include "loadtest/scenario/arrivals.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string>

#include "loadtest/fleet/draw.h"

namespace drover::scenario {
namespace {

constexpr double kRounding = 1e-6;  // Seconds: sums of many gaps.
constexpr double kNever = std::numeric_limits<double>::infinity();

double Seconds(Duration time) { return std::chrono::duration<double>(time).count(); }

// How far into a segment so many arrivals come, its rate being `rate` and growing by `slope` a
// second: rate * x + slope * x^2 / 2 = arrivals. Infinity: they never do.
double TimeFor(double arrivals, double rate, double slope) {
  if (slope == 0) return rate > 0 ? arrivals / rate : kNever;
  const double root = rate * rate + 2 * slope * arrivals;
  return root < 0 ? kNever : 2 * arrivals / (rate + std::sqrt(root));
}

std::string NameOf(const RateStep& step) {
  char name[32];
  if (step.times > 0) {
    std::snprintf(name, sizeof name, "%gx", step.times);
  } else {
    std::snprintf(name, sizeof name, "%g/s", step.per_s);
  }
  return name;
}

// Of a shape with steps: their rates, and none behind them.
std::vector<RatePoint> RatesOf(const ArrivalShape& shape) {
  std::vector<RatePoint> rates;
  Duration end{0};
  for (const PlannedStep& step : PlannedSteps(shape)) {
    rates.push_back({step.at, step.per_s});
    end = step.at + step.length;
  }
  rates.push_back({end, 0});
  return rates;
}

ArrivalShape Evened(ArrivalShape shape, uint64_t terminals) {
  if (!shape.steps.empty()) {
    shape.rates = RatesOf(shape);
    shape.ramps = false;
  }
  if (shape.storm.count() > 0) {
    shape.rates = {{Duration{0}, static_cast<double>(terminals) / Seconds(shape.storm)}};
    shape.ramps = false;
  }
  return shape;
}

}  // namespace

std::vector<PlannedStep> PlannedSteps(const ArrivalShape& shape) {
  std::vector<PlannedStep> planned;
  Duration at{0};
  for (const RateStep& step : shape.steps) {
    const double rate = step.times > 0 ? step.times * shape.rates.front().per_s : step.per_s;
    planned.push_back({NameOf(step), at, step.length, rate});
    at += step.length;
  }
  return planned;
}

Result<void> Check(const std::vector<RatePoint>& rates) {
  if (rates.empty() || rates.front().at.count() != 0) {
    return InvalidArgument("the first rate must be at 0s: [[0s, 1000/s], [60s, 2000/s]]");
  }
  double highest = 0;
  for (size_t i = 0; i < rates.size(); ++i) {
    if (i > 0 && rates[i].at <= rates[i - 1].at) {
      return InvalidArgument("times of rates must rise: each later than the one before");
    }
    highest = std::max(highest, rates[i].per_s);
  }
  if (highest <= 0) return InvalidArgument("at least one rate must be above 0");
  return {};
}

Arrivals::Arrivals(ArrivalShape shape, uint64_t seed, uint64_t terminals, Duration duration,
                   uint64_t limit)
    : shape_(Evened(std::move(shape), terminals)), seed_(seed), limit_(limit) {
  end_s_ = duration.count() > 0 ? Seconds(duration) : kNever;
  if (shape_.storm.count() > 0) limit_ = limit == 0 ? terminals : std::min(limit, terminals);
}

double Arrivals::RateAt(Duration at) const {
  size_t i = 0;
  while (i + 1 < shape_.rates.size() && shape_.rates[i + 1].at <= at) ++i;
  const RatePoint& from = shape_.rates[i];
  if (!shape_.ramps || i + 1 == shape_.rates.size()) return from.per_s;
  const RatePoint& to = shape_.rates[i + 1];
  const double part = Seconds(at - from.at) / Seconds(to.at - from.at);
  return from.per_s + (to.per_s - from.per_s) * part;
}

std::optional<double> Arrivals::Advance(double arrivals) {
  while (true) {
    const RatePoint& from = shape_.rates[segment_];
    const bool last = segment_ + 1 == shape_.rates.size();
    const double end = last ? kNever : Seconds(shape_.rates[segment_ + 1].at);
    double slope = 0;
    if (shape_.ramps && !last) {
      slope = (shape_.rates[segment_ + 1].per_s - from.per_s) / (end - Seconds(from.at));
    }
    const double rate = from.per_s + slope * (now_s_ - Seconds(from.at));
    const double wanted = now_s_ + TimeFor(arrivals, rate, slope);
    if (wanted <= end && wanted != kNever) return wanted;
    if (last) return std::nullopt;
    const double rest = end - now_s_;
    arrivals -= rate * rest + slope * rest * rest / 2;
    arrivals = std::max(arrivals, 0.0);
    now_s_ = end;
    ++segment_;
  }
}

std::optional<Duration> Arrivals::Next() {
  if (limit_ != 0 && drawn_ >= limit_) return std::nullopt;
  const uint64_t draw = fleet::Draw(seed_, drawn_, fleet::Purpose::kArrival);
  const bool poisson = shape_.process == Process::kPoisson;
  const double gap = poisson ? -std::log1p(-fleet::Fraction(draw)) : 1.0;
  const std::optional<double> at = Advance(gap);
  if (!at || *at > end_s_ + kRounding) return std::nullopt;
  now_s_ = *at;
  ++drawn_;
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*at));
}

}  // namespace drover::scenario
