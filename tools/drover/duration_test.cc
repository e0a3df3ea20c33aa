#include "tools/drover/duration.h"

#include <gtest/gtest.h>

namespace drover::cli {
namespace {

using namespace std::chrono_literals;

TEST(ParseDuration, ReadsANumberAndAUnit) {
  EXPECT_EQ(ParseDuration("500ms").value(), 500ms);
  EXPECT_EQ(ParseDuration("0s").value(), 0s);
  EXPECT_EQ(ParseDuration("90s").value(), 90s);
  EXPECT_EQ(ParseDuration("15m").value(), 15min);
  EXPECT_EQ(ParseDuration("2h").value(), 2h);
  EXPECT_EQ(ParseDuration("7d").value(), 168h);
}

TEST(ParseDuration, RefusesEverythingElse) {
  for (const char* text :
       {"", "5", "s", "-1s", "1.5h", "1h30m", "1 s", "99999d", "9999999999999999999s"}) {
    EXPECT_FALSE(ParseDuration(text)) << text;
  }
}

TEST(ParseTime, ReadsTimesAndWhatIsFromNow) {
  using std::chrono::hours;
  const std::chrono::sys_seconds now(std::chrono::seconds(1'800'000'000));
  EXPECT_EQ(ParseTime("+2h", now).value(), now + hours(2));
  EXPECT_EQ(ParseTime("2027-01-15T08:00:00Z", now).value(), now);
  EXPECT_EQ(ParseTime("2027-01-15T09:00:00.250+01:00", now).value(),
            now + std::chrono::milliseconds(250));
  EXPECT_EQ(ParseTime("2027-01-15 03:30:00-04:30", now).value(), now);
  for (const char* bad : {"", "tomorrow", "2027-02-30T00:00:00Z", "2027-01-15T08:00:00",
                          "2027-01-15", "2027-01-15T24:00:00Z", "+soon"}) {
    EXPECT_FALSE(ParseTime(bad, now)) << bad;
  }
}

}  // namespace
}  // namespace drover::cli
