// Times as SMPP writes them: "YYMMDDhhmmsstnnp".
//
// Absolute: t is tenths of a second, nn quarter hours that local time is ahead of (p '+') or behind
// ('-') UTC. Relative: p is 'R', the rest a span of time ("000000001000000R": ten minutes).
// Spec: SMPP v3.4, section 7.1.1.
#pragma once
#include <chrono>
#include <string>
#include <string_view>

#include "libs/base/clock.h"
#include "libs/base/result.h"

namespace drover::smpp {

// In UTC. The years 2000 to 2099; what is beyond becomes the nearest of them.
std::string AbsoluteTime(TimePoint time);
// 0 s to 99 years; fractions are cut off. A month is taken as 30 days, which is only used from 31
// days up.
std::string RelativeTime(std::chrono::seconds span);
// Either form as a point in time, with a month of 30 and a year of 365 days in a span.
// kInvalidArgument: neither form, or no such day or hour.
Result<TimePoint> ParseTime(std::string_view text, TimePoint now);

}  // namespace drover::smpp
