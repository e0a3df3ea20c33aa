// bench_dispatch [--out FILE] [--scale S] [--seed N] [--table]: the goals of transaction-mode
// scheduling in virtual time, the naive scheduler beside them, and what the scheduler costs.
// --table: instead the figures of every terrain, number of segments and kind of scheduler.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

#include "loadtest/radio/costs.h"
#include "loadtest/radio/goals.h"

namespace drover::radio {
namespace {

constexpr double kMostOctets = 1073;  // A million groups in 1 GiB.

void Print(const Verdict& v) {
  char beside[32] = "";
  if (v.beside >= 0) std::snprintf(beside, sizeof beside, "%.4g", v.beside);
  std::printf("%-5s %-28s %12.5g %-9s %10s  %-9s %s\n", v.goal.c_str(), v.what.c_str(), v.value,
              v.unit.c_str(), beside, v.bar.c_str(),
              v.bar.empty() ? ""
              : v.met       ? "met"
                            : "MISSED");
}

nlohmann::json JsonOf(const Verdict& v) {
  nlohmann::json figure = {{"name", v.what}, {"value", v.value}, {"unit", v.unit}};
  figure["floor"] = v.beside < 0 ? nlohmann::json() : nlohmann::json(v.beside);
  figure["ratio"] = v.beside <= 0 ? nlohmann::json() : nlohmann::json(v.value / v.beside);
  figure["better"] = v.lower_is_better ? "lower" : "higher";
  figure["bar"] = v.bar.empty() ? "" : v.goal + ": " + v.bar;
  figure["met"] = v.bar.empty() ? nlohmann::json() : nlohmann::json(v.met);
  return figure;
}

std::vector<Verdict> Costs(double scale) {
  std::vector<Verdict> rows;
  const auto scaled = [scale](double full) { return static_cast<size_t>(full * scale); };
  const MemoryFigures memory = MeasureMemory(scaled(1'000'000));
  const CpuFigures cpu = MeasureCpu(scaled(200'000), scaled(200'000));
  const auto add = [&rows](const char* what, double value, const char* unit) {
    rows.push_back({.goal = "cost", .what = what, .value = value, .unit = unit});
  };
  rows.push_back({.goal = "cost",
                  .what = "pending_group_octets",
                  .bar = "<= 1073",
                  .value = memory.resident,
                  .unit = "octets",
                  .met = memory.resident <= kMostOctets});
  add("pending_group_octets_counted", memory.counted, "octets");
  add("admit_group", cpu.admit_ns, "ns");
  add("dispatch_segment", cpu.dispatch_ns, "ns");
  add("receipt_segment", cpu.receipt_ns, "ns");
  add("journal_segment", cpu.journal_octets, "octets");
  return rows;
}

int Goals(double scale, uint64_t seed, const std::string& out) {
  std::vector<Verdict> costs = Costs(scale);  // First, while the process is small.
  std::vector<Verdict> rows = MeasureGoals(scale, /*slack=*/0, seed);
  rows.insert(rows.end(), costs.begin(), costs.end());
  std::printf("%-5s %-28s %12s %-9s %10s  %-9s\n", "goal", "figure", "value", "unit", "naive",
              "bar");
  nlohmann::json figures = nlohmann::json::array();
  bool met = true;
  for (const Verdict& row : rows) {
    Print(row);
    figures.push_back(JsonOf(row));
    met &= row.met || row.bar.empty();
  }
  if (!out.empty()) std::ofstream(out) << figures.dump(1) << '\n';
  return met ? 0 : 1;
}

void PrintCell(const char* terrain, double loss, int segments, const char* kind, const Run& run) {
  const Figures f = Measure(run);
  std::printf("%-22s p=%2.0f %% n=%d %-3s %5.1f %% %5.0f s %5.0f s %5.1f %% %5.1f\n", terrain,
              100 * loss, segments, kind, 100 * f.success, f.mean_s, f.p95_s, 100 * f.orphans,
              f.attempts);
}

// The cells of the reference's table: success, mean, 95th percentile, orphans, attempts.
void Table(double scale, uint64_t seed) {
  struct Column {
    const char* name;
    Kind kind;
    double busy;
  };
  constexpr Column kColumns[] = {{"N1", Kind::kNaive, 0},     {"N1b", Kind::kNaive, 0.5},
                                 {"N2", Kind::kNaiveFast, 0}, {"N2b", Kind::kNaiveFast, 0.5},
                                 {"T1", Kind::kGroup, 0},     {"T2", Kind::kGroupAlert, 0}};
  for (const Terrain& terrain : {kReachable, kUrban, kEdge, kSparse}) {
    for (const Column& column : kColumns) {
      Run run{.profile = terrain.profile,
              .kind = column.kind,
              .pushes = static_cast<size_t>(40'000 * scale),
              .same_backoff = true,
              .seed = seed};
      run.profile.busy = column.busy;
      PrintCell(terrain.name, run.profile.loss, run.segments, column.name, run);
    }
  }
}

}  // namespace
}  // namespace drover::radio

int main(int argc, char** argv) {
  double scale = 1;
  uint64_t seed = 1;
  std::string out;
  bool table = false;
  for (int i = 1; i < argc; ++i) {
    const bool more = i + 1 < argc;
    if (std::strcmp(argv[i], "--table") == 0) {
      table = true;
    } else if (more && std::strcmp(argv[i], "--out") == 0) {
      out = argv[++i];
    } else if (more && std::strcmp(argv[i], "--scale") == 0) {
      scale = std::atof(argv[++i]);
    } else if (more && std::strcmp(argv[i], "--seed") == 0) {
      seed = std::strtoull(argv[++i], nullptr, 10);
    } else {
      std::fprintf(stderr, "usage: bench_dispatch [--out FILE] [--scale S] [--seed N] [--table]\n");
      return 2;
    }
  }
  if (table) {
    drover::radio::Table(scale, seed);
    return 0;
  }
  return drover::radio::Goals(scale, seed, out);
}
