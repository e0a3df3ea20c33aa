#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/session/core/exchange.h"
#include "services/session/core/testing/world.h"

namespace drover::session {
namespace {

using syncml::Command;
using syncml::CommandKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Kind {
  Prompt::Kind kind;
  const char* code;
};

TEST(ExchangePrompt, IsTheAlertOfItsKindWithOptionsTextAndChoices) {
  const std::vector<Kind> kinds = {{Prompt::Kind::kDisplay, "1100"},
                                   {Prompt::Kind::kConfirm, "1101"},
                                   {Prompt::Kind::kTextInput, "1102"},
                                   {Prompt::Kind::kSingleChoice, "1103"},
                                   {Prompt::Kind::kMultipleChoice, "1104"}};
  for (const auto& [kind, code] : kinds) {
    World world;
    CommandSpec ask = Ask(kind, "Really <you>?");
    ask.prompt->min_display_s = 5;
    ask.prompt->choices = {"One", "Two"};
    world.work.push_back(Work("op", {ask}));
    Open(world);
    EXPECT_THAT(world.Alerts(), ElementsAre(code));
    const Command& alert = *world.All(CommandKind::kAlert)[0];
    ASSERT_THAT(alert.items, SizeIs(4));
    EXPECT_EQ(alert.items[0].data->octets, "MINDT=5");
    EXPECT_EQ(alert.items[1].data->octets, "Really <you>?");
    EXPECT_EQ(alert.items[3].data->octets, "Two");
  }
}

TEST(ExchangePrompt, HasTwoItemsEvenWithoutOptions) {
  World world;
  world.work.push_back(Work("op", {Ask(Prompt::Kind::kConfirm, "Now?")}));
  Open(world);
  EXPECT_THAT(world.All(CommandKind::kAlert)[0]->items, SizeIs(2));
}

// Typed, picked, picked several: as the example of the specification answers.
TEST(ExchangePrompt, ReportsWhatTheUserTypedOrChose) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> answers = {
      {"<Item><Data>Jane</Data></Item>", {"Jane"}},
      {"<Item><Data>1</Data></Item>", {"1"}},
      {"<Item><Data>3</Data></Item><Item><Data>1</Data></Item>", {"3", "1"}},
      {"", {}}};
  for (const auto& [items, wanted] : answers) {
    World world;
    world.work.push_back(Work("op", {Ask(Prompt::Kind::kTextInput, "Name")}));
    Open(world);
    std::string status = Status(2, 1, IdOf(*world.Commands()[0]), "Alert", 200);
    status.insert(status.find("</Status>"), items);
    world.Say(status);
    ASSERT_THAT(world.Reports(), SizeIs(1));
    std::vector<std::string> said;
    const OperationReport report = world.Reports()[0];
    for (const Value& value : report.results[0].values) said.push_back(value.data);
    EXPECT_EQ(said, wanted);
    EXPECT_THAT(world.Nodes(), IsEmpty());
  }
}

TEST(ExchangePrompt, GatesWhatIsBehindItAndNothingBefore) {
  const std::vector<int> refusals = {304, 214, 215, 408, 406, 412, 416, 500};
  for (const int refusal : refusals) {
    World world;
    world.work.push_back(Work(
        "op", {Replace("./A", "1"), Ask(Prompt::Kind::kConfirm, "Now?"), Replace("./B", "2")}));
    Open(world);
    EXPECT_THAT(world.Alerts(), IsEmpty()) << "first what is before it";
    world.Answer({200});
    EXPECT_THAT(world.Alerts(), ElementsAre("1101"));
    EXPECT_THAT(world.Commands(), SizeIs(1)) << "alone";
    world.Answer({refusal});
    EXPECT_THAT(world.Commands(), IsEmpty()) << refusal;
    ASSERT_THAT(world.Reports(), SizeIs(1));
    EXPECT_EQ(world.Reports()[0].results[0].status, 200U);
    EXPECT_EQ(world.Reports()[0].results[1].status, static_cast<uint32_t>(refusal));
    EXPECT_EQ(world.Reports()[0].results[2].status, 215U);
  }
}

TEST(ExchangePrompt, LetsThroughWhenTheUserAgrees) {
  World world;
  world.work.push_back(Work("op", {Ask(Prompt::Kind::kConfirm, "Now?"), Replace("./B", "2")}));
  Open(world);
  world.Answer({200});
  EXPECT_THAT(world.All(CommandKind::kReplace), SizeIs(1));
}

TEST(ExchangePrompt, RefusedInsideAnAtomicUndoesIt) {
  World world;
  world.work.push_back(
      Work("op", {InAtomic(Replace("./A", "1")), InAtomic(Ask(Prompt::Kind::kConfirm, "Now?")),
                  InAtomic(Replace("./B", "2")), Replace("./C", "3")}));
  Open(world);
  ASSERT_THAT(world.Commands(), SizeIs(4));
  world.Answer({507, 216, 304, 215});
  ASSERT_THAT(world.Reports(), SizeIs(1));
  std::vector<uint32_t> statuses;
  const OperationReport report = world.Reports()[0];
  for (const CommandResult& result : report.results) statuses.push_back(result.status);
  EXPECT_THAT(statuses, ElementsAre(216, 304, 215, 215));
}

TEST(ExchangePrompt, CancelledEndsTheSessionOfATerminalThatIsLikeThat) {
  World world;
  world.account.traits.cancel_ends_session = true;
  world.work.push_back(Work("op", {Ask(Prompt::Kind::kConfirm, "Now?")}));
  world.work.push_back(Work("later", {Get("./A")}));
  Open(world);
  world.work.push_back(Work("more", {Get("./B")}));
  world.Answer({214});
  EXPECT_THAT(world.Commands(), IsEmpty());
  EXPECT_TRUE(world.session->ended);
  ASSERT_THAT(world.Reports(), SizeIs(2));
  EXPECT_EQ(world.Reports()[0].disposition, Disposition::kDone);
  EXPECT_EQ(world.Reports()[1].operation, OperationId("later"));
  EXPECT_EQ(world.Reports()[1].disposition, Disposition::kReturned);
  EXPECT_THAT(world.work, SizeIs(1)) << "nothing more is taken";
}

TEST(ExchangePrompt, CancelledOnlyEndsItsOperationElsewhere) {
  World world;
  world.work.push_back(Work("op", {Ask(Prompt::Kind::kConfirm, "Now?"), Replace("./X", "1")}));
  world.work.push_back(Work("later", {Get("./A")}));
  Open(world);
  world.Answer({214});
  EXPECT_THAT(world.All(CommandKind::kGet), SizeIs(1));
}

TEST(ExchangePrompt, IsRefusedWhereItCannotBeShown) {
  World world;
  world.account.traits.prompt_text_limit = 6;
  world.work.push_back(Work("fits", {Ask(Prompt::Kind::kDisplay, "\xC3\xA4\xC3\xB6\xC3\xBC!!!")}));
  world.work.push_back(Work("long", {Ask(Prompt::Kind::kDisplay, "too long")}));
  Open(world);
  ASSERT_THAT(world.Reports(), SizeIs(1)) << "characters, not octets";
  EXPECT_EQ(world.Reports()[0].operation, OperationId("long"));
  EXPECT_THAT(world.Reports()[0].cause, HasSubstr("8 characters"));

  World none;
  none.account.traits.prompts = Support::kNo;
  none.work.push_back(Work("op", {Ask(Prompt::Kind::kDisplay, "x")}));
  Open(none);
  EXPECT_EQ(none.Reports()[0].disposition, Disposition::kRefused);
}

TEST(ExchangePrompt, IsGivenTheTimeThatItMayTake) {
  World world;
  CommandSpec first = InAtomic(Ask(Prompt::Kind::kConfirm, "Now?"));
  first.prompt->max_display_s = 120;
  CommandSpec second = InAtomic(Ask(Prompt::Kind::kConfirm, "Sure?"));
  second.prompt->max_display_s = 30;
  world.work.push_back(Work("op", {first, second, InAtomic(Replace("./A", "1"))}));
  Open(world);
  EXPECT_EQ(world.session->patience, std::chrono::seconds(120 + 60 + 30 + 60));
  world.Answer({200, 200, 200, 200});
  EXPECT_EQ(world.session->patience, std::chrono::seconds(0));
}

}  // namespace
}  // namespace drover::session
