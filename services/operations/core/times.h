// Times as protobuf carries them.
#pragma once
#include <google/protobuf/timestamp.pb.h>

#include "libs/base/clock.h"

namespace drover::operations {

inline google::protobuf::Timestamp ToProto(TimePoint time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  google::protobuf::Timestamp out;
  out.set_seconds(seconds.time_since_epoch().count());
  out.set_nanos(static_cast<int32_t>(std::chrono::nanoseconds(time - seconds).count()));
  return out;
}

inline TimePoint FromProto(const google::protobuf::Timestamp& time) {
  return TimePoint(std::chrono::seconds(time.seconds()) +
                   std::chrono::microseconds(time.nanos() / 1000));
}

}  // namespace drover::operations
