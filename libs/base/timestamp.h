// Times as messages carry them: seconds since 1970 and nanoseconds of the second, to the
// microsecond. Of any type with these two fields (google.protobuf.Timestamp), which base does not
// know.
#pragma once
#include <chrono>
#include <cstdint>

#include "libs/base/clock.h"

namespace drover::base {

template <typename Timestamp>
void SetTimestamp(TimePoint time, Timestamp& out) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  out.set_seconds(seconds.time_since_epoch().count());
  out.set_nanos(static_cast<int32_t>(std::chrono::nanoseconds(time - seconds).count()));
}

template <typename Timestamp>
TimePoint TimeOf(const Timestamp& timestamp) {
  const auto part = std::chrono::nanoseconds(timestamp.nanos());
  return TimePoint(std::chrono::seconds(timestamp.seconds()) +
                   std::chrono::duration_cast<TimePoint::duration>(part));
}

}  // namespace drover::base
