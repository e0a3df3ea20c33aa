#include "services/session/core/verification.h"

#include <gtest/gtest.h>

namespace drover::session {
namespace {

ReadBack Read(std::string uri, uint32_t status, std::string value) {
  return {std::move(uri), status, Value{"", "chr", "", std::move(value)}};
}

TEST(Judge, BelievesAReplaceThatShowsInTheTree) {
  const CommandSpec replace{.verb = Verb::kReplace, .target = "./a", .data = "1"};
  EXPECT_EQ(Judge(replace, {Read("./a", 200, "1")}), Happened::kYes);
  EXPECT_EQ(Judge(replace, {Read("./a", 200, "0")}), Happened::kNo);
  EXPECT_EQ(Judge(replace, {{"./a", 404, std::nullopt}}), Happened::kNo);
}

TEST(Judge, BelievesADeleteWhenTheNodeIsGone) {
  const CommandSpec command{.verb = Verb::kDelete, .target = "./a"};
  EXPECT_EQ(Judge(command, {{"./a", 404, std::nullopt}}), Happened::kYes);
  EXPECT_EQ(Judge(command, {Read("./a", 200, "1")}), Happened::kNo);
}

TEST(Judge, BelievesACopyWhenBothAreEqual) {
  const CommandSpec copy{.verb = Verb::kCopy, .target = "./b", .source = "./a"};
  EXPECT_EQ(ReadBackUris(copy).size(), 2U);
  EXPECT_EQ(Judge(copy, {Read("./b", 200, "1"), Read("./a", 200, "1")}), Happened::kYes);
  EXPECT_EQ(Judge(copy, {Read("./b", 200, "0"), Read("./a", 200, "1")}), Happened::kNo);
}

TEST(Judge, TellsAFirmwareExecByTheStateNode) {
  const CommandSpec exec{.verb = Verb::kExec, .target = "./FUMO/P1/DownloadAndUpdate"};
  EXPECT_EQ(ReadBackUris(exec), std::vector<std::string>{"./FUMO/P1/State"});
  EXPECT_EQ(Judge(exec, {Read("./FUMO/P1/State", 200, "10")}), Happened::kNo);
  for (const char* state : {"20", "30", "40", "60", "100"}) {
    EXPECT_EQ(Judge(exec, {Read("./FUMO/P1/State", 200, state)}), Happened::kYes) << state;
  }
  EXPECT_EQ(Judge(exec, {Read("./FUMO/P1/State", 200, "?")}), Happened::kUnknown);
  EXPECT_EQ(Judge(exec, {{"./FUMO/P1/State", 404, std::nullopt}}), Happened::kUnknown);
  const CommandSpec other{.verb = Verb::kExec, .target = "./Vendor/Reboot"};
  EXPECT_TRUE(ReadBackUris(other).empty());
  EXPECT_EQ(Judge(other, {}), Happened::kUnknown);
}

TEST(JudgeAll, BelievesAWriteThatALaterOneOfTheOperationWroteOver) {
  const std::vector<CommandSpec> commands = {
      {.verb = Verb::kReplace, .target = "./a", .data = "1"},
      {.verb = Verb::kReplace, .target = "./a", .data = "2"},
  };
  using Both = std::vector<Happened>;
  EXPECT_EQ(JudgeAll(commands, {{Read("./a", 200, "2")}, {Read("./a", 200, "2")}}),
            (Both{Happened::kYes, Happened::kYes}));
  EXPECT_EQ(JudgeAll(commands, {{Read("./a", 200, "0")}, {Read("./a", 200, "0")}}),
            (Both{Happened::kNo, Happened::kNo}));
}

TEST(JudgeAll, DoesNotTakeTheStateOfAnEarlierUpdateForThisOne) {
  const std::vector<CommandSpec> commands = {
      {.verb = Verb::kReplace, .target = "./F/DownloadAndUpdate/PkgURL", .data = "new"},
      {.verb = Verb::kExec, .target = "./F/DownloadAndUpdate"},
  };
  const auto exec = [&](const char* url, const char* state) {
    return JudgeAll(commands,
                    {{Read(commands[0].target, 200, url)}, {Read("./F/State", 200, state)}})[1];
  };
  EXPECT_EQ(exec("old", "100"), Happened::kNo);
  EXPECT_EQ(exec("new", "100"), Happened::kYes);
  EXPECT_EQ(exec("old", "30"), Happened::kYes);  // It runs, with a PkgURL that was refused.
}

}  // namespace
}  // namespace drover::session
