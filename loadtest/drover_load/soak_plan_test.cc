#include "loadtest/drover_load/soak_plan.h"

#include <set>

#include <gtest/gtest.h>

#include "loadtest/drover_load/fleet.h"

namespace drover::load {
namespace {

namespace v1 = operations::v1;

Fleet& OneTerminal() {
  static Fleet fleet(Endpoints(), {terminal::Catalogue()[0]}, 1, 7);
  return fleet;
}

TEST(SoakPlan, DrawsTheSameOperationsFromTheSameSeed) {
  SoakPlan one("run", 3, {});
  SoakPlan other("run", 3, {});
  for (uint32_t i = 0; i < 20; ++i) {
    const SoakOperation a = one.Draw(OneTerminal()[0], 0, i % 3);
    const SoakOperation b = other.Draw(OneTerminal()[0], 0, i % 3);
    EXPECT_EQ(a.wanted.SerializeAsString(), b.wanted.SerializeAsString());
  }
}

TEST(SoakPlan, WritesNoValueTwice) {
  SoakPlan plan("run", 3, {});
  std::set<std::string> values;
  for (uint32_t i = 0; i < 60; ++i) {
    const SoakOperation drawn = plan.Draw(OneTerminal()[0], 0, i % 3);
    for (const v1::Command& command : drawn.wanted.commands()) {
      if (!command.has_data()) continue;
      EXPECT_TRUE(values.insert(command.data()).second) << command.data();
    }
  }
}

TEST(SoakPlan, MakesTheSubtreeOfASlotFirst) {
  SoakPlan plan("run", 3, {});
  const SoakOperation first = plan.Draw(OneTerminal()[0], 0, 1);
  ASSERT_EQ(first.wanted.commands_size(), 2);
  EXPECT_EQ(first.wanted.commands(0).verb(), v1::ADD);
  EXPECT_EQ(first.wanted.commands(0).format(), "node");
  EXPECT_EQ(first.wanted.commands(1).target(), "./S1/A");
}

TEST(SoakPlan, UpdatesTheFirmwareInSlotZero) {
  SoakPlan plan("run", 3, {});
  const SoakOperation update = plan.Draw(OneTerminal()[0], 0, 0);
  ASSERT_EQ(update.wanted.commands_size(), 2);
  EXPECT_EQ(update.wanted.commands(1).verb(), v1::EXEC);
}

}  // namespace
}  // namespace drover::load
