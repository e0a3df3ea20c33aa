#include "tools/drover/operation_file_command.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <utility>

#include "libs/base/bytes.h"
#include "libs/dmtree/loc_uri.h"
#include "tools/drover/duration.h"
#include "tools/drover/files.h"

namespace drover::cli {
namespace {

namespace v1 = operations::v1;

struct VerbKey {
  std::string_view key;
  v1::Verb verb;
};
constexpr VerbKey kVerbs[] = {{"get", v1::GET},       {"replace", v1::REPLACE}, {"add", v1::ADD},
                              {"delete", v1::DELETE}, {"copy", v1::COPY},       {"exec", v1::EXEC}};

Result<std::string> Uri(const YamlValue& value) {
  DROVER_TRY(std::string uri, value.Text());
  const Result<dmtree::LocUri> parsed = dmtree::LocUri::Parse(uri);
  if (!parsed) return value.Bad(parsed.error().message);
  return uri;
}

Result<void> SetData(const YamlValue& value, std::string data, v1::Command& command) {
  if (command.has_data()) return value.Bad("a second value for one command");
  command.set_data(std::move(data));
  command.set_has_data(true);
  return {};
}

Result<std::string> FileBeside(const YamlValue& value, const std::string& name) {
  DROVER_TRY(const std::string text, value.Text());
  std::filesystem::path path = text;
  if (path.is_relative()) path = std::filesystem::path(name).parent_path() / path;
  if (text == "-") return value.Bad("value_file must name a file");
  Result<std::string> content = ReadFile(path.string(), std::cin);
  if (!content) return value.Bad(content.error().message);
  return content;
}

Result<bool> Flag(const YamlValue& value) {
  DROVER_TRY(const std::string text, value.Text());
  if (text != "true" && text != "false") return value.Bad("expected true or false");
  return text == "true";
}

Result<void> SetVerb(const YamlValue& value, const VerbKey& verb, v1::Command& command) {
  if (command.verb() != v1::VERB_UNSPECIFIED) return value.Bad("a second verb in one command");
  command.set_verb(verb.verb);
  DROVER_TRY(std::string uri, Uri(value));
  (verb.verb == v1::COPY ? *command.mutable_source() : *command.mutable_target()) = std::move(uri);
  return {};
}

// A prompt's own keys; false if it is none of them.
struct PromptKey {
  std::string_view key;
  Result<void> (*set)(const YamlValue& value, v1::Prompt& prompt);
};

template <typename Enum, size_t n>
Result<void> SetNamed(const YamlValue& value, const std::pair<std::string_view, Enum> (&known)[n],
                      Enum& out) {
  DROVER_TRY(const std::string text, value.Text());
  std::string names;
  for (const auto& [name, one] : known) {
    if (name == text) {
      out = one;
      return {};
    }
    names.append(names.empty() ? "" : ", ").append(name);
  }
  return value.Bad("\"" + text + "\": expected one of " + names);
}

Result<void> SetKind(const YamlValue& value, v1::Prompt& prompt) {
  constexpr std::pair<std::string_view, v1::Prompt::Kind> kKinds[] = {
      {"display", v1::Prompt::DISPLAY},
      {"confirm", v1::Prompt::CONFIRM},
      {"input", v1::Prompt::TEXT_INPUT},
      {"choose", v1::Prompt::SINGLE_CHOICE},
      {"choose_many", v1::Prompt::MULTIPLE_CHOICE}};
  v1::Prompt::Kind kind = v1::Prompt::CONFIRM;
  DROVER_TRY(SetNamed(value, kKinds, kind));
  prompt.set_kind(kind);
  return {};
}

Result<void> SetInput(const YamlValue& value, v1::Prompt& prompt) {
  constexpr std::pair<std::string_view, v1::Prompt::Input> kInputs[] = {
      {"text", v1::Prompt::ALPHANUMERIC},  {"number", v1::Prompt::NUMERIC},
      {"date", v1::Prompt::DATE},          {"time", v1::Prompt::TIME},
      {"phone", v1::Prompt::PHONE_NUMBER}, {"ip", v1::Prompt::IP_ADDRESS}};
  v1::Prompt::Input input = v1::Prompt::ALPHANUMERIC;
  DROVER_TRY(SetNamed(value, kInputs, input));
  prompt.set_input(input);
  return {};
}

Result<uint32_t> Seconds(const YamlValue& value) {
  DROVER_TRY(const std::string text, value.Text());
  const auto span = ParseDuration(text);
  if (!span) return value.Bad(span.error().message);
  return static_cast<uint32_t>((span->count() + 999) / 1000);
}

constexpr PromptKey kPromptKeys[] = {
    {"kind", SetKind},
    {"input", SetInput},
    {"choices",
     [](const YamlValue& value, v1::Prompt& prompt) -> Result<void> {
       DROVER_TRY(const std::vector<std::string> choices, value.Texts());
       prompt.mutable_choices()->Assign(choices.begin(), choices.end());
       return {};
     }},
    {"default",
     [](const YamlValue& value, v1::Prompt& prompt) -> Result<void> {
       DROVER_TRY(*prompt.mutable_default_response(), value.Text());
       return {};
     }},
    {"min_display",
     [](const YamlValue& value, v1::Prompt& prompt) -> Result<void> {
       DROVER_TRY(const uint32_t seconds, Seconds(value));
       prompt.set_min_display_s(seconds);
       return {};
     }},
    {"max_display",
     [](const YamlValue& value, v1::Prompt& prompt) -> Result<void> {
       DROVER_TRY(const uint32_t seconds, Seconds(value));
       prompt.set_max_display_s(seconds);
       return {};
     }},
    {"max_length",
     [](const YamlValue& value, v1::Prompt& prompt) -> Result<void> {
       DROVER_TRY(const int64_t length, value.Integer());
       if (length < 1 || length > 10'000) return value.Bad("max_length is 1..10000");
       prompt.set_max_length(static_cast<uint32_t>(length));
       return {};
     }},
    {"hide_input",
     [](const YamlValue& value, v1::Prompt& prompt) -> Result<void> {
       DROVER_TRY(const bool hide, Flag(value));
       prompt.set_hide_input(hide);
       return {};
     }},
};

Result<void> SetPrompt(const YamlValue& value, v1::Command& command) {
  if (command.verb() != v1::VERB_UNSPECIFIED) return value.Bad("a second verb in one command");
  command.set_verb(v1::PROMPT);
  DROVER_TRY(*command.mutable_prompt()->mutable_text(), value.Text());
  if (command.prompt().kind() == v1::Prompt::KIND_UNSPECIFIED) {
    command.mutable_prompt()->set_kind(v1::Prompt::CONFIRM);
  }
  return {};
}

Result<void> SetSecret(const YamlValue& value, v1::Command& command) {
  constexpr std::pair<std::string_view, v1::Secret> kSecrets[] = {
      {"next-password", v1::NEXT_PASSWORD}, {"next-server-password", v1::NEXT_SERVER_PASSWORD}};
  v1::Secret secret = v1::SECRET_UNSPECIFIED;
  DROVER_TRY(SetNamed(value, kSecrets, secret));
  command.set_secret(secret);
  return {};
}

Result<void> SetExpected(const YamlValue& value, v1::Command& command) {
  DROVER_TRY(*command.mutable_expected(), value.Text());
  command.set_has_expected(true);
  return {};
}

// value, value_base64, value_file.
Result<void> SetValue(const std::string& key, const YamlValue& value, const std::string& name,
                      v1::Command& command) {
  if (key == "value_file") {
    DROVER_TRY(std::string content, FileBeside(value, name));
    return SetData(value, std::move(content), command);
  }
  DROVER_TRY(std::string text, value.Text());
  if (key == "value") return SetData(value, std::move(text), command);
  Result<std::string> octets = base::FromBase64(text);
  if (!octets) return value.Bad("value_base64 is not base64");
  return SetData(value, *std::move(octets), command);
}

Result<void> SetCommandKey(const std::string& key, const YamlValue& value, const std::string& name,
                           v1::Command& command) {
  for (const VerbKey& verb : kVerbs) {
    if (key == verb.key) return SetVerb(value, verb, command);
  }
  for (const PromptKey& prompt : kPromptKeys) {
    if (key == prompt.key) return prompt.set(value, *command.mutable_prompt());
  }
  if (key == "prompt") return SetPrompt(value, command);
  if (key == "expect") return SetExpected(value, command);
  if (key == "secret") return SetSecret(value, command);
  if (key.starts_with("value")) {
    const bool known = key == "value" || key == "value_base64" || key == "value_file";
    if (known) return SetValue(key, value, name, command);
  }
  if (key == "to") {
    DROVER_TRY(*command.mutable_target(), Uri(value));
  } else if (key == "format") {
    DROVER_TRY(*command.mutable_format(), value.Text());
  } else if (key == "type") {
    DROVER_TRY(*command.mutable_type(), value.Text());
  } else {
    return value.Bad("unknown key \"" + key + "\" in a command");
  }
  return {};
}

Result<void> CheckCommand(const YamlValue& place, const v1::Command& command) {
  const v1::Verb verb = command.verb();
  if (verb == v1::VERB_UNSPECIFIED) {
    return place.Bad("a command without verb: get, replace, add, delete, copy, exec or prompt");
  }
  if (verb != v1::PROMPT && command.has_prompt()) {
    return place.Bad("kind, choices and the like belong to a prompt");
  }
  if (verb == v1::COPY && command.target().empty()) return place.Bad("copy needs \"to: <URI>\"");
  const bool secret = command.secret() != v1::SECRET_UNSPECIFIED;
  if (secret && command.has_data()) return place.Bad("a secret or a value, not both");
  if (verb == v1::REPLACE && !command.has_data() && !secret) {
    return place.Bad("replace needs value, value_base64, value_file or secret");
  }
  if (secret && verb != v1::REPLACE && verb != v1::ADD) return place.Bad("it takes no secret");
  const bool valued = verb == v1::REPLACE || verb == v1::ADD || verb == v1::EXEC;
  if (command.has_data() && !valued) return place.Bad("this command takes no value");
  if (command.has_expected() && verb != v1::GET) return place.Bad("only get takes expect");
  return {};
}

Result<void> AddCommand(const YamlValue& item, const std::string& name,
                        v1::NewOperation& operation) {
  if (item.kind != YamlValue::Kind::kMap) return item.Bad("expected a command (\"get: <URI>\")");
  v1::Command& command = *operation.add_commands();
  for (const auto& [key, value] : item.entries) {
    DROVER_TRY(SetCommandKey(key, value, name, command));
  }
  return CheckCommand(item, command);
}

Result<void> AddAtomic(const YamlValue& list, const std::string& name,
                       v1::NewOperation& operation) {
  if (list.kind != YamlValue::Kind::kList || list.items.empty()) {
    return list.Bad("atomic: expected a list of commands");
  }
  uint32_t group = 1;
  for (const v1::Command& command : operation.commands()) {
    group = std::max(group, command.atomic() + 1);
  }
  for (const YamlValue& item : list.items) {
    DROVER_TRY(AddCommand(item, name, operation));
    v1::Command& command = *operation.mutable_commands(operation.commands_size() - 1);
    if (command.verb() == v1::GET || command.verb() == v1::EXEC) {
      return item.Bad("an atomic holds no get and no exec");
    }
    command.set_atomic(group);
  }
  return {};
}

}  // namespace

Result<void> AddCommands(const YamlValue& list, const std::string& name,
                         v1::NewOperation& operation) {
  if (list.kind != YamlValue::Kind::kList) return list.Bad("commands: expected a list");
  for (const YamlValue& item : list.items) {
    const bool atomic = item.kind == YamlValue::Kind::kMap && item.entries.size() == 1 &&
                        item.entries.front().first == "atomic";
    if (atomic) {
      DROVER_TRY(AddAtomic(item.entries.front().second, name, operation));
    } else {
      DROVER_TRY(AddCommand(item, name, operation));
    }
  }
  return {};
}

Result<v1::RetryPolicy::Cause> RetryCauseOf(std::string_view name) {
  constexpr std::pair<std::string_view, v1::RetryPolicy::Cause> kCauses[] = {
      {"not-answered", v1::RetryPolicy::NOT_ANSWERED},
      {"busy", v1::RetryPolicy::BUSY},
      {"user-not-now", v1::RetryPolicy::USER_NOT_NOW},
      {"alert-failed", v1::RetryPolicy::ALERT_FAILED},
      {"any", v1::RetryPolicy::ANY}};
  for (const auto& [known, cause] : kCauses) {
    if (known == name) return cause;
  }
  return InvalidArgument("\"" + std::string(name) +
                         "\": expected not-answered, busy, user-not-now, alert-failed or any");
}

}  // namespace drover::cli
