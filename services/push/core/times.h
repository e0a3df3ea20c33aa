// Times as protobuf has them, to the microsecond.
#pragma once
#include <google/protobuf/timestamp.pb.h>

#include "libs/base/clock.h"

namespace drover::push {

inline google::protobuf::Timestamp ToProto(TimePoint time) {
  const auto micros =
      std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
  google::protobuf::Timestamp out;
  out.set_seconds(micros / 1'000'000);
  out.set_nanos(static_cast<int32_t>(micros % 1'000'000 * 1000));
  return out;
}

inline TimePoint FromProto(const google::protobuf::Timestamp& time) {
  return TimePoint(
      std::chrono::seconds(time.seconds()) +
      std::chrono::duration_cast<TimePoint::duration>(std::chrono::nanoseconds(time.nanos())));
}

}  // namespace drover::push
