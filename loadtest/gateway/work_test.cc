#include "loadtest/gateway/work.h"

#include <gtest/gtest.h>

namespace drover::gwsim {
namespace {

using gateway::FileType;
using gateway::Response;

std::string Order(const Response& response) {
  std::string order;
  for (const WorkStep& step : StepsOf(response)) {
    order += step.kind == StepKind::kFile ? step.file->name : std::string(Name(step.kind));
    order += ' ';
  }
  return order;
}

TEST(GatewayWork, ParametersComeFirstThenFilesInTheirOrderAndTheRebootLast) {
  EXPECT_EQ(Order({.reboot = true,
                   .params = {{"a", "b"}},
                   .files = {{.type = FileType::kConfig, .name = "c"},
                             {.type = FileType::kCert, .name = "d"}}}),
            "config c d reboot ");
}

TEST(GatewayWork, AVersionFileBringsItsReboot) {
  EXPECT_EQ(Order({.files = {{.name = "v"}}}), "v reboot ");
  EXPECT_EQ(
      Order({.reboot = true, .files = {{.name = "v"}, {.type = FileType::kLog, .name = "l"}}}),
      "v l reboot ");
}

TEST(GatewayWork, NothingIsDoneUnlessTheStatusIsSuccess) {
  EXPECT_EQ(Order({.status = gateway::Status::kBusy, .reboot = true}), "");
  EXPECT_EQ(Order({.reboot = false}), "");
  EXPECT_EQ(Order({}), "");
}

TEST(GatewayWork, TheSameWorkIsKnownWhateverItsHeader) {
  const Response one{.header = {.msgid = "1"}, .interval_seconds = 5, .reboot = true};
  const Response two{.header = {.msgid = "2"}, .reboot = true};
  EXPECT_EQ(ContentHash(one), ContentHash(two));
  EXPECT_NE(ContentHash(one), ContentHash({.params = {{"a", "b"}}}));
}

TEST(GatewayWorkLedger, KeepsTheNewestAndTellsThem) {
  WorkLedger ledger(2);
  uint64_t told = 0;
  ledger.OnExecution([&](const Execution& execution) { told = execution.number; });
  for (uint32_t i = 0; i < 3; ++i) ledger.Add({.gateway = i, .good = i != 1});
  EXPECT_EQ(told, 3u);
  EXPECT_EQ(ledger.counts.reboots, 2u);
  EXPECT_EQ(ledger.counts.failed, 1u);
  ASSERT_EQ(ledger.After(0, 10).size(), 2u);
  EXPECT_EQ(ledger.After(0, 10)[0]->number, 2u);
  EXPECT_EQ(ledger.After(2, 10).size(), 1u);
  EXPECT_EQ(ledger.After(3, 10).size(), 0u);
  EXPECT_EQ(ledger.Of(2).size(), 1u);
  EXPECT_EQ(ledger.Of(0).size(), 0u);
}

}  // namespace
}  // namespace drover::gwsim
