#include "loadtest/radio/goals.h"

#include <algorithm>
#include <cstdio>

namespace drover::radio {
namespace {

// One row after the other; a bar of a smaller run is wider by the slack.
class Rows {
 public:
  explicit Rows(double slack) : slack_(slack) {}

  void AtLeast(const char* goal, const char* what, double value, double bar, const char* unit,
               double beside = -1) {
    Add(goal, what, ">=", value, bar, unit, beside, value >= bar - slack_ * (100 - bar));
  }
  void AtMost(const char* goal, const char* what, double value, double bar, const char* unit,
              double beside = -1) {
    Add(goal, what, "<=", value, bar, unit, beside, value <= bar * (1 + slack_));
  }
  std::vector<Verdict> Take() { return std::move(rows_); }

 private:
  void Add(const char* goal, const char* what, const char* how, double value, double bar,
           const char* unit, double beside, bool met) {
    char text[64];
    std::snprintf(text, sizeof text, "%s %g", how, bar);
    rows_.push_back({goal, what, text, value, unit, how[0] == '<', beside, met});
  }
  double slack_;
  std::vector<Verdict> rows_;
};

Figures Of(const Terrain& terrain, Kind kind, size_t pushes, uint64_t seed) {
  return Measure({.profile = terrain.profile, .kind = kind, .pushes = pushes, .seed = seed});
}

void AddRadio(Rows& rows, size_t pushes, uint64_t seed) {
  const Figures near = Of(kReachable, Kind::kGroup, pushes, seed);
  const Figures near_naive = Of(kReachable, Kind::kNaive, pushes, seed);
  rows.AtLeast("G1", "reachable_success", 100 * near.success, 99.9, "%", 100 * near_naive.success);
  rows.AtMost("G1", "reachable_p95", near.p95_s, 40, "s", near_naive.p95_s);
  rows.AtMost("G1", "reachable_mean_to_naive", 100 * near.mean_s / near_naive.mean_s, 65, "%");
  const Figures urban = Of(kUrban, Kind::kGroup, pushes, seed);
  const Figures urban_naive = Of(kUrban, Kind::kNaive, pushes, seed);
  rows.AtLeast("G2", "urban_success", 100 * urban.success, 99.8, "%", 100 * urban_naive.success);
  rows.AtMost("G2", "urban_mean", urban.mean_s, 35, "s", urban_naive.mean_s);
  const Figures edge = Of(kEdge, Kind::kGroup, pushes, seed);
  const Figures edge_naive = Of(kEdge, Kind::kNaive, pushes, seed);
  rows.AtLeast("G3", "edge_success", 100 * edge.success, 87, "%", 100 * edge_naive.success);
  rows.AtLeast("G3", "edge_success_over_naive", 100 * (edge.success - edge_naive.success), 8,
               "points");
  rows.AtMost("G3", "edge_orphans", 100 * edge.orphans, 3, "%", 100 * edge_naive.orphans);
  rows.AtMost("G3", "edge_attempts", edge.attempts, 5.5, "a push", edge_naive.attempts);
  const Figures alert = Of(kEdge, Kind::kGroupAlert, pushes, seed);
  rows.AtLeast("G4", "edge_alert_success", 100 * alert.success, 99.5, "%",
               100 * edge_naive.success);
  rows.AtMost("G4", "edge_alert_mean", alert.mean_s, 70, "s", edge_naive.mean_s);
}

void AddOrder(Rows& rows, size_t groups, uint64_t seed) {
  const OrderFigures order = MeasureOrder(groups, std::max<size_t>(groups / 100, 1), seed);
  rows.AtMost("G5", "out_of_order", static_cast<double>(order.out_of_order), 0, "segments");
  rows.AtMost("G5", "groups_over_two_binds", static_cast<double>(order.two_binds), 0, "groups");
  rows.AtMost("G5", "two_groups_a_number", static_cast<double>(order.two_active), 0, "groups");
  rows.AtMost("G5", "ref_clashes", static_cast<double>(order.ref_clashes), 0, "groups");
  rows.AtMost("G5", "not_one_outcome", static_cast<double>(order.not_once), 0, "groups");
}

void AddCrashes(Rows& rows, size_t groups, uint64_t seed) {
  const CrashFigures crash = MeasureCrashes(groups, 20, seed);
  rows.AtMost("G6", "crash_lost", static_cast<double>(crash.lost), 0, "groups");
  rows.AtMost("G6", "crash_reported_twice", static_cast<double>(crash.reported_twice), 0, "groups");
  rows.AtMost("G6", "crash_copies_not_in_flight", static_cast<double>(crash.copies_elsewhere), 0,
              "segments");
}

}  // namespace

std::vector<Verdict> MeasureGoals(double scale, double slack, uint64_t seed) {
  Rows rows(slack);
  const auto scaled = [scale](double full) { return static_cast<size_t>(full * scale); };
  AddRadio(rows, scaled(40'000), seed);
  AddOrder(rows, scaled(1'000'000), seed);
  AddCrashes(rows, scaled(100'000), seed);
  const size_t messages = scaled(200'000);
  const double alone = MeasureSingles(0, messages, seed);
  const double mixed = MeasureSingles(0.2, messages, seed);
  rows.AtMost("G7", "singles_p99_with_groups", 100 * (mixed / alone - 1), 10, "% more");
  return rows.Take();
}

}  // namespace drover::radio
