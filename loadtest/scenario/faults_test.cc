#include "loadtest/scenario/faults.h"

#include <map>

namespace drover::scenario {
namespace {

TEST(MischanceOf, FallsIntoItsShare) {
  const Faults faults{{Fault::kDrop, 0.1}, {Fault::kPowerLoss, 0.05}};
  std::map<Fault, int> seen;
  constexpr int kSessions = 20'000;
  for (uint64_t i = 0; i < kSessions; ++i) ++seen[MischanceOf(faults, 4, i).fault];
  EXPECT_NEAR(seen[Fault::kDrop], kSessions * 0.1, kSessions * 0.01);
  EXPECT_NEAR(seen[Fault::kPowerLoss], kSessions * 0.05, kSessions * 0.01);
  EXPECT_EQ(seen[Fault::kSlow], 0);
}

TEST(MischanceOf, IsTheSameAgain) {
  const Faults faults{{Fault::kDrop, 0.5}};
  for (uint64_t i = 0; i < 100; ++i) {
    EXPECT_EQ(MischanceOf(faults, 4, i).fault, MischanceOf(faults, 4, i).fault);
    EXPECT_EQ(MischanceOf(faults, 4, i).message, MischanceOf(faults, 4, i).message);
  }
}

}  // namespace
}  // namespace drover::scenario
