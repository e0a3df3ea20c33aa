#include "libs/sip/timer_wheel.h"

#include <map>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace drover::sip {
namespace {

using namespace std::chrono_literals;
using Time = TimerWheel::Time;

const Time kStart = Time() + 1000h;

std::vector<uint32_t> Advance(TimerWheel& wheel, Time now) {
  std::vector<uint32_t> expired;
  wheel.Advance(now, [&](uint32_t id) { expired.push_back(id); });
  return expired;
}

TEST(TimerWheel, ExpiresATimerAtItsTimeAndOnce) {
  TimerWheel wheel(kStart);
  wheel.Arm(7, kStart + 500ms);
  EXPECT_TRUE(wheel.armed(7));
  EXPECT_TRUE(Advance(wheel, kStart + 499ms).empty());
  EXPECT_EQ(Advance(wheel, kStart + 500ms), std::vector<uint32_t>{7});
  EXPECT_FALSE(wheel.armed(7));
  EXPECT_TRUE(Advance(wheel, kStart + 1h).empty());
}

TEST(TimerWheel, IsNeverEarlyWithinATick) {
  TimerWheel wheel(kStart, 10ms);
  wheel.Arm(1, kStart + 11ms);
  EXPECT_TRUE(Advance(wheel, kStart + 19ms).empty());
  EXPECT_EQ(Advance(wheel, kStart + 20ms), std::vector<uint32_t>{1});
}

TEST(TimerWheel, TakesATimeThatHasPassedAsTheNextTick) {
  TimerWheel wheel(kStart);
  Advance(wheel, kStart + 5s);
  wheel.Arm(1, kStart);
  EXPECT_TRUE(Advance(wheel, kStart + 5s).empty());
  EXPECT_EQ(Advance(wheel, kStart + 5001ms), std::vector<uint32_t>{1});
}

TEST(TimerWheel, SetsATimerAgain) {
  TimerWheel wheel(kStart);
  wheel.Arm(1, kStart + 1s);
  wheel.Arm(1, kStart + 2s);
  EXPECT_EQ(wheel.size(), 1U);
  EXPECT_TRUE(Advance(wheel, kStart + 1s).empty());
  EXPECT_EQ(Advance(wheel, kStart + 2s), std::vector<uint32_t>{1});
  EXPECT_EQ(wheel.size(), 0U);
}

TEST(TimerWheel, StopsATimerAndKnowsNoOther) {
  TimerWheel wheel(kStart);
  wheel.Arm(1, kStart + 1s);
  wheel.Cancel(1);
  wheel.Cancel(1);
  wheel.Cancel(99);
  EXPECT_EQ(wheel.Next(), Time::max());
  EXPECT_TRUE(Advance(wheel, kStart + 1h).empty());
}

TEST(TimerWheel, LetsAnExpiringTimerSetAndStopOthers) {
  TimerWheel wheel(kStart);
  for (uint32_t id = 0; id < 3; ++id) wheel.Arm(id, kStart + 1s);
  std::vector<uint32_t> expired;
  wheel.Advance(kStart + 3s, [&](uint32_t id) {
    expired.push_back(id);
    if (id == 0) wheel.Cancel(1);
    if (id == 2) wheel.Arm(1000, kStart + 2s);
  });
  EXPECT_EQ(expired, (std::vector<uint32_t>{0, 2, 1000}));
}

TEST(TimerWheel, KeepsTimesYearsAway) {
  TimerWheel wheel(kStart);
  wheel.Arm(1, kStart + 24h * 365 * 100);
  wheel.Arm(2, Time::max());
  EXPECT_TRUE(Advance(wheel, kStart + 24h * 365 * 100 - 1ms).empty());
  EXPECT_EQ(Advance(wheel, kStart + 24h * 365 * 100), std::vector<uint32_t>{1});
}

TEST(TimerWheel, NamesATimeNotLaterThanTheEarliest) {
  TimerWheel wheel(kStart);
  wheel.Arm(1, kStart + 12345ms);
  int looks = 0;
  while (wheel.size() != 0) {
    ASSERT_LE(wheel.Next(), kStart + 12345ms);
    wheel.Advance(wheel.Next(), [](uint32_t) {});
    ASSERT_LE(++looks, 11);
  }
}

// Against a sorted map, with steps of every size.
TEST(TimerWheel, AgreesWithASortedListWhateverIsDone) {
  for (uint32_t seed = 0; seed < 50; ++seed) {
    std::mt19937 random(seed);
    TimerWheel wheel(kStart);
    std::map<uint32_t, Time> expected;
    Time now = kStart;
    for (int step = 0; step < 2000; ++step) {
      const uint32_t id = random() % 200;
      const auto far = std::chrono::milliseconds(random() % (1U << random() % 24));
      if (random() % 4 == 0) {
        wheel.Cancel(id);
        expected.erase(id);
      } else {
        wheel.Arm(id, now + far);
        expected[id] = std::max(now + far, now + 1ms);
      }
      if (random() % 3 != 0) continue;
      now += std::chrono::milliseconds(random() % (1U << random() % 22));
      Time last = kStart;
      wheel.Advance(now, [&](uint32_t fired) {
        const auto found = expected.find(fired);
        ASSERT_NE(found, expected.end());
        ASSERT_LE(found->second, now);
        ASSERT_GE(found->second, last);
        last = found->second;
        expected.erase(found);
      });
      for (const auto& [left, when] : expected) ASSERT_GT(when, now) << left;
      ASSERT_EQ(wheel.size(), expected.size());
    }
  }
}

}  // namespace
}  // namespace drover::sip
