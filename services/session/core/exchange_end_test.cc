#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/session/core/exchange.h"
#include "services/session/core/testing/world.h"

namespace drover::session {
namespace {

using syncml::Command;
using syncml::CommandKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TEST(ExchangeEnd, GivesBackWhatWasNotSentAndLosesWhatMayHaveHappened) {
  World world;
  world.config.max_messages = 3;
  world.work.push_back(Work("sent", {Replace("./A", "1"), Ask(Prompt::Kind::kDisplay, "x")}));
  world.work.push_back(Work("waits", {Replace("./B", "1")}));
  world.work.push_back(Work("reads", {Get("./C")}));
  Open(world);
  world.Answer({200});
  EXPECT_THAT(world.Alerts(), ElementsAre("1100"));
  world.Say("", false);
  EXPECT_THAT(world.Alerts(), ElementsAre("1223"));
  EXPECT_TRUE(world.session->ended);
  ASSERT_THAT(world.Reports(), SizeIs(3));
  EXPECT_EQ(world.Reports()[0].disposition, Disposition::kLost) << "its first command was done";
  EXPECT_EQ(world.Reports()[1].disposition, Disposition::kReturned);
  EXPECT_EQ(world.Reports()[2].disposition, Disposition::kReturned);
  EXPECT_THAT(world.session->operations, IsEmpty());
}

TEST(ExchangeEnd, AbortsASessionThatTakesTooLong) {
  World world;
  world.work.push_back(Work("op", {Get("./A")}));
  Open(world);
  world.now += world.config.max_duration + std::chrono::seconds(1);
  world.Answer({0});
  EXPECT_THAT(world.Alerts(), ElementsAre("1223"));
  EXPECT_TRUE(world.message().final);
}

TEST(ExchangeEnd, TakesTheTerminalsAbortInEachState) {
  const std::string abort = AlertOf(9, 1223);
  const auto aborted = [](World& world, Disposition disposition) {
    EXPECT_TRUE(world.session->ended);
    EXPECT_TRUE(world.message().final);
    EXPECT_THAT(world.Commands(), IsEmpty());
    EXPECT_FALSE(world.session->incoming || world.session->outgoing);
    ASSERT_THAT(world.Reports(), SizeIs(1));
    EXPECT_EQ(world.Reports()[0].disposition, disposition);
    EXPECT_EQ(world.answer.endings.back().end, SessionEnd::kAbortedByTerminal);
  };
  {  // With the answer to what was sent: that counts.
    World world;
    world.work.push_back(Work("op", {Replace("./A", "1")}));
    Open(world);
    world.Answer({200}, abort);
    aborted(world, Disposition::kDone);
  }
  {  // Before it.
    World world;
    world.work.push_back(Work("op", {Replace("./A", "1")}));
    Open(world);
    world.Say(abort, false);
    aborted(world, Disposition::kLost);
  }
  {  // In the middle of an object to the terminal: nothing has changed.
    World world;
    world.account.traits.large_objects = Support::kYes;
    world.work.push_back(Work("op", {Replace("./A", std::string(9000, 'x'))}));
    Open(world, "1", MaxMsgSize(3000));
    world.Answer({213}, AlertOf(3, 1222));
    world.Answer({213}, abort);
    aborted(world, Disposition::kReturned);
  }
  {  // In the middle of one from it.
    World world;
    world.work.push_back(Work("op", {Get("./A")}));
    Open(world);
    const int id = IdOf(*world.Commands()[0]);
    world.Answer({200}, Results(3, 1, id, "./A", "x", Meta("chr", "", 9), true), false);
    world.Say(abort, false);
    aborted(world, Disposition::kReturned);
  }
}

TEST(ExchangeEnd, WhatItHeldAndSentIsUncertainForTheNextSessionTheRestIsNot) {
  World world;
  world.work.push_back(Work("sent", {Replace("./A", "1")}));
  world.work.push_back(Work("waits", {Ask(Prompt::Kind::kDisplay, "x"), Replace("./B", "1")}));
  Open(world);
  EXPECT_THAT(world.All(CommandKind::kReplace), SizeIs(1));
  world.marked = false;
  Open(world, "2");
  ASSERT_THAT(world.effects, Not(IsEmpty())) << "operations must hear of it, work or none";
  EXPECT_TRUE(world.effects[0].advance);
  EXPECT_TRUE(world.effects[0].session_started);
  EXPECT_THAT(world.effects[0].untouched, ElementsAre("waits"));
  EXPECT_THAT(world.session->operations, IsEmpty());
}

TEST(ExchangeEnd, DoesNotRepeatForATerminalThatRefusesUsAndYetCarriesOut) {
  World world;
  world.work.push_back(Work("op", {Replace("./A", "1")}));
  Open(world);
  const int id = IdOf(*world.Commands()[0]);
  world.Post(Message("1", 2,
                     Status(1, 1, 0, "SyncHdr", 401, Chal("syncml:auth-md5", "Tm9uY2U=")) +
                         Status(2, 1, id, "Replace", 200)));
  EXPECT_THAT(world.All(CommandKind::kReplace), IsEmpty());
  ASSERT_THAT(world.Reports(), SizeIs(1));
  EXPECT_EQ(world.Reports()[0].results[0].status, 200U);
}

TEST(ExchangeUncertainEnd, DoesNotReturnAsNewWhatWasReadBackAsDone) {
  World world;
  world.config.max_messages = 3;
  world.work.push_back(Work("fw",
                            {Replace("./FUMO/P1/Update/PkgData", "http://x"),
                             Exec("./FUMO/P1/Update"), Replace("./Other", "1")},
                            true));
  Open(world);
  ASSERT_THAT(world.Commands(), SizeIs(3));
  const int id = IdOf(*world.Commands()[0]);
  world.Answer({200, 200, 404}, Results(8, 1, id, "./FUMO/P1/Update/PkgData", "http://x") +
                                    Results(9, 1, id + 1, "./FUMO/P1/State", "60"));
  ASSERT_THAT(world.All(CommandKind::kReplace), SizeIs(1));
  world.Say("", false);
  EXPECT_THAT(world.Alerts(), ElementsAre("1223"));
  ASSERT_THAT(world.Reports(), SizeIs(1));
  EXPECT_EQ(world.Reports()[0].disposition, Disposition::kLost);
}

TEST(ExchangeUncertainEnd, ReadsBackInAsManyMessagesAsItTakes) {
  World world;
  std::vector<CommandSpec> many;
  for (int i = 0; i < 40; ++i) many.push_back(Replace("./Vendor/Node/" + std::to_string(i), "v"));
  world.work.push_back(Work("op", many, true));
  Open(world, "1", MaxMsgSize(3000));
  size_t read = 0;
  while (!world.All(CommandKind::kGet).empty()) {
    EXPECT_LE(world.answer.body.size(), 3000U);
    EXPECT_THAT(world.All(CommandKind::kReplace), IsEmpty()) << "first all is read";
    std::string results;
    for (const Command* get : world.All(CommandKind::kGet)) {
      const std::string_view value = read++ % 2 == 0 ? "v" : "old";
      results += Results(99, static_cast<int>(world.session->server_msg_id), IdOf(*get),
                         get->items[0].target->uri, value);
    }
    world.Answer(std::vector<int>(world.Commands().size(), 200), results);
  }
  EXPECT_EQ(read, 40U);
  size_t written = 0;
  while (world.Reports().empty() && written < 100) {
    written += world.All(CommandKind::kReplace).size();
    EXPECT_LE(world.answer.body.size(), 3000U);
    world.Answer(std::vector<int>(world.Commands().size(), 200));
  }
  EXPECT_EQ(written, 20U) << "exactly what was not there";
  EXPECT_THAT(world.Reports()[0].results, SizeIs(40));
}

}  // namespace
}  // namespace drover::session
