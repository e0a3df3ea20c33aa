// Durations as people type them.
#pragma once
#include <chrono>
#include <string_view>

#include "libs/base/result.h"

namespace drover::cli {

// A whole number and a unit: "500ms", "90s", "15m", "2h", "7d". kInvalidArgument otherwise, and for
// more than ten years.
Result<std::chrono::milliseconds> ParseDuration(std::string_view text);

}  // namespace drover::cli
