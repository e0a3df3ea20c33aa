#include "libs/registration/storm_guard.h"

#include <gtest/gtest.h>

namespace drover::registration {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const TimePoint kStart{seconds(1'000'000)};

TEST(StormGuard, LetsNoMoreThanItsRatePassInAnySecond) {
  StormGuard<int> guard(10, 1000);
  for (int i = 0; i < 500; ++i) {
    ASSERT_EQ(guard.Offer(int{i}), StormGuard<int>::Admission::kQueued);
  }
  std::vector<TimePoint> passed;
  int expected = 0;
  while (const auto due = guard.Due(passed.empty() ? kStart : passed.back())) {
    while (const auto item = guard.Next(*due)) {
      EXPECT_EQ(*item, expected++) << "in order";
      passed.push_back(*due);
    }
  }
  EXPECT_EQ(expected, 500);
  for (size_t i = 10; i < passed.size(); ++i) {
    EXPECT_GE(passed[i] - passed[i - 10], milliseconds(990));
  }
  EXPECT_NEAR(std::chrono::duration<double>(passed.back() - kStart).count(), 49.9, 0.1);
}

TEST(StormGuard, IsBoundedAndSaysSo) {
  StormGuard<std::string> guard(1, 2);
  EXPECT_EQ(guard.Offer("a"), StormGuard<std::string>::Admission::kQueued);
  EXPECT_EQ(guard.Offer("b"), StormGuard<std::string>::Admission::kQueued);
  std::string kept = "c";
  EXPECT_EQ(guard.Offer(std::move(kept)), StormGuard<std::string>::Admission::kFull);
  EXPECT_EQ(kept, "c");
  EXPECT_EQ(guard.Next(kStart), "a");
  EXPECT_EQ(guard.Offer(std::move(kept)), StormGuard<std::string>::Admission::kQueued);
  EXPECT_EQ(guard.size(), 2u);
}

TEST(StormGuard, SaysWhenTheNextIsDue) {
  StormGuard<int> guard(2, 10);
  EXPECT_EQ(guard.Due(kStart), std::nullopt);
  for (int i = 0; i < 4; ++i) guard.Offer(int{i});
  EXPECT_EQ(guard.Due(kStart), kStart);
  EXPECT_TRUE(guard.Next(kStart));
  EXPECT_FALSE(guard.Next(kStart));
  const TimePoint due = guard.Due(kStart).value();
  EXPECT_LE(due - kStart, milliseconds(501));
  EXPECT_FALSE(guard.Next(due - milliseconds(2)));
  EXPECT_TRUE(guard.Next(due));
}

TEST(StormGuard, APauseEarnsNoMoreThanATenthOfASecondsWorth) {
  StormGuard<int> guard(30, 100);
  for (int i = 0; i < 20; ++i) guard.Offer(int{i});
  const auto drain = [&](TimePoint now) {
    int n = 0;
    while (guard.Next(now)) ++n;
    return n;
  };
  EXPECT_EQ(drain(kStart), 3);
  EXPECT_EQ(drain(kStart + seconds(3600)), 3);
  EXPECT_EQ(drain(kStart), 0) << "a clock that goes back";
}

}  // namespace
}  // namespace drover::registration
