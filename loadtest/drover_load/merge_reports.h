// `drover-load merge A B.. --out C`: what several generators found, as one report.
#pragma once
#include <optional>

#include <CLI/CLI.hpp>

namespace drover::load {

// The subcommand; when it is parsed it runs and leaves its exit code: that of the merged run, 1 if
// a report cannot be read or written, 2 if they cannot be merged.
void AddMerge(CLI::App& app, std::optional<int>& exit_code);

}  // namespace drover::load
