#include "libs/service/call_table.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

namespace drover::service {
namespace {

using std::chrono::milliseconds;
using Table = CallTable<int>;
const Deadline kStart = Deadline() + std::chrono::hours(1);

TEST(CallTable, GivesACallBackOnceAndOnlyByItsOwnId) {
  Table table(kStart);
  const uint64_t id = table.Add(kStart + milliseconds(100), 7);
  EXPECT_NE(id, 0u);
  EXPECT_EQ(table.size(), 1u);
  EXPECT_EQ(table.Take(id + 1), std::nullopt);
  EXPECT_EQ(table.Take(id), 7);
  EXPECT_EQ(table.Take(id), std::nullopt);
  EXPECT_EQ(table.size(), 0u);
  EXPECT_NE(table.Add(kStart, 8), id) << "an old reply must not end a new call";
}

TEST(CallTable, ExpiresACallAtItsDeadlineAndNotBefore) {
  Table table(kStart);
  table.Add(kStart + milliseconds(12), 1);
  EXPECT_TRUE(table.Expire(kStart + milliseconds(11)).empty());
  EXPECT_EQ(table.Expire(kStart + milliseconds(15)), std::vector<int>{1});
  EXPECT_EQ(table.size(), 0u);
}

TEST(CallTable, KeepsCallsOfLaterTurnsOfTheWheel) {
  Table table(kStart);
  table.Add(kStart + std::chrono::seconds(20), 1);
  for (int ms = 0; ms < 20'000; ms += 5) {
    ASSERT_TRUE(table.Expire(kStart + milliseconds(ms)).empty()) << ms;
  }
  EXPECT_EQ(table.Expire(kStart + std::chrono::seconds(20)).size(), 1u);
}

TEST(CallTable, FindsEverythingAfterALongSleep) {
  Table table(kStart);
  for (int i = 0; i < 3000; ++i) table.Add(kStart + milliseconds(i * 10), i);
  EXPECT_EQ(table.Expire(kStart + std::chrono::hours(24)).size(), 3000u);
}

TEST(CallTable, AgreesWithAPlainSetOfDeadlines) {
  std::mt19937 random(42);
  Table table(kStart);
  std::multiset<std::pair<int, int>> waiting;  // deadline in ms, call
  std::vector<std::pair<uint64_t, std::pair<int, int>>> ids;
  int now = 0;
  for (int call = 0; call < 20'000; ++call) {
    const int deadline = now + static_cast<int>(random() % 8'000);
    ids.emplace_back(table.Add(kStart + milliseconds(deadline), call), std::pair(deadline, call));
    waiting.insert(ids.back().second);
    if (random() % 3 == 0) {
      const auto& [id, entry] = ids[random() % ids.size()];
      const bool there = waiting.erase(entry) != 0;
      EXPECT_EQ(table.Take(id).has_value(), there);
    }
    now += static_cast<int>(random() % 7);
    for (const int expired : table.Expire(kStart + milliseconds(now))) {
      const auto it = std::find_if(waiting.begin(), waiting.end(),
                                   [&](const auto& entry) { return entry.second == expired; });
      ASSERT_NE(it, waiting.end());
      ASSERT_LE(it->first, now);
      waiting.erase(it);
    }
    // What is past by more than a tick (and one that may have begun) is gone.
    ASSERT_TRUE(waiting.empty() || waiting.begin()->first + 10 > now);
  }
  EXPECT_EQ(table.size(), waiting.size());
  EXPECT_EQ(table.TakeAll().size(), waiting.size());
}

}  // namespace
}  // namespace drover::service
