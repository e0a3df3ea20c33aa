// Points in time as PAP writes them: UTC, "2026-11-22T03:49:11Z".
// Spec: WAP-247-PAP, 9.2 "Date and time".
#pragma once
#include <string>
#include <string_view>

#include "libs/base/clock.h"
#include "libs/base/result.h"

namespace drover::pap {

// Fractions of a second are taken, to the microsecond. kInvalidArgument: another form (offsets from
// UTC are none of PAP's), or no such time.
Result<TimePoint> ParseTimestamp(std::string_view text);
// Whole seconds, cut.
std::string FormatTimestamp(TimePoint time);

}  // namespace drover::pap
