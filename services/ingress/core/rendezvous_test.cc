#include "services/ingress/core/rendezvous.h"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

namespace drover::ingress {
namespace {

const auto kAny = [](size_t) { return true; };
std::string Device(int n) { return "IMEI:" + std::to_string(490000000000000 + n); }

TEST(Rendezvous, GivesEveryReplicaItsShare) {
  const Rendezvous rendezvous({"a:1", "b:1", "c:1", "d:1"});
  std::map<size_t, int> share;
  for (int n = 0; n < 10'000; ++n) ++share[*rendezvous.Pick(Device(n), kAny)];
  ASSERT_EQ(share.size(), 4u);
  for (const auto& [replica, count] : share) EXPECT_NEAR(count, 2500, 250) << replica;
}

TEST(Rendezvous, MovesOnlyTheTerminalsOfAReplicaThatWentAway) {
  const Rendezvous rendezvous({"a:1", "b:1", "c:1"});
  for (int n = 0; n < 1000; ++n) {
    const size_t before = *rendezvous.Pick(Device(n), kAny);
    const size_t after = *rendezvous.Pick(Device(n), [](size_t i) { return i != 1; });
    EXPECT_NE(after, 1u);
    if (before != 1) {
      EXPECT_EQ(after, before);
    }
  }
}

TEST(Rendezvous, ChoosesByNameAndNotByTheOrderOfTheList) {
  const std::vector<std::string> names = {"a:1", "b:1", "c:1"};
  std::vector<std::string> reversed(names.rbegin(), names.rend());
  const Rendezvous one(names);
  const Rendezvous other(reversed);
  for (int n = 0; n < 1000; ++n) {
    EXPECT_EQ(names[*one.Pick(Device(n), kAny)], reversed[*other.Pick(Device(n), kAny)]);
  }
}

TEST(Rendezvous, PicksNothingWhenNothingIsUsable) {
  const Rendezvous rendezvous({"a:1"});
  EXPECT_EQ(rendezvous.Pick("x", [](size_t) { return false; }), std::nullopt);
  EXPECT_EQ(Rendezvous({}).Pick("x", kAny), std::nullopt);
}

}  // namespace
}  // namespace drover::ingress
