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

TEST(ParseOperationFile, ReadsPromptsAtomicsAndWhatWaits) {
  const auto file = ParseOperationFile(R"(
devices: [gw-1]
commands:
  - prompt: Install the update?
    default: "1"
    min_display: 5s
    max_display: 1m
  - atomic:
      - replace: ./Con/APN
        value: internet
      - prompt: Which?
        kind: choose
        choices: [one, two]
      - replace: ./DMAcc/AAuthSecret
        secret: next-password
  - atomic: [delete: ./Con/Old]
  - get: ./DevDetail/FwV
    expect: "2.0"
---
devices: [gw-1]
depends_on: ["#0"]
not_before: 2027-01-15T08:00:00Z
retry: {attempts: 3, initial_backoff: 10s, max_backoff: 5m, on: [busy, user-not-now]}
unchecked: true
commands: [get: ./DevInfo]
)",
                                       "ops.yaml");
  ASSERT_TRUE(file) << file.error();
  const auto& commands = file->templates[0].operation.commands();
  ASSERT_EQ(commands.size(), 6);
  EXPECT_EQ(commands[0].verb(), v1::PROMPT);
  EXPECT_EQ(commands[0].prompt().kind(), v1::Prompt::CONFIRM);
  EXPECT_EQ(commands[0].prompt().max_display_s(), 60u);
  EXPECT_EQ(commands[0].atomic(), 0u);
  EXPECT_EQ(commands[1].atomic(), 1u);
  EXPECT_EQ(commands[2].prompt().kind(), v1::Prompt::SINGLE_CHOICE);
  EXPECT_EQ(commands[2].prompt().choices_size(), 2);
  EXPECT_EQ(commands[3].secret(), v1::NEXT_PASSWORD);
  EXPECT_FALSE(commands[3].has_data());
  EXPECT_EQ(commands[4].atomic(), 2u);
  EXPECT_EQ(commands[5].expected(), "2.0");
  const v1::NewOperation& second = file->templates[1].operation;
  EXPECT_EQ(second.depends_on(0), "#0");
  EXPECT_EQ(second.not_before().seconds(), 1'800'000'000);
  EXPECT_EQ(second.retry().max_attempts(), 3u);
  EXPECT_EQ(second.retry().on(1), v1::RetryPolicy::USER_NOT_NOW);
  EXPECT_TRUE(second.unchecked());
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
      {"devices: [a]\ncommands:\n  - get: ./A\n    kind: confirm\n", "ops.yaml:3"},
      {"devices: [a]\ncommands:\n  - prompt: x\n    kind: maybe\n", "ops.yaml:4"},
      {"devices: [a]\ncommands:\n  - atomic:\n    - get: ./A\n", "ops.yaml:4"},
      {"devices: [a]\ncommands:\n  - replace: ./A\n    secret: mine\n", "ops.yaml:4"},
      {"devices: [a]\ncommands:\n  - delete: ./A\n    expect: x\n", "ops.yaml:3"},
      {"devices: [a]\nnot_before: soon\ncommands: [get: ./A]\n", "ops.yaml:2"},
      {"devices: [a]\nretry: {on: [busy]}\ncommands: [get: ./A]\n", "ops.yaml:2"},
      {"devices: [a]\nretry: {attempts: 2, on: [x]}\ncommands: [get: ./A]\n", "ops.yaml:2"},
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
