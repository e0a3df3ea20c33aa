#include "services/push/core/pap_crowd.h"

#include <gtest/gtest.h>

namespace drover::push {
namespace {

using std::chrono::milliseconds;

const TimePoint kStart{std::chrono::hours(1)};

TEST(PapCrowdTest, FewPushesAreNoCrowd) {
  PapCrowd crowd({.most = 5});
  for (int i = 0; i < 50; ++i) {
    const TimePoint now = kStart + i * milliseconds(40);
    crowd.Accepted(1, now);
    EXPECT_FALSE(crowd.GoesBefore(now));
  }
}

TEST(PapCrowdTest, ManyWithinAWindowGoBeforeUntilTheNextWindowWithoutThemHasPassed) {
  PapCrowd crowd({.most = 5});
  crowd.Accepted(6, kStart);
  EXPECT_TRUE(crowd.GoesBefore(kStart));
  EXPECT_TRUE(crowd.GoesBefore(kStart + milliseconds(150)));
  EXPECT_FALSE(crowd.GoesBefore(kStart + milliseconds(250)));
}

TEST(PapCrowdTest, AfterAPauseTheLastCrowdIsForgotten) {
  PapCrowd crowd({.most = 5});
  crowd.Accepted(100, kStart);
  EXPECT_FALSE(crowd.GoesBefore(kStart + milliseconds(1000)));
}

TEST(PapCrowdTest, NobodyGoesBeforeWhileTooMuchWaitsToBeHandedOver) {
  PapCrowd crowd({.most = 5, .behind = 20});
  crowd.Accepted(20, kStart);
  EXPECT_FALSE(crowd.GoesBefore(kStart));
  crowd.Relayed(1);
  EXPECT_TRUE(crowd.GoesBefore(kStart));
}

TEST(PapCrowdTest, RecordsOfOthersDoNotCountAsRoom) {
  PapCrowd crowd({.most = 5, .behind = 20});
  crowd.Relayed(1000);
  crowd.Accepted(20, kStart);
  EXPECT_FALSE(crowd.GoesBefore(kStart));
}

TEST(PapCrowdTest, AClockThatIsSetBackBeginsAnew) {
  PapCrowd crowd({.most = 5});
  crowd.Accepted(100, kStart);
  EXPECT_FALSE(crowd.GoesBefore(kStart - milliseconds(500)));
}

}  // namespace
}  // namespace drover::push
