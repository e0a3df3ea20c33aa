#include "services/push/core/pap_crowd.h"

#include <gtest/gtest.h>

namespace drover::push {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const TimePoint kStart{std::chrono::hours(1)};

// Ten pushes every 10 ms from one time to another.
void Press(PapCrowd& crowd, milliseconds from, milliseconds to, size_t batch = 10) {
  for (milliseconds at = from; at < to; at += milliseconds(10)) {
    crowd.Accepted(10, batch, kStart + at);
  }
}

TEST(PapCrowdTest, FewPushesAreNoCrowd) {
  PapCrowd crowd({.least = 5});
  for (int i = 0; i < 50; ++i) {
    const TimePoint now = kStart + i * milliseconds(40);
    crowd.Accepted(1, 10, now);
    EXPECT_FALSE(crowd.GoesBefore(now));
  }
}

TEST(PapCrowdTest, ManyThatComeTogetherGoBeforeUntilAWindowWithoutThemHasPassed) {
  PapCrowd crowd({});
  Press(crowd, milliseconds(0), milliseconds(200));
  EXPECT_TRUE(crowd.GoesBefore(kStart + milliseconds(210)));
  EXPECT_FALSE(crowd.GoesBefore(kStart + milliseconds(410)));
}

TEST(PapCrowdTest, ManyOneAfterTheOtherAreNoCrowd) {
  PapCrowd crowd({});
  Press(crowd, milliseconds(0), milliseconds(500), 1);
  EXPECT_FALSE(crowd.GoesBefore(kStart + milliseconds(500)));
}

TEST(PapCrowdTest, ACrowdThatStaysGoesBeforeForHalfOfTheTime) {
  PapCrowd crowd({});
  int before = 0;
  constexpr int kSeconds = 40;
  for (int second = 0; second < kSeconds; ++second) {
    Press(crowd, seconds(second), seconds(second + 1));
    before += crowd.GoesBefore(kStart + seconds(second + 1)) ? 1 : 0;
    EXPECT_LE(before, second < 20 ? 11 : kSeconds);
  }
  EXPECT_NEAR(before, kSeconds / 2, 2);
}

TEST(PapCrowdTest, AfterAPauseTheLastCrowdIsForgotten) {
  PapCrowd crowd({});
  Press(crowd, milliseconds(0), milliseconds(200));
  EXPECT_FALSE(crowd.GoesBefore(kStart + seconds(2)));
}

TEST(PapCrowdTest, AClockThatIsSetBackBeginsAnew) {
  PapCrowd crowd({});
  Press(crowd, milliseconds(0), milliseconds(200));
  EXPECT_FALSE(crowd.GoesBefore(kStart - milliseconds(500)));
}

}  // namespace
}  // namespace drover::push
