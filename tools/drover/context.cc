#include "tools/drover/context.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "tools/drover/files.h"
#include "tools/drover/yaml.h"

namespace drover::cli {
namespace {

struct Key {
  const char* name;
  const char* variable;
  std::string Context::*member;
};
constexpr std::array kKeys = {
    Key{"operations", "DROVER_OPERATIONS", &Context::operations},
    Key{"tree", "DROVER_TREE", &Context::tree},
    Key{"session", "DROVER_SESSION", &Context::session},
    Key{"push", "DROVER_PUSH", &Context::push},
    Key{"sip", "DROVER_SIP", &Context::sip},
    Key{"token-file", "DROVER_TOKEN_FILE", &Context::token_file},
};

// The context file's path; empty if there is none to read.
std::string PathOf(const std::string& flag, const Environment& environment) {
  if (!flag.empty()) return flag;
  if (const auto variable = environment("DROVER_CONTEXT")) return *variable;
  const auto home = environment("HOME");
  if (!home) return {};
  const std::string path = *home + "/.config/drover/context.yaml";
  std::error_code ignored;
  return std::filesystem::exists(path, ignored) ? path : std::string();
}

}  // namespace

std::optional<std::string> ProcessEnvironment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

Result<Context> ParseContext(std::string_view text, const std::string& path) {
  DROVER_TRY(const std::vector<YamlMap> maps, ParseYamlMaps(text, path));
  if (maps.size() != 1) return InvalidArgument(path + ": expected one mapping");
  Context context;
  for (const auto& [name, value] : maps[0].entries) {
    const auto key = std::ranges::find_if(kKeys, [&](const Key& k) { return name == k.name; });
    if (key == kKeys.end()) {
      return value.Bad("unknown key \"" + name +
                       "\"; there are operations, tree, session, push, sip and token-file");
    }
    DROVER_TRY(context.*(key->member), value.Text());
  }
  const std::filesystem::path token = context.token_file;
  if (!token.empty() && token.is_relative()) {
    context.token_file = std::filesystem::path(path).parent_path() / token;
  }
  return context;
}

Result<Context> ResolveContext(const Context& flags, const std::string& context_path,
                               const Environment& environment) {
  Context context;
  const std::string path = PathOf(context_path, environment);
  if (!path.empty()) {
    DROVER_TRY(const std::string text, ReadFile(path, std::cin));
    DROVER_TRY(context, ParseContext(text, path));
  }
  for (const Key& key : kKeys) {
    if (const auto variable = environment(key.variable)) context.*key.member = *variable;
    if (!(flags.*key.member).empty()) context.*key.member = flags.*key.member;
  }
  return context;
}

}  // namespace drover::cli
