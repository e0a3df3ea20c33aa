#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/session/core/exchange.h"
#include "services/session/core/testing/world.h"

namespace drover::session {
namespace {

using syncml::CommandKind;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

CommandSpec Node(std::string name) { return InAtomic(Replace("./NAP/iot/" + name, "v")); }

// The example of the specification: the second child is refused by the ACL.
TEST(ExchangeAtomic, ReportsTheRollbackOfTheExample) {
  World world;
  world.work.push_back(Work("op", {Node("Addr"), Node("AddrType"), Node("Name")}));
  Open(world);
  ASSERT_THAT(world.All(CommandKind::kAtomic), SizeIs(1));
  EXPECT_THAT(world.All(CommandKind::kAtomic)[0]->children, SizeIs(3));
  EXPECT_THAT(world.All(CommandKind::kSequence), IsEmpty());
  world.Answer({507, 216, 425, 215});
  ASSERT_THAT(world.Reports(), SizeIs(1));
  const std::vector<CommandResult> results = world.Reports()[0].results;
  ASSERT_THAT(results, SizeIs(3));
  EXPECT_EQ(results[0].status, 216U);
  EXPECT_EQ(results[1].status, 425U);
  EXPECT_EQ(results[2].status, 215U);
  EXPECT_THAT(world.Nodes(), IsEmpty());
}

struct Row {
  std::vector<int> said;           // The Atomic, then its two children; 0: no Status.
  std::vector<uint32_t> reported;  // Of the children.
  size_t nodes;
};

TEST(ExchangeAtomic, JudgesEveryWayToAnswerIt) {
  const std::vector<Row> rows = {
      {{200, 200, 200}, {200, 200}, 2},
      {{0, 200, 200}, {200, 200}, 2},    // No Status for the Atomic: its children tell.
      {{200, 0, 0}, {200, 200}, 2},      // Nor for them.
      {{0, 200, 404}, {200, 404}, 1},    // No rollback either.
      {{507, 216, 404}, {216, 404}, 0},  //
      {{507, 516, 404}, {516, 404}, 0},  // Rollback failed.
      {{507, 404, 215}, {404, 215}, 0},
      {{507, 0, 404}, {215, 404}, 0},
      {{507, 200, 404}, {507, 404}, 0},  // Undone, without a word.
      {{507, 0, 0}, {215, 215}, 0},
      {{500, 0, 0}, {500, 500}, 0},
      {{406, 0, 0}, {406, 406}, 0},  // Not supported.
      {{406, 406, 215}, {406, 215}, 0},
      {{517, 216, 216}, {216, 216}, 0},  // The answers would not fit.
      {{517, 0, 0}, {517, 517}, 0},
      {{215, 0, 0}, {215, 215}, 0},
      {{0, 0, 0}, {0, 0}, 0},
  };
  for (const Row& row : rows) {
    World world;
    world.work.push_back(Work("op", {Node("A"), Node("B"), Replace("./Behind", "x")}));
    Open(world);
    world.Answer(row.said);
    const bool failed = row.nodes < 2;
    const std::string what = ::testing::PrintToString(row.said);
    EXPECT_THAT(world.Nodes(), SizeIs(row.nodes)) << what;
    if (!failed) {
      EXPECT_THAT(world.All(CommandKind::kReplace), SizeIs(1)) << what;
      world.Answer({200});
    }
    ASSERT_THAT(world.Reports(), SizeIs(1)) << what;
    const std::vector<CommandResult> results = world.Reports()[0].results;
    ASSERT_THAT(results, SizeIs(3)) << what;
    EXPECT_EQ(results[0].status, row.reported[0]) << what;
    EXPECT_EQ(results[1].status, row.reported[1]) << what;
    EXPECT_EQ(results[1].atomic_status, static_cast<uint32_t>(row.said[0])) << what;
    EXPECT_EQ(results[2].atomic_status, 0U) << what;
    EXPECT_EQ(results[2].status, failed ? 215U : 200U) << what;
  }
}

TEST(ExchangeAtomic, IsAStepBetweenTheOthers) {
  World world;
  world.work.push_back(Work("op", {Get("./A"), Node("A"), Node("B"), Exec("./NAP/Go")}));
  world.work.push_back(Work("later", {Get("./B")}));
  Open(world);
  EXPECT_THAT(world.Commands(), SizeIs(1));
  world.Answer({200});
  ASSERT_THAT(world.Commands(), SizeIs(3));
  EXPECT_EQ(world.Commands()[0]->kind, CommandKind::kAtomic);
  world.Answer({200, 200, 200});
  EXPECT_THAT(world.All(CommandKind::kExec), SizeIs(1));
  EXPECT_THAT(world.All(CommandKind::kGet), SizeIs(1));
}

TEST(ExchangeAtomic, TwoOfThemGoOneAfterTheOther) {
  World world;
  world.work.push_back(
      Work("op", {InAtomic(Replace("./A", "1"), 1), InAtomic(Replace("./B", "1"), 2)}));
  Open(world);
  EXPECT_THAT(world.Commands(), SizeIs(2));
  world.Answer({507, 404});
  ASSERT_THAT(world.Reports(), SizeIs(1)) << "the second is not sent";
  EXPECT_EQ(world.Reports()[0].results[1].status, 215U);
}

TEST(ExchangeAtomic, IsRefusedWhenItDoesNotFitIntoOneMessage) {
  World world;
  world.account.traits.large_objects = Support::kYes;
  world.work.push_back(Work("op", {InAtomic(Replace("./A", std::string(4000, 'x'))),
                                   InAtomic(Replace("./B", std::string(4000, 'x')))}));
  Open(world, "1", MaxMsgSize(6000));
  ASSERT_THAT(world.Reports(), SizeIs(1));
  EXPECT_EQ(world.Reports()[0].disposition, Disposition::kRefused);
  EXPECT_THAT(world.Reports()[0].cause, HasSubstr("6000"));
}

// The statuses of a message with many alerts leave no room: they go first, alone.
TEST(ExchangeAtomic, WaitsForAMessageThatHasRoom) {
  World world;
  world.work.push_back(Work("op", {InAtomic(Replace("./A", std::string(1400, 'x'))),
                                   InAtomic(Replace("./B", std::string(1400, 'x')))}));
  std::string alerts;
  for (int i = 3; i < 20; ++i) alerts += AlertOf(i, 1224, "<Item><Data>x</Data></Item>");
  world.Post(
      Message("1", 1, kPackage1 + alerts, Md5Cred(world.account.client_nonce) + MaxMsgSize(5000)));
  EXPECT_LE(world.answer.body.size(), 5000U);
  EXPECT_THAT(world.Alerts(), ::testing::ElementsAre("1222"));
  EXPECT_FALSE(world.session->ended);
  world.Say(Status(2, 1, IdOf(*world.Commands()[0]), "Alert", 200));
  EXPECT_THAT(world.All(CommandKind::kAtomic), SizeIs(1));
  EXPECT_LE(world.answer.body.size(), 5000U);
}

TEST(ExchangeAtomic, ThatEndedWithoutAWordIsReadBackWhole) {
  World world;
  world.work.push_back(Work("op", {Node("A"), Node("B")}, true));
  Open(world);
  ASSERT_THAT(world.All(CommandKind::kGet), SizeIs(2));
  const int first = IdOf(*world.All(CommandKind::kGet)[0]);
  world.Answer({200, 200}, Results(9, 1, first, "./NAP/iot/A", "v") +
                               Results(10, 1, first + 1, "./NAP/iot/B", "old"));
  EXPECT_THAT(world.All(CommandKind::kAtomic), SizeIs(1)) << "half of it: it did not happen";
  EXPECT_THAT(world.All(CommandKind::kReplace), SizeIs(2));
}

}  // namespace
}  // namespace drover::session
