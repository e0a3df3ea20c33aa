#include "services/operations/core/validate_command.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "libs/base/bytes.h"
#include "libs/dmtree/loc_uri.h"

namespace drover::operations {
namespace {

constexpr std::array<std::string_view, 11> kFormats = {
    "b64", "bin", "bool", "chr", "int", "node", "null", "xml", "date", "time", "float"};
constexpr size_t kMaxType = 128;
constexpr size_t kMaxText = 1000;  // Of a prompt, in characters.
constexpr size_t kMaxChoices = 32;
constexpr size_t kMaxChoice = 100;  // In characters.
constexpr uint32_t kMaxDisplay = 24 * 3600;
constexpr uint32_t kMaxInput = 10'000;

// GET may ask for a property or a list, REPLACE for a property; others name the node itself.
bool MayQuery(v1::Verb verb, dmtree::Query query) {
  if (query == dmtree::Query::kNone || verb == v1::GET) return true;
  return verb == v1::REPLACE && query == dmtree::Query::kProp;
}

Result<void> CheckUri(const std::string& path, const std::string& uri, v1::Verb verb,
                      const Limits& limits) {
  if (uri.empty()) return Field(path, "is missing");
  if (uri.size() > limits.target_octets) {
    return Field(path, "is longer than " + std::to_string(limits.target_octets) + " octets");
  }
  const Result<dmtree::LocUri> parsed = dmtree::LocUri::Parse(uri);
  if (!parsed) return Field(path, parsed.error().message);
  if (!MayQuery(verb, parsed->query())) {
    return Field(path, "this query (?prop, ?list) is not possible with this command");
  }
  if (parsed->is_root() && verb != v1::GET) return Field(path, "the root can only be read");
  return {};
}

bool IsInt(std::string_view text) {
  int32_t value = 0;
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

Result<void> CheckValue(const std::string& path, const v1::Command& command) {
  const std::string_view format = command.format();
  const std::string& data = command.data();
  if (format == "int" && !IsInt(data)) {
    return Field(path + "data", "is not a 32-bit decimal number, as format int asks");
  }
  if (format == "bool" && data != "true" && data != "false") {
    return Field(path + "data", "is not true or false, as format bool asks");
  }
  const bool text = format.empty() || format == "chr" || format == "xml";
  if (text && !base::IsUtf8(data)) {
    return Field(path + "data", "is not UTF-8; send binary data with format bin or b64");
  }
  return {};
}

// A secret is filled in where the command is sent: there is no value here.
Result<void> CheckSecret(const std::string& path, const v1::Command& command) {
  if (command.secret() < v1::NEXT_PASSWORD || command.secret() > v1::NEXT_SERVER_PASSWORD) {
    return Field(path + "secret", "is none of those known");
  }
  if (command.verb() != v1::REPLACE && command.verb() != v1::ADD) {
    return Field(path + "secret", "only REPLACE and ADD have one");
  }
  if (command.has_data() || !command.data().empty()) {
    return Field(path + "data", "a command with a secret has no data");
  }
  if (!command.format().empty() && command.format() != "chr") {
    return Field(path + "format", "a secret is chr");
  }
  return {};
}

// ADD and REPLACE: a value, unless the node has none.
Result<void> CheckData(const std::string& path, const v1::Command& command) {
  if (command.secret() != v1::SECRET_UNSPECIFIED) return CheckSecret(path, command);
  const std::string_view format = command.format();
  const bool none = format == "node" || format == "null";
  if (format == "node" && command.verb() == v1::REPLACE) {
    return Field(path + "format", "an interior node has no value to replace");
  }
  if (none && (command.has_data() || !command.data().empty())) {
    return Field(path + "data", "format " + std::string(format) + " has no data");
  }
  if (!none && !command.has_data()) {
    return Field(path + "has_data", "data is missing; set has_data for an empty value");
  }
  if (none) return {};
  return CheckValue(path, command);
}

Result<void> CheckMeta(const std::string& path, const v1::Command& command) {
  const bool known = command.format().empty() || std::find(kFormats.begin(), kFormats.end(),
                                                           command.format()) != kFormats.end();
  if (!known) return Field(path + "format", "is none of b64 bin bool chr int node null xml ..");
  if (command.type().size() > kMaxType || !base::IsUtf8(command.type())) {
    return Field(path + "type", "is longer than 128 octets or not UTF-8");
  }
  if (!command.has_data() && !command.data().empty()) {
    return Field(path + "has_data", "is not set, but there is data");
  }
  return {};
}

Result<void> CheckBare(const std::string& path, const v1::Command& command) {
  if (command.has_data()) return Field(path + "data", "this command has none");
  if (!command.format().empty()) return Field(path + "format", "this command has none");
  if (!command.type().empty()) return Field(path + "type", "this command has none");
  return {};
}

// The numbers of a default response, from 1: "2", or "2-3".
Result<void> CheckChosen(const std::string& path, const v1::Prompt& prompt) {
  std::set<size_t> chosen;
  std::string_view left = prompt.default_response();
  while (true) {
    const std::string_view one = left.substr(0, left.find('-'));
    size_t number = 0;
    const auto [end, error] = std::from_chars(one.data(), one.data() + one.size(), number);
    const bool whole = error == std::errc() && end == one.data() + one.size();
    if (!whole || number < 1 || number > static_cast<size_t>(prompt.choices_size()) ||
        !chosen.insert(number).second) {
      return Field(path + "default_response", "is not numbers of choices, from 1, joined by \"-\"");
    }
    if (one.size() == left.size()) break;
    left.remove_prefix(one.size() + 1);
  }
  if (prompt.kind() == v1::Prompt::SINGLE_CHOICE && chosen.size() > 1) {
    return Field(path + "default_response", "is more than one choice");
  }
  return {};
}

Result<void> CheckDefault(const std::string& path, const v1::Prompt& prompt) {
  const std::string& response = prompt.default_response();
  if (response.empty()) return {};
  switch (prompt.kind()) {
    case v1::Prompt::CONFIRM:
      if (response == "0" || response == "1") return {};
      return Field(path + "default_response", "is not 0 or 1");
    case v1::Prompt::TEXT_INPUT: {
      const size_t most = prompt.max_length() == 0 ? kMaxInput : prompt.max_length();
      if (base::IsUtf8(response) && Characters(response) <= most) return {};
      return Field(path + "default_response", "is not UTF-8 or longer than max_length");
    }
    case v1::Prompt::SINGLE_CHOICE:
    case v1::Prompt::MULTIPLE_CHOICE:
      return CheckChosen(path, prompt);
    default:
      return Field(path + "default_response", "a DISPLAY has none");
  }
}

Result<void> CheckChoices(const std::string& path, const v1::Prompt& prompt) {
  const bool offers =
      prompt.kind() == v1::Prompt::SINGLE_CHOICE || prompt.kind() == v1::Prompt::MULTIPLE_CHOICE;
  if (!offers && !prompt.choices().empty()) {
    return Field(path + "choices", "only SINGLE_CHOICE and MULTIPLE_CHOICE have them");
  }
  if (offers &&
      (prompt.choices_size() < 1 || static_cast<size_t>(prompt.choices_size()) > kMaxChoices)) {
    return Field(path + "choices", "are not 1.." + std::to_string(kMaxChoices));
  }
  for (int i = 0; i < prompt.choices_size(); ++i) {
    const std::string& choice = prompt.choices(i);
    if (choice.empty() || !base::IsUtf8(choice) || Characters(choice) > kMaxChoice) {
      return Field(path + "choices[" + std::to_string(i) + "]",
                   "is not 1.." + std::to_string(kMaxChoice) + " characters of UTF-8");
    }
  }
  return {};
}

Result<void> CheckInput(const std::string& path, const v1::Prompt& prompt) {
  if (prompt.input() < v1::Prompt::INPUT_UNSPECIFIED || prompt.input() > v1::Prompt::IP_ADDRESS) {
    return Field(path + "input", "is none of those known");
  }
  if (prompt.max_length() > kMaxInput) {
    return Field(path + "max_length", "is more than " + std::to_string(kMaxInput));
  }
  const bool asks = prompt.max_length() != 0 || prompt.input() != 0 || prompt.hide_input();
  if (asks && prompt.kind() != v1::Prompt::TEXT_INPUT) {
    return Field(path + "kind", "max_length, input and hide_input are for TEXT_INPUT");
  }
  return {};
}

Result<void> CheckPrompt(const std::string& path, const v1::Command& command) {
  if (!command.has_prompt()) return Field(path + "prompt", "is missing");
  const v1::Prompt& prompt = command.prompt();
  const std::string at = path + "prompt.";
  if (!command.target().empty()) return Field(path + "target", "a PROMPT has none");
  if (prompt.kind() < v1::Prompt::DISPLAY || prompt.kind() > v1::Prompt::MULTIPLE_CHOICE) {
    return Field(at + "kind", "is none of those known");
  }
  if (prompt.text().empty() || !base::IsUtf8(prompt.text()) ||
      Characters(prompt.text()) > kMaxText) {
    return Field(at + "text", "is not 1.." + std::to_string(kMaxText) + " characters of UTF-8");
  }
  if (prompt.min_display_s() > kMaxDisplay || prompt.max_display_s() > kMaxDisplay) {
    return Field(at + "max_display_s", "is more than a day");
  }
  if (prompt.max_display_s() != 0 && prompt.min_display_s() > prompt.max_display_s()) {
    return Field(at + "min_display_s", "is more than max_display_s");
  }
  DROVER_TRY(CheckChoices(at, prompt));
  DROVER_TRY(CheckInput(at, prompt));
  return CheckDefault(at, prompt);
}

Result<void> CheckExpected(const std::string& path, const v1::Command& command) {
  if (!command.has_expected() && !command.expected().empty()) {
    return Field(path + "has_expected", "is not set, but there is an expected value");
  }
  if (!command.has_expected()) return {};
  if (command.verb() != v1::GET) return Field(path + "expected", "only GET has one");
  if (command.target().find('?') != std::string::npos) {
    return Field(path + "expected", "a query (?prop, ?list) has none");
  }
  return {};
}

}  // namespace

Error Field(const std::string& path, std::string_view why) {
  return InvalidArgument(path + ": " + std::string(why));
}

size_t Characters(std::string_view text) {
  size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
  return count;
}

Result<void> CheckCommand(const std::string& path, const v1::Command& command,
                          const Limits& limits) {
  const v1::Verb verb = command.verb();
  if (verb < v1::GET || verb > v1::PROMPT) return Field(path + "verb", "is none of those known");
  if (verb != v1::PROMPT && command.has_prompt()) {
    return Field(path + "prompt", "only PROMPT has one");
  }
  if (command.secret() != v1::SECRET_UNSPECIFIED) DROVER_TRY(CheckSecret(path, command));
  DROVER_TRY(CheckExpected(path, command));
  if (verb == v1::PROMPT) {
    DROVER_TRY(CheckPrompt(path, command));
    if (!command.source().empty()) return Field(path + "source", "only COPY has one");
    return CheckBare(path, command);
  }
  DROVER_TRY(CheckUri(path + "target", command.target(), verb, limits));
  if (verb != v1::COPY && !command.source().empty()) {
    return Field(path + "source", "only COPY has one");
  }
  DROVER_TRY(CheckMeta(path, command));
  switch (verb) {
    case v1::ADD:
    case v1::REPLACE:
      return CheckData(path, command);
    case v1::EXEC:
      return command.has_data() ? CheckValue(path, command) : Result<void>();
    case v1::COPY:
      DROVER_TRY(CheckUri(path + "source", command.source(), verb, limits));
      if (command.source() == command.target()) {
        return Field(path + "source", "is the target itself");
      }
      return CheckBare(path, command);
    default:
      return CheckBare(path, command);
  }
}

Result<void> CheckAtomics(const std::string& path, const v1::NewOperation& operation) {
  std::set<uint32_t> over;  // Groups that have ended.
  uint32_t current = 0;
  for (int i = 0; i < operation.commands_size(); ++i) {
    const v1::Command& command = operation.commands(i);
    const std::string at = path + "commands[" + std::to_string(i) + "].";
    if (command.atomic() != current && current != 0) over.insert(current);
    current = command.atomic();
    if (current == 0) continue;
    if (over.count(current) > 0) {
      return Field(at + "atomic", "the commands of an Atomic stand one after the other");
    }
    if (command.verb() == v1::GET || command.verb() == v1::EXEC) {
      return Field(at + "atomic", "an Atomic holds no GET and no EXEC");
    }
  }
  return {};
}

}  // namespace drover::operations
