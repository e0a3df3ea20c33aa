#include "libs/smpp/time_text.h"

#include <gtest/gtest.h>

namespace drover::smpp {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + 16h + 5min;

TEST(TimeText, WritesAbsoluteTimesInUtc) {
  EXPECT_EQ(AbsoluteTime(kNow + 7s + 350ms), "261122160507300+");
  EXPECT_EQ(AbsoluteTime(TimePoint(0s)), "000101000000000+");
}

TEST(TimeText, WritesSpans) {
  EXPECT_EQ(RelativeTime(10min), "000000001000000R");
  EXPECT_EQ(RelativeTime(-1s), "000000000000000R");
  EXPECT_EQ(RelativeTime(24h * 30), "000030000000000R");
  EXPECT_EQ(RelativeTime(24h * 400 + 61s), "010105000101000R");
}

TEST(TimeText, ReadsBothForms) {
  EXPECT_EQ(*ParseTime("000000001000000R", kNow), kNow + 10min);
  EXPECT_EQ(*ParseTime("261122180000000+", kNow), kNow + 1h + 55min);
  EXPECT_EQ(*ParseTime("261122180000008+", kNow), kNow - 5min) << "two hours ahead of UTC";
  EXPECT_EQ(*ParseTime("261122160500532-", kNow), kNow + 8h + 500ms);
}

TEST(TimeText, ReadsBackWhatItWrites) {
  for (const auto span : {0s, 1s, 59s, 3600s, 86399s, 86400s, 2592000s, 40'000'000s}) {
    EXPECT_EQ(*ParseTime(RelativeTime(span), kNow), kNow + span) << span.count();
    EXPECT_EQ(*ParseTime(AbsoluteTime(kNow + span), kNow), kNow + span);
  }
}

TEST(TimeText, RefusesWhatIsNeither) {
  for (const char* text :
       {"", "R", "26112216050000+", "261122160500000x", "2611221605000000+", "2a1122160500000+",
        "261322160500000+", "260230160500000+", "261122240000000+", "261122160500049+"}) {
    EXPECT_FALSE(ParseTime(text, kNow)) << text;
  }
}

}  // namespace
}  // namespace drover::smpp
