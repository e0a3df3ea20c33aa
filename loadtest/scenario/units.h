// Numbers as people write them: 1M, 3000/s, 10m, 12.5%.
#pragma once
#include <chrono>
#include <cstdint>
#include <string_view>

#include "libs/base/result.h"

namespace drover::scenario {

using Duration = std::chrono::nanoseconds;

// Each names the text and the form that was wanted when it refuses (kInvalidArgument).

// "100000", "100k", "1M", "2.5M": a whole number.
Result<uint64_t> ParseCount(std::string_view text);
// "500ms", "30s", "10m", "1.5h", "0s".
Result<Duration> ParseDuration(std::string_view text);
// "3000/s", "3k/s", "180/m": how many a second.
Result<double> ParseRate(std::string_view text);
// "2x", "0.5x": a multiple of something.
Result<double> ParseTimes(std::string_view text);
// "12.5%": 0.125. 0% to 100%.
Result<double> ParseShare(std::string_view text);

}  // namespace drover::scenario
