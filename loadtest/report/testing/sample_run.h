// A run with everything in it, drawn from a seed: for tests of what is written about runs.
#pragma once
#include "loadtest/report/run_record.h"

namespace drover::report::testing {

// So many seconds at so many sessions a second, with errors, a stall in the middle, processes and
// stores.
RunRecord SampleRun(uint64_t seed, int seconds = 60, int per_second = 200);

}  // namespace drover::report::testing
