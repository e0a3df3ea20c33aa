// Times as the record has them: milliseconds of Unix time.
#pragma once
#include "libs/base/clock.h"

namespace drover::gateways {

inline int64_t ToMillis(TimePoint time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}
inline TimePoint FromMillis(int64_t millis) { return TimePoint(std::chrono::milliseconds(millis)); }

}  // namespace drover::gateways
