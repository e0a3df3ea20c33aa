#include "loadtest/report/compare_runs.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <nlohmann/json.hpp>

#include "loadtest/report/numbers.h"

namespace drover::report {
namespace {

const Figure* Named(const std::vector<Figure>& figures, const std::string& name) {
  const auto found = std::find_if(figures.begin(), figures.end(),
                                  [&name](const Figure& figure) { return figure.name == name; });
  return found == figures.end() ? nullptr : &*found;
}

std::optional<double> PercentOf(double a, double b) {
  if (a == 0) return b == 0 ? std::optional(0.0) : std::nullopt;
  return 100 * (b - a) / std::abs(a);
}

Change Judge(const Difference& difference, const std::string& better) {
  if (better.empty() || !difference.a || !difference.b) return Change::kUnjudged;
  const double change = *difference.b - *difference.a;
  const bool beyond =
      difference.percent ? std::abs(*difference.percent) > difference.noise_percent : change != 0;
  if (!beyond) return Change::kNone;
  return (change > 0) == (better == "higher") ? Change::kBetter : Change::kWorse;
}

Difference DifferenceOf(const Figure* a, const Figure* b, double least_noise_percent) {
  const Figure& named = a != nullptr ? *a : *b;
  Difference difference{.name = named.name, .unit = named.unit};
  if (a != nullptr) difference.a = a->value;
  if (b != nullptr) difference.b = b->value;
  if (a == nullptr || b == nullptr) return difference;
  difference.percent = PercentOf(a->value, b->value);
  difference.noise_percent =
      std::max(least_noise_percent, 3 * std::hypot(a->spread_percent, b->spread_percent));
  difference.change = Judge(difference, named.better);
  return difference;
}

std::vector<std::string> WarningsOf(const Headline& a, const Headline& b) {
  std::vector<std::string> warnings;
  if (a.scenario != b.scenario) {
    warnings.push_back("different scenarios: " + a.scenario + " and " + b.scenario);
  }
  if (a.model != b.model) warnings.push_back("one is an open model, the other a closed one");
  if (a.scale.devices != b.scale.devices) {
    warnings.push_back("different numbers of terminals: " + Count(a.scale.devices) + " and " +
                       Count(b.scale.devices));
  }
  if (a.scale.rate_per_s != b.scale.rate_per_s) {
    warnings.push_back("different rates were asked for: " + Significant(a.scale.rate_per_s) +
                       "/s and " + Significant(b.scale.rate_per_s) +
                       "/s; latencies and CPU a session depend on it");
  }
  if (!a.passed) warnings.push_back("the first run did not pass");
  if (!b.passed) warnings.push_back("the second run did not pass");
  return warnings;
}

DifferenceJudgement JudgeOne(const Threshold& threshold, const std::vector<Difference>& all) {
  const auto found = std::find_if(all.begin(), all.end(), [&threshold](const Difference& one) {
    return one.name == threshold.measure;
  });
  if (found == all.end()) return {threshold, false, "neither run has such a figure"};
  if (!found->a || !found->b) return {threshold, false, "only one run has this figure"};
  if (!found->percent) return {threshold, false, "it was 0 and is not"};
  return {threshold, Holds(threshold.relation, *found->percent, threshold.bound),
          Significant(*found->percent) + " %"};
}

constexpr std::array<const char*, 4> kChangeNames{"none", "better", "worse", "unjudged"};

std::string Shown(const std::optional<double>& value, const std::string& unit) {
  if (!value) return "-";
  return unit == "bytes" ? Bytes(*value) : Significant(*value);
}

std::string Signed(const std::optional<double>& percent) {
  if (!percent) return "-";
  return (*percent > 0 ? "+" : "") + Fixed(*percent, 1) + " %";
}

std::string Padded(const std::string& text, size_t width, bool right) {
  const std::string padding(width > text.size() ? width - text.size() : 0, ' ');
  return right ? padding + text : text + padding;
}

}  // namespace

bool Comparison::held() const {
  return std::all_of(thresholds.begin(), thresholds.end(),
                     [](const DifferenceJudgement& one) { return one.held; });
}

Comparison CompareRuns(const Headline& a, const Headline& b,
                       const std::vector<Threshold>& thresholds, double least_noise_percent) {
  Comparison comparison;
  comparison.warnings = WarningsOf(a, b);
  for (const Figure& figure : a.figures) {
    comparison.differences.push_back(
        DifferenceOf(&figure, Named(b.figures, figure.name), least_noise_percent));
  }
  for (const Figure& figure : b.figures) {
    if (Named(a.figures, figure.name) != nullptr) continue;
    comparison.differences.push_back(DifferenceOf(nullptr, &figure, least_noise_percent));
  }
  for (const Threshold& threshold : thresholds) {
    comparison.thresholds.push_back(JudgeOne(threshold, comparison.differences));
  }
  return comparison;
}

std::string ComparisonTable(const Comparison& comparison) {
  std::vector<std::array<std::string, 7>> rows{
      {"figure", "A", "B", "unit", "difference", "noise", ""}};
  for (const Difference& one : comparison.differences) {
    const bool judged = one.change == Change::kBetter || one.change == Change::kWorse;
    rows.push_back({one.name, Shown(one.a, one.unit), Shown(one.b, one.unit),
                    one.unit == "bytes" ? "" : one.unit, Signed(one.percent),
                    one.change == Change::kUnjudged ? "" : Fixed(one.noise_percent, 1) + " %",
                    judged ? kChangeNames[static_cast<size_t>(one.change)] : ""});
  }
  std::array<size_t, 7> widths{};
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const bool right = i == 1 || i == 2 || i == 4 || i == 5;
      line += (i == 0 ? "" : "  ") + Padded(row[i], widths[i], right);
    }
    text += line.erase(line.find_last_not_of(' ') + 1) + "\n";
  }
  for (const std::string& warning : comparison.warnings) text += "note: " + warning + "\n";
  for (const DifferenceJudgement& one : comparison.thresholds) {
    text += "threshold " + one.threshold.text + ": " + one.measured +
            (one.held ? ", held\n" : ", MISSED\n");
  }
  return text;
}

std::string ComparisonJson(const Comparison& comparison) {
  using Json = nlohmann::ordered_json;
  const auto number = [](const std::optional<double>& value) {
    return value ? Json(Rounded(*value, 6)) : Json();
  };
  Json differences = Json::array();
  for (const Difference& one : comparison.differences) {
    differences.push_back({{"name", one.name},
                           {"unit", one.unit},
                           {"a", number(one.a)},
                           {"b", number(one.b)},
                           {"difference_percent", number(one.percent)},
                           {"noise_percent", Rounded(one.noise_percent, 3)},
                           {"change", kChangeNames[static_cast<size_t>(one.change)]}});
  }
  Json thresholds = Json::array();
  for (const DifferenceJudgement& one : comparison.thresholds) {
    thresholds.push_back(
        {{"threshold", one.threshold.text}, {"measured", one.measured}, {"held", one.held}});
  }
  const Json json{{"schema_version", kSchemaVersion},
                  {"held", comparison.held()},
                  {"warnings", comparison.warnings},
                  {"figures", differences},
                  {"thresholds", thresholds}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace drover::report
