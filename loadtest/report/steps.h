// What the steps of a run's rate say together: how much was served past the sustainable rate, how
// fast, and how soon all was well again.
#pragma once
#include <optional>
#include <vector>

#include "loadtest/report/run_record.h"

namespace drover::report {

// The step with the highest rate beside the others. What the run does not tell is empty.
struct Overload {
  size_t step = 0;
  double goodput_percent = 0;         // Of the sustainable rate (Scale::rate_per_s).
  std::optional<double> p99_percent;  // Of accepted sessions, of the first step's.
  std::optional<double> recovery_s;   // From its end on, if a step with a lower rate follows.
};
// nullopt: no step has a rate above the sustainable one.
std::optional<Overload> OverloadOf(const RunRecord& record);

// Seconds from at_s, where the rate has fallen, until all is as it was: to the first of three
// seconds in a row in which nobody was refused and nothing failed, and p99 of accepted sessions was
// at most three times normal_p99_ms. nullopt: never.
std::optional<double> RecoveryOf(const std::vector<Second>& seconds, double at_s,
                                 double normal_p99_ms);

}  // namespace drover::report
