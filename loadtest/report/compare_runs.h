// Two runs side by side: what changed, and what of it is more than noise.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "loadtest/report/summary_json.h"

namespace drover::report {

enum class Change : uint8_t { kNone, kBetter, kWorse, kUnjudged };

struct Difference {
  std::string name;
  std::string unit;
  std::optional<double> a;  // Empty: this run has no such figure.
  std::optional<double> b;
  std::optional<double> percent;  // Of b against a; empty if a is missing or 0, unless both are 0.
  double noise_percent = 0;       // What chance alone may do.
  Change change = Change::kUnjudged;
};

struct DifferenceJudgement {
  Threshold threshold;
  bool held = false;
  std::string measured;
};

struct Comparison {
  std::vector<std::string> warnings;  // Why the runs may not be comparable.
  std::vector<Difference> differences;
  std::vector<DifferenceJudgement> thresholds;
  bool held() const;
};

// least_noise_percent: differences below it are never called better or worse. Beyond it counts what
// is more than three standard errors of both runs together.
Comparison CompareRuns(const Headline& a, const Headline& b,
                       const std::vector<Threshold>& thresholds, double least_noise_percent);

std::string ComparisonTable(const Comparison& comparison);
std::string ComparisonJson(const Comparison& comparison);

}  // namespace drover::report
