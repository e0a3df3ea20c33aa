// `drover-load compare A B`: two reports side by side.
#pragma once
#include <optional>

#include <CLI/CLI.hpp>

namespace drover::load {

// The subcommand; when it is parsed it runs and leaves its exit code: 0, 1 a report cannot be read,
// 2 a threshold is none, 99 a threshold was missed.
void AddCompare(CLI::App& app, std::optional<int>& exit_code);

}  // namespace drover::load
