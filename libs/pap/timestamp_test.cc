#include "libs/pap/timestamp.h"

#include <gtest/gtest.h>

namespace drover::pap {
namespace {

TEST(Timestamp, ComesBack) {
  for (const char* text : {"1970-01-01T00:00:00Z", "1999-12-31T23:59:59Z", "2000-02-29T12:30:01Z",
                           "2026-11-22T03:49:11Z", "9999-01-01T00:00:00Z"}) {
    EXPECT_EQ(FormatTimestamp(ParseTimestamp(text).value()), text);
  }
}

TEST(Timestamp, HasFractionsOfASecond) {
  const TimePoint whole = ParseTimestamp("2026-11-22T03:49:11Z").value();
  EXPECT_EQ(ParseTimestamp("2026-11-22T03:49:11.5Z").value() - whole,
            std::chrono::milliseconds(500));
  EXPECT_EQ(ParseTimestamp("2026-11-22T03:49:11.123456789Z").value() - whole,
            std::chrono::microseconds(123456));
  EXPECT_EQ(FormatTimestamp(whole + std::chrono::milliseconds(999)), "2026-11-22T03:49:11Z");
}

TEST(Timestamp, IsRefusedInAnyOtherForm) {
  for (const char* text :
       {"", "2026-11-22", "2026-11-22T03:49:11", "2026-11-22T03:49:11+08:00",
        "2026-11-22 03:49:11Z", "2026-11-22T03:49Z", "2026-13-22T03:49:11Z", "2026-02-29T03:49:11Z",
        "2026-11-22T24:00:00Z", "2026-11-22T03:60:11Z", "2026-11-22T03:49:60Z",
        "2026-11-22T03:49:11.Z", "2026-11-22T03:49:11.x1Z", "2026-11-22T03:49:11.1234567890Z",
        "2026-11-22T03:49:11ZZ", "20261122T034911Z", "2026-1a-22T03:49:11Z"}) {
    EXPECT_FALSE(ParseTimestamp(text)) << text;
  }
}

}  // namespace
}  // namespace drover::pap
