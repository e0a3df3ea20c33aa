#include "tools/drover/operation_file.h"

#include <gtest/gtest.h>

namespace drover::cli {
namespace {

namespace v1 = operations::v1;

TEST(ParseOperationFile, ReadsEveryVerb) {
  const auto file = ParseOperationFile(R"(
idempotency_key: night-run
devices: [imei:49300510059280, "gw-1"]
label: everything
priority: 9
ttl: 2h
commands:
  - get: ./DevInfo
  - replace: ./Con/APN
    value: internet
    format: chr
    type: text/plain
  - add: ./Con/New
    format: node
  - add: ./Con/New/Key
    value_base64: AAEC
    format: bin
  - delete: ./Con/Old
  - copy: ./A
    to: ./B
  - exec: ./FUMO/DownloadAndUpdate
---
selector: {manufacturer: Acme, model: X1}
commands: [get: ./DevDetail]
)",
                                       "ops.yaml");
  ASSERT_TRUE(file) << file.error();
  EXPECT_EQ(file->idempotency_key, "night-run");
  ASSERT_EQ(file->templates.size(), 2u);
  const OperationTemplate& first = file->templates[0];
  EXPECT_EQ(first.devices, (std::vector<std::string>{"IMEI:493005100592800", "gw-1"}));
  EXPECT_EQ(first.operation.priority(), 9);
  EXPECT_EQ(first.operation.ttl().seconds(), 7200);
  const auto& commands = first.operation.commands();
  ASSERT_EQ(commands.size(), 7);
  EXPECT_EQ(commands[1].verb(), v1::REPLACE);
  EXPECT_EQ(commands[1].data(), "internet");
  EXPECT_FALSE(commands[2].has_data());
  EXPECT_EQ(commands[3].data(), std::string("\0\1\2", 3));
  EXPECT_EQ(commands[5].source(), "./A");
  EXPECT_EQ(commands[5].target(), "./B");
  EXPECT_EQ(commands[6].verb(), v1::EXEC);
  EXPECT_EQ(file->templates[1].selector.at("model"), "X1");
}

TEST(ParseOperationFile, NamesTheLineOfWhatIsWrong) {
  const std::pair<const char*, const char*> rows[] = {
      {"devices: [a]\ncommands:\n  - get: /abs\n", "ops.yaml:3"},
      {"devices: [a]\ncommands:\n  - get: ./A\n    value: x\n", "ops.yaml:3"},
      {"devices: [a]\ncommands:\n  - replace: ./A\n", "ops.yaml:3"},
      {"devices: [a]\ncommands:\n  - get: ./A\n    add: ./B\n", "ops.yaml:4"},
      {"devices: [a]\ncommands:\n  - copy: ./A\n", "ops.yaml:3"},
      {"devices: [a]\ncommands:\n  - value: x\n", "ops.yaml:3"},
      {"devices: [a]\ncommands:\n  - get: ./A\n    colour: red\n", "ops.yaml:4"},
      {"devices: [a]\nlabels: x\ncommands: [get: ./A]\n", "ops.yaml:2"},
      {"devices: [a]\npriority: 10\ncommands: [get: ./A]\n", "ops.yaml:2"},
      {"devices: [a]\nttl: soon\ncommands: [get: ./A]\n", "ops.yaml:2"},
      {"devices: [\"a b\"]\ncommands: [get: ./A]\n", "ops.yaml:1"},
      {"commands: [get: ./A]\n", "ops.yaml:1"},
      {"devices: [a]\nselector: {model: X}\ncommands: [get: ./A]\n", "ops.yaml:1"},
      {"devices: [a]\n", "ops.yaml:1"},
      {"", "ops.yaml"},
  };
  for (const auto& [text, place] : rows) {
    const auto file = ParseOperationFile(text, "ops.yaml");
    ASSERT_FALSE(file) << text;
    EXPECT_EQ(file.error().code, Code::kInvalidArgument);
    EXPECT_EQ(file.error().message.rfind(place, 0), 0u) << text << file.error().message;
  }
}

TEST(ParseSelector, ReadsPairs) {
  const auto selector = ParseSelector("manufacturer=Acme,model=X=1").value();
  EXPECT_EQ(selector.at("manufacturer"), "Acme");
  EXPECT_EQ(selector.at("model"), "X=1");
  EXPECT_TRUE(ParseSelector("").value().empty());
  for (const char* bad : {"model", "=x", "a=1,a=2", "a=1,,b=2"})
    EXPECT_FALSE(ParseSelector(bad)) << bad;
}

}  // namespace
}  // namespace drover::cli
