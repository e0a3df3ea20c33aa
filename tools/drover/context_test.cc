#include "tools/drover/context.h"

#include <filesystem>
#include <fstream>
#include <map>

#include <gtest/gtest.h>

namespace drover::cli {
namespace {

Environment Of(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

TEST(Context, TakesFlagsThenEnvironmentThenTheFile) {
  const std::string path = testing::TempDir() + "drover_context.yaml";
  std::ofstream(path) << "operations: file:1\ntree: file:2\nsession: file:3\ntoken-file: token\n";
  const auto context = ResolveContext(
      {.operations = "flag:1"}, "",
      Of({{"DROVER_CONTEXT", path}, {"DROVER_OPERATIONS", "env:1"}, {"DROVER_TREE", "env:2"}}));
  ASSERT_TRUE(context) << context.error();
  EXPECT_EQ(context->operations, "flag:1");
  EXPECT_EQ(context->tree, "env:2");
  EXPECT_EQ(context->session, "file:3");
  EXPECT_EQ(std::filesystem::path(context->token_file),
            std::filesystem::path(path).parent_path() / "token");
}

TEST(Context, NeedsNoFileUnlessOneIsNamed) {
  EXPECT_TRUE(ResolveContext({}, "", Of({{"HOME", "/nonexistent"}})));
  EXPECT_TRUE(ResolveContext({}, "", Of({})));
  EXPECT_FALSE(ResolveContext({}, "/nonexistent.yaml", Of({})));
}

TEST(Context, RefusesUnknownKeys) {
  const auto context = ParseContext("operations: a:1\ntoken: x\n", "c.yaml");
  ASSERT_FALSE(context);
  EXPECT_EQ(context.error().message.rfind("c.yaml:2: unknown key \"token\"", 0), 0u)
      << context.error().message;
}

}  // namespace
}  // namespace drover::cli
