#include "libs/base/clock.h"

#include <gtest/gtest.h>

#include "libs/base/timestamp.h"

namespace drover {
namespace {

TEST(Rfc3339, PrintsUtcWithMilliseconds) {
  EXPECT_EQ(Rfc3339(TimePoint{}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(Rfc3339(TimePoint{std::chrono::microseconds{1'700'000'000'123'999}}),
            "2023-11-14T22:13:20.123Z");
}

struct Timestamp {
  void set_seconds(int64_t value) { s = value; }
  void set_nanos(int32_t value) { n = value; }
  int64_t seconds() const { return s; }
  int32_t nanos() const { return n; }
  int64_t s = 0;
  int32_t n = 0;
};

TEST(Timestamp, HasTheMicrosecondsOfATimeBeforeAndAfter1970) {
  for (const int64_t micros : {int64_t{0}, int64_t{1'700'000'000'123'999}, int64_t{-1}}) {
    const TimePoint time{std::chrono::microseconds{micros}};
    Timestamp timestamp;
    base::SetTimestamp(time, timestamp);
    EXPECT_GE(timestamp.nanos(), 0) << micros;
    EXPECT_LT(timestamp.nanos(), 1'000'000'000) << micros;
    EXPECT_EQ(base::TimeOf(timestamp), time) << micros;
  }
}

}  // namespace
}  // namespace drover
