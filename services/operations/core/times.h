// Times as protobuf carries them.
#pragma once
#include <google/protobuf/timestamp.pb.h>

#include "libs/base/timestamp.h"

namespace drover::operations {

inline google::protobuf::Timestamp ToProto(TimePoint time) {
  google::protobuf::Timestamp out;
  base::SetTimestamp(time, out);
  return out;
}

inline TimePoint FromProto(const google::protobuf::Timestamp& time) { return base::TimeOf(time); }

}  // namespace drover::operations
