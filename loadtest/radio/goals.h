// The goals of transaction-mode scheduling, measured in virtual time beside the naive scheduler.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "libs/dispatch/scheduler.h"
#include "loadtest/radio/radio.h"

namespace drover::radio {

// What a population of terminals is like.
struct Terrain {
  const char* name;
  Profile profile;
};
inline constexpr Terrain kReachable = {"reachable, 5 %", {.loss = 0.05}};
inline constexpr Terrain kUrban = {"urban 600/60 s, 5 %",
                                   {.present_s = 600, .absent_s = 60, .loss = 0.05}};
inline constexpr Terrain kEdge = {"edge 60/60 s, 5 %",
                                  {.present_s = 60, .absent_s = 60, .loss = 0.05}};
inline constexpr Terrain kSparse = {"sparse 30/300 s, 5 %",
                                    {.present_s = 30, .absent_s = 300, .loss = 0.05}};

enum class Kind : uint8_t {
  kNaive,       // N1
  kNaiveFast,   // N2: with the fast retries of transaction mode.
  kGroup,       // T1
  kGroupAlert,  // T2: and alerts.
};

struct Run {
  Profile profile;
  Kind kind = Kind::kGroup;
  size_t pushes = 10'000;
  uint8_t segments = 4;
  // Transaction mode with the naive one's schedule, whose first step is 60 s and not 15 s.
  bool same_backoff = false;
  uint64_t seed = 1;
};

struct Figures {
  double success = 0;            // Shares.
  double orphans = 0;            // Some but not all segments delivered.
  double mean_s = 0, p95_s = 0;  // Of successes.
  double attempts = 0;           // On air, a push.
};

// Pushes over the radio, each to a terminal of its own, through the gate `transaction`.
Figures Measure(const Run& run);

struct OrderFigures {
  uint64_t groups = 0, sends = 0, delivered = 0;
  uint64_t out_of_order = 0, two_binds = 0, two_active = 0, ref_clashes = 0, not_once = 0;
};
// groups of 1 to 5 segments to `numbers` numbers over 4 binds, 5 % refused for a while, 1 % for
// good.
OrderFigures MeasureOrder(size_t groups, size_t numbers, uint64_t seed);

struct CrashFigures {
  uint64_t groups = 0, crashes = 0, lost = 0, reported_twice = 0;
  uint64_t copies = 0;            // Segments that a terminal got twice,
  uint64_t in_flight = 0;         // .. at most those in flight at a crash.
  uint64_t copies_elsewhere = 0;  // Copies of what was not in flight when the process died.
};
CrashFigures MeasureCrashes(size_t groups, size_t crashes, uint64_t seed);

// Milliseconds from admission to acceptance that 99 % of single messages stay below.
double MeasureSingles(double share_of_groups, size_t messages, uint64_t seed);

struct Verdict {
  std::string goal, what, bar;
  double value = 0;
  std::string unit;
  bool lower_is_better = true;
  double beside = -1;  // The naive scheduler's; below 0: none.
  bool met = false;
};
// G1 to G7. `scale`: 1 for the full size; smaller ones are for tests, with `slack` on the bars.
std::vector<Verdict> MeasureGoals(double scale, double slack, uint64_t seed);

}  // namespace drover::radio
