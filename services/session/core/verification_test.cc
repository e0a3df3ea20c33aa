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

}  // namespace
}  // namespace drover::session
