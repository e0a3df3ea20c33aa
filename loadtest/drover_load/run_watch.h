// What is looked at beside the terminals while a run goes on, and the machine that it ran on.
#pragma once
#include <chrono>
#include <memory>
#include <string>

#include "loadtest/drover_load/run_options.h"
#include "loadtest/report/run_record.h"
#include "loadtest/watch/watch.h"

namespace drover::load {

// Samples processes and stores: those of --watch, and all of the cluster whose folder holds the
// context file, or that the run has started. kInvalidArgument names the --watch that is none.
Result<std::unique_ptr<watch::Watch>> BeginWatch(const RunOptions& options,
                                                 const Endpoints& endpoints,
                                                 std::chrono::steady_clock::time_point start);

report::Machine ThisMachine();

}  // namespace drover::load
