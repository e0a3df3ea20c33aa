// The command line of `drover-load run`.
#pragma once
#include <CLI/CLI.hpp>

#include "loadtest/drover_load/run_options.h"

namespace drover::load {

// The subcommand; its options go into options, but for the endpoints.
CLI::App* AddRun(CLI::App& app, RunOptions& options);

}  // namespace drover::load
