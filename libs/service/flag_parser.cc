#include "libs/service/flag_parser.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

#include <yaml-cpp/yaml.h>

namespace drover::service {
namespace {

constexpr std::string_view kPrefix = "DROVER_";

std::string EnvironmentName(std::string_view flag) {
  std::string name(kPrefix);
  for (const char c : flag) {
    name.push_back(c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  }
  return name;
}

std::optional<int64_t> ParseInt(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Whether one character more, less, other or swapped turns a into b.
bool NearlyEqual(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > 1) return false;
  size_t same = 0;
  while (same < a.size() && a[same] == b[same]) ++same;
  if (a.size() < b.size()) return a.substr(same) == b.substr(same + 1);
  if (same == a.size() || a.substr(same + 1) == b.substr(same + 1)) return true;
  return same + 1 < a.size() && a[same] == b[same + 1] && a[same + 1] == b[same] &&
         a.substr(same + 2) == b.substr(same + 2);
}

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find(separator), text.size());
    if (end != 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::optional<std::string> ReadSecret(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream content;
  content << in.rdbuf();
  if (in.bad()) return std::nullopt;
  std::string text = std::move(content).str();
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  return text;
}

std::string_view KindName(Flag::Kind kind) {
  switch (kind) {
    case Flag::Kind::kString:
      return "text";
    case Flag::Kind::kInt:
      return "number";
    case Flag::Kind::kBool:
      return "true|false";
    case Flag::Kind::kDuration:
      return "duration";
    case Flag::Kind::kChoice:
      return "";
    case Flag::Kind::kFile:
      return "file";
  }
  return "";
}

}  // namespace

Result<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  static constexpr std::pair<std::string_view, int64_t> kUnits[] = {
      {"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
  const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::optional<int64_t> count = ParseInt(text.substr(0, digits));
  for (const auto& [unit, factor] : kUnits) {
    if (count && text.substr(digits) == unit && *count <= INT64_MAX / 1'000'000 / factor) {
      return std::chrono::milliseconds(*count * factor);
    }
  }
  return InvalidArgument("'" + std::string(text) +
                         "' is not a duration like 250ms, 10s, 5m, 2h, 7d");
}

const std::string& Flags::String(std::string_view name) const {
  const auto found = values_.find(name);
  DROVER_CHECK(found != values_.end());
  return found->second.text;
}

int64_t Flags::Int(std::string_view name) const {
  const auto found = values_.find(name);
  DROVER_CHECK(found != values_.end());
  return found->second.number;
}

bool Flags::Bool(std::string_view name) const { return Int(name) != 0; }

std::chrono::milliseconds Flags::Duration(std::string_view name) const {
  return std::chrono::milliseconds(Int(name));
}

const std::string& Flags::Secret(std::string_view name) const {
  const auto found = values_.find(name);
  DROVER_CHECK(found != values_.end());
  return found->second.secret;
}

std::vector<std::string> Flags::List(std::string_view name) const {
  return Split(String(name), ',');
}

FlagParser::FlagParser(std::vector<Flag> flags) : flags_(std::move(flags)) {}

const Flag* FlagParser::Find(std::string_view name) const {
  const auto found =
      std::find_if(flags_.begin(), flags_.end(), [&](const Flag& f) { return f.name == name; });
  return found == flags_.end() ? nullptr : &*found;
}

std::string FlagParser::Unknown(std::string_view name) const {
  for (const Flag& flag : flags_) {
    if (NearlyEqual(flag.name, name)) return "; did you mean " + flag.name + "?";
  }
  return "; --help lists those there are";
}

// The first source that offers a value wins.
void FlagParser::Offer(const Flag& flag, std::string text, std::string origin) {
  values_.values_.try_emplace(flag.name,
                              Flags::Value{.text = std::move(text), .origin = std::move(origin)});
}

std::vector<std::string> FlagParser::Parse(const std::vector<std::string>& arguments,
                                           const Environment& environment) {
  ReadArguments(arguments);
  ReadEnvironment(environment);
  if (const auto file = values_.values_.find("config");
      file != values_.values_.end() && !file->second.text.empty()) {
    ReadFile(std::string(file->second.text));
  }
  for (const Flag& flag : flags_) {
    Offer(flag, flag.default_value, "default");
    Check(flag);
  }
  return errors_;
}

void FlagParser::ReadArguments(const std::vector<std::string>& arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--help" || argument == "-h") {
      help_ = true;
      continue;
    }
    if (argument == "--print-config") {
      print_config_ = true;
      continue;
    }
    if (!argument.starts_with("--")) {
      Complain("'" + argument + "' is not a flag: write --name value or --name=value");
      continue;
    }
    const size_t equals = std::min(argument.find('='), argument.size());
    const std::string name = argument.substr(2, equals - 2);
    const Flag* flag = Find(name);
    const bool twice = values_.values_.contains(name);
    if (flag == nullptr || twice) {
      Complain("--" + name + (twice ? ": given twice" : ": no such flag" + Unknown(name)));
      // Its value, if it seems to have one, is not a second error.
      if (equals == argument.size() && i + 1 < arguments.size() &&
          !arguments[i + 1].starts_with("--")) {
        ++i;
      }
      continue;
    }
    const bool next_is_value = i + 1 < arguments.size() && !arguments[i + 1].starts_with("--");
    if (equals < argument.size()) {
      Offer(*flag, argument.substr(equals + 1), "command line");
    } else if (flag->kind == Flag::Kind::kBool &&
               !(next_is_value && (arguments[i + 1] == "true" || arguments[i + 1] == "false"))) {
      Offer(*flag, "true", "command line");
    } else if (next_is_value) {
      Offer(*flag, arguments[++i], "command line");
    } else {
      Complain("--" + name + ": needs a value");
    }
  }
}

// Programs share an environment, so that a DROVER_ variable of another one is no error; one that is
// a slip of the pen away from a flag of ours is.
void FlagParser::ReadEnvironment(const Environment& environment) {
  for (const auto& [name, value] : environment) {
    if (!name.starts_with(kPrefix)) continue;
    const auto flag = std::find_if(flags_.begin(), flags_.end(), [&name = name](const Flag& f) {
      return EnvironmentName(f.name) == name;
    });
    if (flag != flags_.end()) {
      Offer(*flag, value, "environment " + name);
      continue;
    }
    for (const Flag& near : flags_) {
      if (!NearlyEqual(EnvironmentName(near.name), name)) continue;
      Complain(name + ": no such variable; did you mean " + EnvironmentName(near.name) + "?");
      break;
    }
  }
}

void FlagParser::ReadFile(const std::string& path) {
  YAML::Node root;
  try {
    root = YAML::LoadFile(path);
  } catch (const YAML::Exception& error) {
    return Complain("--config: cannot read " + path + ": " + error.what());
  }
  if (!root || root.IsNull()) return;
  if (!root.IsMap()) return Complain("--config: " + path + " is not a list of 'flag-name: value'");
  for (const auto& entry : root) {
    const std::string where = path + ":" + std::to_string(entry.first.Mark().line + 1);
    if (!entry.first.IsScalar()) {
      Complain(where + ": a key is not a flag's name");
      continue;
    }
    const std::string& name = entry.first.Scalar();
    const Flag* flag = Find(name);
    if (flag == nullptr || name == "config") {
      Complain(where + ": " + name + ": no such flag" + Unknown(name));
    } else if (entry.second.IsScalar()) {
      Offer(*flag, entry.second.Scalar(), where);
    } else if (entry.second.IsSequence()) {
      std::string list;
      for (const auto& item : entry.second) list += (list.empty() ? "" : ",") + item.Scalar();
      Offer(*flag, list, where);
    } else {
      Complain(where + ": " + name + ": is neither a value nor a list of values");
    }
  }
}

void FlagParser::CheckNumber(const Flag& flag, Flags::Value& value) {
  const std::string where = "--" + flag.name + " (" + value.origin + "): ";
  if (flag.kind == Flag::Kind::kDuration) {
    const auto time = ParseDuration(value.text);
    if (!time) return Complain(where + time.error().message);
    value.number = time->count();
  } else {
    const auto number = ParseInt(value.text);
    if (!number) return Complain(where + "'" + value.text + "' is not a whole number");
    value.number = *number;
  }
  if (value.number >= flag.min && value.number <= flag.max) return;
  const std::string unit = flag.kind == Flag::Kind::kDuration ? " ms" : "";
  Complain(where + "'" + value.text + "' is not within " + std::to_string(flag.min) + " .. " +
           std::to_string(flag.max) + unit);
}

void FlagParser::Check(const Flag& flag) {
  Flags::Value& value = values_.values_.at(flag.name);
  const std::string where = "--" + flag.name + " (" + value.origin + "): ";
  switch (flag.kind) {
    case Flag::Kind::kString:
      break;
    case Flag::Kind::kInt:
    case Flag::Kind::kDuration:
      CheckNumber(flag, value);
      break;
    case Flag::Kind::kBool:
      value.number = value.text == "true" ? 1 : 0;
      if (value.text != "true" && value.text != "false") {
        Complain(where + "'" + value.text + "' is neither true nor false");
      }
      break;
    case Flag::Kind::kChoice: {
      const std::vector<std::string> choices = Split(flag.choices, '|');
      if (std::find(choices.begin(), choices.end(), value.text) == choices.end()) {
        Complain(where + "'" + value.text + "' is none of " + flag.choices);
      }
      break;
    }
    case Flag::Kind::kFile: {
      if (value.text.empty()) break;
      std::optional<std::string> secret = ReadSecret(value.text);
      if (!secret) return Complain(where + "cannot read the file " + value.text);
      if (secret->empty()) return Complain(where + "the file " + value.text + " is empty");
      value.secret = std::move(*secret);
      break;
    }
  }
}

std::string FlagParser::Help() const {
  std::string out;
  for (const Flag& flag : flags_) {
    const std::string_view kind =
        flag.kind == Flag::Kind::kChoice ? flag.choices : KindName(flag.kind);
    out.append("  --").append(flag.name).append(" ").append(kind).append("\n      ");
    out.append(flag.help);
    if (!flag.default_value.empty())
      out.append(" [default: ").append(flag.default_value).append("]");
    out.append("\n");
  }
  return out;
}

std::string FlagParser::PrintConfig() const {
  std::string out;
  for (const auto& [name, value] : values_.values_) {
    // URLs may carry a password between the colon and the @.
    std::string text = value.text;
    const size_t scheme = text.find("://");
    const size_t at = scheme == std::string::npos ? scheme : text.rfind('@');
    const size_t colon = at == std::string::npos ? at : text.find(':', scheme + 3);
    if (colon != std::string::npos && colon < at) text.replace(colon + 1, at - colon - 1, "****");
    std::string quoted = "\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') quoted.push_back('\\');
      quoted.push_back(c);
    }
    out.append(name).append(": ").append(quoted).append("\"  # ").append(value.origin);
    if (!value.secret.empty()) out.append("; content masked");
    out.append("\n");
  }
  return out;
}

}  // namespace drover::service
