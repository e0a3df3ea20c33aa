// Random worlds: whatever happens, groups keep their order, their bind and their lane, and each job
// has one outcome.
#include <cstdlib>

#include <gtest/gtest.h>

#include "libs/dispatch/slot_index.h"
#include "libs/dispatch/testing/play.h"

namespace drover::dispatch {
namespace {

using std::chrono::seconds;
using testing::Choose;
using testing::Play;

Choose Random(uint64_t seed) {
  return [state = Mixed(seed)](uint64_t n) mutable { return Mixed(state++) % n; };
}

Options World(uint64_t seed) {
  const Choose choose = Random(seed * 7919);
  Options options;
  options.seed = seed;
  options.most_parked_receipts = 8;
  options.failover_after = seconds(20);
  options.t_reasm = seconds(choose(2) == 0 ? 40 : 86400);
  options.segments_per_second = choose(4) == 0 ? 4 : 0;
  for (int s = 0; s < 2; ++s) {
    SmscOptions smsc;
    smsc.name = s == 0 ? "first" : "second";
    smsc.gate = kGates[choose(4)];
    smsc.whole_push = choose(4) == 0;
    smsc.receipts = choose(5) != 0;
    smsc.accept_is_delivered = choose(2) == 0;
    smsc.can_query = choose(2) == 0;
    smsc.can_cancel = choose(4) != 0;
    smsc.alert = static_cast<AlertMode>(choose(3));
    smsc.segments_per_second = choose(2) == 0 ? 0 : 5;
    options.smscs.push_back(smsc);
  }
  return options;
}

// DROVER_DISPATCH_RUNS=20000 for a long run.
uint64_t Runs(uint64_t usual) {
  const char* runs = std::getenv("DROVER_DISPATCH_RUNS");
  return runs == nullptr ? usual : std::strtoull(runs, nullptr, 10);
}

TEST(Property, EveryJobOfARandomWorldHasOneOutcomeAndEveryGroupKeepsItsRules) {
  uint64_t sends = 0, outcomes = 0, crashes = 0;
  for (uint64_t seed = 1; seed <= Runs(300); ++seed) {
    SCOPED_TRACE(seed);
    Play play(World(seed), Random(seed));
    for (int i = 0; i < 400; ++i) play.Step();
    play.Finish();
    sends += play.watcher().sends();
    outcomes += play.watcher().outcomes().size();
    crashes += play.crashes();
  }
  EXPECT_GT(sends, Runs(300) * 60);
  EXPECT_GT(outcomes, Runs(300) * 30);
  EXPECT_GT(crashes, Runs(300) / 3);
}

TEST(Property, TheNaiveSchedulerGivesEveryJobOneOutcomeAsWell) {
  uint64_t outcomes = 0;
  for (uint64_t seed = 1; seed <= Runs(100); ++seed) {
    SCOPED_TRACE(seed);
    Play play(NaiveOptions(World(seed), seed % 2 == 0), Random(seed));
    for (int i = 0; i < 300; ++i) play.Step();
    play.Finish();
    outcomes += play.watcher().outcomes().size();
  }
  EXPECT_GT(outcomes, Runs(100) * 20);
}

}  // namespace
}  // namespace drover::dispatch
