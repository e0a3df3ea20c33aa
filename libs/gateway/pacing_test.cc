#include "libs/gateway/pacing.h"

#include <gtest/gtest.h>

namespace drover::gateway {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

const TimePoint kMidnight{std::chrono::sys_days(std::chrono::year(2026) / 11 / 22)};

// How many leave in a time, looked at every millisecond; each is answered at once.
int Leave(Pacing& pacing, TimePoint from, seconds time, bool answered = true) {
  int left = 0;
  for (TimePoint now = from; now < from + time; now += milliseconds(1)) {
    while (pacing.Admit(now)) {
      ++left;
      if (answered) pacing.Answered(now, false);
    }
  }
  return left;
}

TEST(Pacing, LetsTheRateGoAndNoMore) {
  Pacing pacing({.per_second = 100}, kMidnight);
  EXPECT_NEAR(Leave(pacing, kMidnight, seconds(10)), 1000, 6);
}

TEST(Pacing, ABurstIsATwentiethOfASecond) {
  Pacing pacing({.per_second = 100}, kMidnight);
  int left = 0;
  while (pacing.Admit(kMidnight + hours(1))) ++left;
  EXPECT_EQ(left, 5);
}

TEST(Pacing, BusyHoursHaveTheirOwnRateEvenOverMidnight) {
  Pacing pacing({.per_second = 100,
                 .busy = {{22 * 60, 60, 10}, {12 * 60, 13 * 60, 0}},
                 .utc_offset = hours(1)},
                kMidnight);
  EXPECT_EQ(pacing.rate(kMidnight), 100);              // 01:00 local time.
  EXPECT_EQ(pacing.rate(kMidnight - minutes(1)), 10);  // 00:59
  EXPECT_EQ(pacing.rate(kMidnight + hours(21)), 10);
  EXPECT_EQ(pacing.rate(kMidnight + hours(11)), 0);
  EXPECT_EQ(Leave(pacing, kMidnight + hours(11), seconds(5)), 0);
  EXPECT_GT(pacing.AdmitAt(kMidnight + hours(11) + seconds(5)), kMidnight + hours(11));
}

TEST(Pacing, TransactionsWithoutAnAnswerAreBounded) {
  Pacing pacing({.per_second = 1000, .most_unanswered = 50}, kMidnight);
  EXPECT_EQ(Leave(pacing, kMidnight, seconds(2), false), 50);
  pacing.Answered(kMidnight + seconds(3), false);
  EXPECT_TRUE(pacing.Admit(kMidnight + seconds(3)));
  EXPECT_FALSE(pacing.Admit(kMidnight + seconds(3)));
}

TEST(Pacing, RequestsThatAreOwedAreBoundedUntilTheyComeOrAreGivenUp) {
  Pacing pacing({.per_second = 1000, .most_owed = 20, .owed_for = seconds(10)}, kMidnight);
  TimePoint now = kMidnight;
  int left = 0;
  for (; now < kMidnight + seconds(1); now += milliseconds(1)) {
    if (!pacing.Admit(now)) continue;
    ++left;
    pacing.Answered(now, true);
  }
  EXPECT_EQ(left, 20);
  EXPECT_EQ(pacing.owed(), 20u);
  pacing.RequestSeen(now);
  EXPECT_TRUE(pacing.Admit(now));
  pacing.Answered(now, true);
  EXPECT_FALSE(pacing.Admit(now));
  EXPECT_TRUE(pacing.Admit(now + seconds(11)));
  EXPECT_EQ(pacing.owed(), 0u);
  pacing.RequestSeen(now + seconds(12));  // Late: takes nothing from others.
  EXPECT_EQ(pacing.owed(), 0u);
}

TEST(Pacing, YieldsToAnOverloadedRequestServerAndComesBack) {
  Pacing pacing({.per_second = 100, .least_share = 0.1}, kMidnight);
  TimePoint now = kMidnight + seconds(1);
  for (int i = 0; i < 100; ++i) pacing.Overloaded(now);
  EXPECT_NEAR(pacing.rate(now), 70, 0.01);  // A hundred refusals at once are one.
  for (int i = 0; i < 60; ++i) pacing.Overloaded(now += seconds(1));
  EXPECT_GE(pacing.rate(now), 10);
  EXPECT_LT(pacing.rate(now), 25);
  EXPECT_NEAR(Leave(pacing, now, seconds(40)) / 40.0, 85, 15);
  EXPECT_EQ(pacing.rate(now + seconds(40)), 100);
}

TEST(Pacing, AdmitAtIsWhenAdmitSucceeds) {
  Pacing pacing({.per_second = 7}, kMidnight);
  TimePoint now = kMidnight;
  for (int i = 0; i < 200; ++i) {
    const TimePoint at = pacing.AdmitAt(now);
    EXPECT_GE(at, now);
    now = at;
    EXPECT_TRUE(pacing.Admit(now)) << i;
    pacing.Answered(now, false);
  }
}

TEST(RestingHops, NothingIsSentToAHopThatRests) {
  RestingHops hops(2);
  hops.Rest("proxy:5060", kMidnight + seconds(3));
  hops.Rest("proxy:5060", kMidnight + seconds(1));
  EXPECT_EQ(hops.Until("proxy:5060"), kMidnight + seconds(3));
  EXPECT_LT(hops.Until("other:5060"), kMidnight);
  hops.Rest("b", kMidnight);
  hops.Rest("c", kMidnight + hours(1));
  EXPECT_EQ(hops.size(), 2u);
  hops.Forget(kMidnight + seconds(4));
  EXPECT_EQ(hops.size(), 0u);
}

}  // namespace
}  // namespace drover::gateway
