// Object identifiers of the types that parameters and columns may have (pg_type.dat), for
// Param::Null and for whoever reads columns.
#pragma once
#include <cstdint>

#include "libs/base/clock.h"

namespace drover::postgres {

constexpr uint32_t kBool = 16;
constexpr uint32_t kBytea = 17;
constexpr uint32_t kName = 19;
constexpr uint32_t kInt8 = 20;
constexpr uint32_t kInt2 = 21;
constexpr uint32_t kInt4 = 23;
constexpr uint32_t kText = 25;
constexpr uint32_t kVarchar = 1043;
constexpr uint32_t kTimestamptz = 1184;
constexpr uint32_t kBoolArray = 1000;
constexpr uint32_t kByteaArray = 1001;
constexpr uint32_t kInt2Array = 1005;
constexpr uint32_t kInt4Array = 1007;
constexpr uint32_t kTextArray = 1009;
constexpr uint32_t kInt8Array = 1016;
constexpr uint32_t kTimestamptzArray = 1185;

// Timestamps count microseconds from 2000-01-01 00:00 UTC.
constexpr TimePoint kEpoch{std::chrono::seconds(946'684'800)};

}  // namespace drover::postgres
