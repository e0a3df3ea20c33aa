#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/session/core/exchange.h"
#include "services/session/core/testing/world.h"

namespace drover::session {
namespace {

using syncml::Command;
using syncml::CommandKind;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(ExchangeUncertain, ReadsBackBeforeItRepeatsWhatMayHaveHappened) {
  World world;
  const Assignment firmware = Work("fw",
                                   {Replace("./FUMO/P1/DownloadAndUpdate/PkgURL", "http://x/1"),
                                    Exec("./FUMO/P1/DownloadAndUpdate")},
                                   true);
  world.work.push_back(firmware);
  Open(world);
  std::vector<const Command*> gets = world.All(CommandKind::kGet);
  ASSERT_THAT(gets, SizeIs(2));
  EXPECT_EQ(gets[0]->items[0].target->uri, "./FUMO/P1/DownloadAndUpdate/PkgURL");
  EXPECT_EQ(gets[1]->items[0].target->uri, "./FUMO/P1/State");
  EXPECT_THAT(world.All(CommandKind::kExec), IsEmpty());

  // It runs already: both commands are done, and nothing is sent again.
  world.Post(Message("1", 2,
                     Status(1, 1, 0, "SyncHdr", 212) + Status(2, 1, 4, "Get", 200) +
                         Results(3, 1, 4, "./FUMO/P1/DownloadAndUpdate/PkgURL", "http://x/1") +
                         Status(4, 1, 5, "Get", 200) + Results(5, 1, 5, "./FUMO/P1/State", "30")));
  ASSERT_THAT(world.Reports(), SizeIs(1));
  ASSERT_THAT(world.Reports()[0].results, SizeIs(2));
  EXPECT_TRUE(world.Reports()[0].results[0].verified);
  EXPECT_EQ(world.Reports()[0].results[1].status, 202U);
  EXPECT_THAT(world.All(CommandKind::kExec), IsEmpty());
}

TEST(ExchangeUncertain, RepeatsExactlyWhatReadingBackShowsUndone) {
  World world;
  world.work.push_back(Work("fw",
                            {Replace("./FUMO/P1/DownloadAndUpdate/PkgURL", "http://x/1"),
                             Exec("./FUMO/P1/DownloadAndUpdate")},
                            true));
  Open(world);
  world.Post(Message("1", 2,
                     Status(1, 1, 0, "SyncHdr", 212) + Status(2, 1, 4, "Get", 200) +
                         Results(3, 1, 4, "./FUMO/P1/DownloadAndUpdate/PkgURL", "http://x/1") +
                         Status(4, 1, 5, "Get", 200) + Results(5, 1, 5, "./FUMO/P1/State", "10")));
  EXPECT_THAT(world.All(CommandKind::kReplace), IsEmpty());
  ASSERT_THAT(world.All(CommandKind::kExec), SizeIs(1));
  EXPECT_EQ(world.All(CommandKind::kExec)[0]->correlator, "fw");
  const int exec = std::stoi(std::string(world.All(CommandKind::kExec)[0]->cmd_id));
  world.Post(Message("1", 3, Status(1, 2, 0, "SyncHdr", 200) + Status(2, 2, exec, "Exec", 202)));
  ASSERT_THAT(world.Reports(), SizeIs(1));
  EXPECT_THAT(world.Reports()[0].results, SizeIs(2));
}

TEST(ExchangeUncertain, DoesNotRepeatAnExecThatNothingCanTellOf) {
  World world;
  world.work.push_back(Work("x", {Exec("./Vendor/Reboot")}, true));
  Open(world);
  EXPECT_THAT(world.All(CommandKind::kExec), IsEmpty());
  ASSERT_THAT(world.Reports(), SizeIs(1));
  EXPECT_EQ(world.Reports()[0].disposition, Disposition::kRefused);
}

// What is behind it may have been there before: all of the Atomic goes out again, its prompt too.
TEST(ExchangeUncertain, SendsAnAtomicThatDidNotHappenWholeWhateverShowsBehindIt) {
  World world;
  world.work.push_back(Work("op",
                            {InAtomic(Ask(Prompt::Kind::kConfirm, "Now?")),
                             InAtomic(Replace("./A", "new")), Replace("./B", "there")},
                            true));
  Open(world);
  const int id = IdOf(*world.Commands()[0]);
  world.Answer({200, 200}, Results(8, 1, id, "./A", "old") + Results(9, 1, id + 1, "./B", "there"));
  ASSERT_THAT(world.All(CommandKind::kAtomic), SizeIs(1));
  EXPECT_THAT(world.All(CommandKind::kAtomic)[0]->children, SizeIs(2));
  world.Answer({200, 200, 200});
  ASSERT_THAT(world.Reports(), SizeIs(1));
  EXPECT_THAT(world.Reports()[0].results, SizeIs(3));
}

}  // namespace
}  // namespace drover::session
