#include "loadtest/report/steps.h"

#include <algorithm>
#include <numeric>

namespace drover::report {
namespace {

constexpr int kSecondsInARow = 3;
constexpr double kAsBefore = 3;  // Times the normal p99.
constexpr double kPercentile = 99;

bool IsWell(const Second& second, double normal_p99_ms) {
  const uint64_t failed = std::accumulate(second.errors.begin(), second.errors.end(), uint64_t{0});
  return second.refused == 0 && failed == 0 && second.good > 0 &&
         second.accepted.p99 <= kAsBefore * normal_p99_ms;
}

}  // namespace

std::optional<double> RecoveryOf(const std::vector<Second>& seconds, double at_s,
                                 double normal_p99_ms) {
  int well = 0;
  double since_s = 0;
  for (const Second& second : seconds) {
    if (second.at_s < at_s) continue;
    if (!IsWell(second, normal_p99_ms)) {
      well = 0;
      continue;
    }
    if (well++ == 0) since_s = second.at_s;
    if (well == kSecondsInARow) return since_s - at_s;
  }
  return std::nullopt;
}

std::optional<Overload> OverloadOf(const RunRecord& record) {
  const auto highest =
      std::max_element(record.steps.begin(), record.steps.end(),
                       [](const Step& a, const Step& b) { return a.rate_per_s < b.rate_per_s; });
  const double sustainable = record.scale.rate_per_s;
  if (highest == record.steps.end() || highest->rate_per_s <= sustainable) return std::nullopt;
  Overload overload;
  overload.step = static_cast<size_t>(highest - record.steps.begin());
  overload.goodput_percent = sustainable > 0 ? 100 * highest->good_per_s() / sustainable : 0;
  const double normal_ms = record.steps.front().accepted.PercentileMs(kPercentile);
  if (overload.step == 0 || normal_ms <= 0) return overload;
  overload.p99_percent = 100 * highest->accepted.PercentileMs(kPercentile) / normal_ms;
  const auto next = std::next(highest);
  if (next == record.steps.end()) return overload;
  overload.recovery_s = RecoveryOf(record.seconds, next->begin_s, normal_ms);
  return overload;
}

}  // namespace drover::report
