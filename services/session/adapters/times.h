// Times as protobuf carries them.
#pragma once
#include <google/protobuf/timestamp.pb.h>

#include "libs/base/clock.h"

namespace drover::session {

inline void SetTime(TimePoint at, google::protobuf::Timestamp& proto) {
  const int64_t micros = at.time_since_epoch().count();
  proto.set_seconds(micros / 1'000'000);
  proto.set_nanos(static_cast<int32_t>(micros % 1'000'000 * 1000));
}

}  // namespace drover::session
