// Durations and times as people type them.
#pragma once
#include <chrono>
#include <string_view>

#include "libs/base/result.h"

namespace drover::cli {

// A whole number and a unit: "500ms", "90s", "15m", "2h", "7d". kInvalidArgument otherwise, and for
// more than ten years.
Result<std::chrono::milliseconds> ParseDuration(std::string_view text);

// A time: "2026-11-22T02:00:00Z", with an offset ("+01:00") or a fraction if wanted; or a duration
// from now: "+2h". kInvalidArgument otherwise.
Result<std::chrono::system_clock::time_point> ParseTime(std::string_view text,
                                                        std::chrono::system_clock::time_point now);

}  // namespace drover::cli
