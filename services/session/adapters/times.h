// Times as protobuf carries them.
#pragma once
#include <google/protobuf/timestamp.pb.h>

#include "libs/base/timestamp.h"

namespace drover::session {

inline void SetTime(TimePoint at, google::protobuf::Timestamp& proto) {
  base::SetTimestamp(at, proto);
}

}  // namespace drover::session
