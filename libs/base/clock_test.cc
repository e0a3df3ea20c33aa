#include "libs/base/clock.h"

#include <gtest/gtest.h>

namespace drover {
namespace {

TEST(Rfc3339, PrintsUtcWithMilliseconds) {
  EXPECT_EQ(Rfc3339(TimePoint{}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(Rfc3339(TimePoint{std::chrono::microseconds{1'700'000'000'123'999}}),
            "2023-11-14T22:13:20.123Z");
}

}  // namespace
}  // namespace drover
