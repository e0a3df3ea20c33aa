#include "loadtest/scenario/units.h"

namespace drover::scenario {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

TEST(ParseCount, TakesSuffixes) {
  EXPECT_EQ(ParseCount("500").value(), 500U);
  EXPECT_EQ(ParseCount("100k").value(), 100'000U);
  EXPECT_EQ(ParseCount("2.5M").value(), 2'500'000U);
  EXPECT_EQ(ParseCount("0").value(), 0U);
}

TEST(ParseDuration, TakesUnits) {
  EXPECT_EQ(ParseDuration("500ms").value(), milliseconds(500));
  EXPECT_EQ(ParseDuration("0s").value(), seconds(0));
  EXPECT_EQ(ParseDuration("1.5h").value(), seconds(5400));
}

TEST(ParseRate, IsASecond) {
  EXPECT_DOUBLE_EQ(ParseRate("3000/s").value(), 3000);
  EXPECT_DOUBLE_EQ(ParseRate("3k/s").value(), 3000);
  EXPECT_DOUBLE_EQ(ParseRate("600/m").value(), 10);
}

TEST(ParseShare, IsAPercentage) {
  EXPECT_DOUBLE_EQ(ParseShare("12.5%").value(), 0.125);
  EXPECT_DOUBLE_EQ(ParseShare("100%").value(), 1);
}

TEST(Units, SayWhatToWrite) {
  for (const char* bad : {"", "x", "-1", "1.5", "1 M", "1m", "1e3", "0x10", "M"}) {
    EXPECT_THAT(ParseCount(bad).error().message, HasSubstr("100k")) << bad;
  }
  for (const char* bad : {"", "10", "10 s", "-1s", "1d", "s"}) {
    EXPECT_THAT(ParseDuration(bad).error().message, HasSubstr("10m")) << bad;
  }
  for (const char* bad : {"", "3000", "3000/d", "-1/s"}) {
    EXPECT_THAT(ParseRate(bad).error().message, HasSubstr("3000/s")) << bad;
  }
  for (const char* bad : {"", "0.5", "101%", "-1%", "%"}) {
    EXPECT_THAT(ParseShare(bad).error().message, HasSubstr("12.5%")) << bad;
  }
}

}  // namespace
}  // namespace drover::scenario
