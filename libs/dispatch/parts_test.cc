// The parts of the scheduler by themselves.
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "libs/dispatch/journal_frames.h"
#include "libs/dispatch/lanes.h"
#include "libs/dispatch/pacer.h"
#include "libs/dispatch/parked_receipts.h"
#include "libs/dispatch/references.h"
#include "libs/dispatch/slot_index.h"
#include "libs/dispatch/timer_heap.h"

namespace drover::dispatch {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kDay = 86'400 * kSecond;
constexpr References::Of kPair{0, 18613800138000};

TEST(Group, TakesAsManyOctetsAsTheReadmeSays) { EXPECT_EQ(sizeof(Group), 192u); }

TEST(References, CountsOnAndSkipsWhatIsInUseOrInQuarantine) {
  References references;
  const uint16_t first = references.Allocate(kPair, 16, 0, 41);
  EXPECT_EQ(first, 42);
  EXPECT_EQ(references.Allocate(kPair, 16, 0, 7), 43);
  references.Release(kPair, 42, 0);
  references.Release(kPair, 43, 7 * kDay);
  std::set<uint16_t> seen;
  for (int i = 0; i < 65'535; ++i) {
    const uint16_t ref = references.Allocate(kPair, 16, kDay, 0);
    EXPECT_TRUE(ref != 43 && seen.insert(ref).second);
    references.Release(kPair, ref, 0);
  }
  EXPECT_EQ(references.Allocate(kPair, 16, kDay, 0), 44) << "round once, and past 43";
}

TEST(References, EightBitNumbersShareTheSpaceAndTheSoonestFreeGoesWhenNoneIsLeft) {
  References references;
  for (int i = 0; i < 256; ++i) {
    const uint16_t ref = references.Allocate(kPair, 8, 0, 500);
    EXPECT_LT(ref, 256);
    references.Release(kPair, ref, kDay + (ref == 99 ? 0 : kDay));
  }
  EXPECT_EQ(references.Allocate(kPair, 8, 0, 0), 99);
  EXPECT_GE(references.Allocate(kPair, 16, 0, 0), 256)
      << "the 8-bit ones are in use for it as well";
}

TEST(References, AreForgottenWhenIdleAndNotBefore) {
  References references;
  const uint16_t ref = references.Allocate(kPair, 16, 0, 0);
  references.Release(kPair, ref, 7 * kDay);
  for (int i = 0; i < 10; ++i) references.Sweep(6 * kDay, 5 * kDay);
  EXPECT_EQ(references.size(), 1u) << "something is in quarantine";
  for (int i = 0; i < 10; ++i) references.Sweep(8 * kDay, 5 * kDay);
  EXPECT_EQ(references.size(), 0u);
}

TEST(Pacer, TakesTokensForWholeGroupsAndPaysTheDebtBack) {
  Pacer pacer(/*segments_per_second=*/10, /*window=*/10, 0);
  EXPECT_TRUE(pacer.MayStart(4));
  pacer.Take(4);
  EXPECT_FALSE(pacer.MayStart(1));
  const int64_t at = pacer.MayStartAt(1, 0);
  EXPECT_NEAR(static_cast<double>(at), 0.4 * kSecond, 2);
  pacer.At(at);
  EXPECT_TRUE(pacer.MayStart(1));
}

TEST(Pacer, RestsASecondWhenThrottledAndComesBackByTwoPercentASecond) {
  Pacer pacer(0, /*window=*/100, 0);
  pacer.Throttle(0);
  pacer.Throttle(0);  // All that was outstanding is refused: once is enough.
  EXPECT_TRUE(pacer.Resting(kSecond - 1));
  EXPECT_FALSE(pacer.Resting(kSecond));
  EXPECT_DOUBLE_EQ(pacer.pace(), 0.7);
  EXPECT_EQ(pacer.window(), 70u);
  pacer.At(5 * kSecond);
  EXPECT_NEAR(pacer.pace(), 0.7 * 1.104, 0.001);
  pacer.At(60 * kSecond);
  EXPECT_EQ(pacer.window(), 100u);
}

TEST(Pacer, HeedsCongestionStateFromNinetyOn) {
  Pacer pacer(0, 100, 0);
  EXPECT_FALSE(pacer.Congested(89, kSecond));
  EXPECT_TRUE(pacer.Congested(95, kSecond));
  EXPECT_EQ(pacer.window(), 90u);
  EXPECT_FALSE(pacer.Congested(95, kSecond)) << "once a second";
  EXPECT_TRUE(pacer.Congested(100, 3 * kSecond));
  EXPECT_TRUE(pacer.Resting(3 * kSecond));
}

TEST(ParkedReceipts, AreFewAndForAWhile) {
  ParkedReceipts parked(2);
  EXPECT_EQ(parked.Park(0, "a", {}, 10), 0u);
  EXPECT_EQ(parked.Park(0, "b", {}, 20), 0u);
  EXPECT_EQ(parked.Park(1, "b", {}, 30), 1u) << "a had to go";
  EXPECT_FALSE(parked.Take(0, "a"));
  EXPECT_TRUE(parked.Take(0, "b"));
  EXPECT_FALSE(parked.Take(0, "b"));
  EXPECT_EQ(parked.Expire(30), 1u);
  EXPECT_EQ(parked.size(), 0u);
}

TEST(JournalFrames, AreReadUpToTheFirstThatIsNotWhole) {
  std::string log;
  const std::string records[] = {"one", "", std::string(300, 'x')};
  for (const std::string& record : records) AppendFrame(record, log);
  for (size_t cut = 0; cut <= log.size(); ++cut) {
    const std::string torn = log.substr(0, cut);
    FrameReader reader(torn);
    std::string_view record;
    size_t count = 0;
    while (reader.Next(record)) EXPECT_EQ(record, records[count++]);
    EXPECT_EQ(reader.at_end(), cut == reader.whole());
    EXPECT_EQ(count == 3, cut == log.size());
  }
  for (size_t at = 0; at < log.size(); ++at) {
    std::string bad = log;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    FrameReader reader(bad);
    std::string_view record;
    size_t count = 0;
    while (reader.Next(record)) ++count;
    EXPECT_LT(count, 3u) << at;
  }
}

TEST(SlotIndex, FindsWhatAMapFindsWhileEntriesComeAndGo) {
  SlotIndex index;
  std::multimap<uint64_t, uint32_t> model;
  uint64_t random = 1;
  for (int i = 0; i < 20'000; ++i) {
    random = Mixed(random);
    const uint64_t key = random % 500;
    const auto slot = static_cast<uint32_t>(random >> 40 & 0xFF);
    const auto found = model.find(key);
    if ((random & 0x100) == 0 || found == model.end()) {
      index.Insert(Mixed(key), slot);
      model.emplace(key, slot);
    } else {
      index.Erase(Mixed(key), found->second);
      model.erase(found);
    }
    const auto is_it = [&](uint32_t at) {
      const auto [begin, end] = model.equal_range(key);
      return std::any_of(begin, end, [at](const auto& entry) { return entry.second == at; });
    };
    ASSERT_EQ(index.Find(Mixed(key), is_it) != kNoSlot, model.count(key) > 0);
  }
  EXPECT_EQ(index.size(), model.size());
}

TEST(TimerHeap, HandsOutTimersInTheirOrder) {
  std::vector<uint32_t> places(1000, kNoSlot);
  const auto position = [&places](uint32_t slot) -> uint32_t& { return places[slot]; };
  TimerHeap<decltype(position)> heap(position);
  std::map<uint32_t, int64_t> model;
  uint64_t random = 7;
  for (int i = 0; i < 20'000; ++i) {
    random = Mixed(random);
    const auto slot = static_cast<uint32_t>(random % 1000);
    if ((random >> 20) % 3 == 0) {
      heap.Remove(slot);
      model.erase(slot);
    } else {
      model[slot] = static_cast<int64_t>(random >> 30 & 0xFFFF);
      heap.Set(slot, model[slot]);
    }
    ASSERT_EQ(heap.empty(), model.empty());
    if (model.empty()) continue;
    const auto first = std::min_element(model.begin(), model.end(),
                                        [](auto& a, auto& b) { return a.second < b.second; });
    ASSERT_EQ(heap.due(), first->second);
    ASSERT_EQ(model[heap.slot()], first->second);
  }
}

class LanesTest : public ::testing::Test {
 protected:
  uint32_t Waiting(Priority priority, uint8_t segments) {
    const uint32_t slot = groups_.Take();
    groups_[slot].priority = priority;
    groups_[slot].segments = segments;
    lane_ = groups_[slot].lane = lanes_.Join(18613800138000);
    lanes_.Wait(slot);
    return slot;
  }
  void Start(uint32_t slot) {
    lanes_.StopWaiting(slot);
    lanes_.Activate(slot);
  }
  Slab<Group> groups_;
  Lanes lanes_{groups_};
  uint32_t lane_ = kNoSlot;
};

TEST_F(LanesTest, WaitingGroupsStandByPriorityThenInOrder) {
  const uint32_t low = Waiting(Priority::kLow, 1);
  const uint32_t first = Waiting(Priority::kHigh, 2);
  const uint32_t second = Waiting(Priority::kHigh, 1);
  EXPECT_EQ(lanes_.Next(lane_), first);
  Start(first);
  EXPECT_EQ(lanes_.Next(lane_), kNoSlot);
  lanes_.Release(first);
  EXPECT_EQ(lanes_.Next(lane_), second);
  lanes_.StopWaiting(second);
  EXPECT_EQ(lanes_.Next(lane_), low);
}

TEST_F(LanesTest, ASuspendedGroupLetsUrgentSinglesPassAndNothingElse) {
  const uint32_t group = Waiting(Priority::kMedium, 3);
  Start(group);
  ASSERT_TRUE(lanes_.Suspend(group));
  Waiting(Priority::kLow, 1);
  Waiting(Priority::kMedium, 1);
  EXPECT_EQ(lanes_.Next(lane_), kNoSlot);
  const uint32_t urgent = Waiting(Priority::kHigh, 1);
  EXPECT_EQ(lanes_.Next(lane_), urgent);
  Start(urgent);
  ASSERT_TRUE(lanes_.Suspend(urgent));
  Waiting(Priority::kHigh, 1);
  EXPECT_EQ(lanes_.Next(lane_), kNoSlot) << "nothing is more urgent";
  lanes_.Unsuspend(urgent);
  EXPECT_EQ(lanes_.Active(lane_), urgent);
}

}  // namespace
}  // namespace drover::dispatch
