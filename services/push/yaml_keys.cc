#include "services/push/yaml_keys.h"

#include <fstream>
#include <set>

namespace drover::push::yaml {
namespace {

namespace fs = std::filesystem;

std::string Known(const Keys& keys) {
  std::string names;
  for (const auto& [name, read] : keys) names += (names.empty() ? "" : ", ") + name;
  return names;
}

}  // namespace

Error Bad(const YAML::Node& node, const std::string& why) {
  return InvalidArgument("line " + std::to_string(node.Mark().line + 1) + ": " + why);
}

Result<void> ReadMap(const YAML::Node& node, const Keys& keys) {
  if (!node.IsMap()) return Bad(node, "expected \"key: value\" with keys of " + Known(keys));
  std::set<std::string> seen;
  for (const auto& entry : node) {
    const std::string key = entry.first.as<std::string>();
    const auto found = keys.find(key);
    if (found == keys.end()) {
      return Bad(entry.first, "unknown key \"" + key + "\"; there are " + Known(keys));
    }
    if (!seen.insert(key).second) return Bad(entry.first, "\"" + key + "\" is there twice");
    const Result<void> read = found->second(entry.second);
    if (!read) {
      const std::string& why = read.error().message;
      return why.starts_with("line ") ? read.error() : Bad(entry.second, key + ": " + why);
    }
  }
  return {};
}

Result<std::string> TextOf(const YAML::Node& node) {
  if (!node.IsScalar()) return InvalidArgument("expected a text");
  return node.Scalar();
}

Result<std::chrono::milliseconds> DurationOf(const YAML::Node& node) {
  static const std::map<std::string, int64_t, std::less<>> kUnits = {
      {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
  DROVER_TRY(const std::string text, TextOf(node));
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  const auto unit = kUnits.find(std::string_view(end));
  constexpr double kMost = 400.0 * 86'400'000;
  if (end == text.c_str() || unit == kUnits.end() || !(value >= 0) ||
      value * static_cast<double>(unit->second) > kMost) {
    return InvalidArgument("expected a time such as 250ms, 10s, 5m, 2h or 7d");
  }
  return std::chrono::milliseconds(static_cast<int64_t>(value * static_cast<double>(unit->second)));
}

Read Text(std::string& out) {
  return [&out](const YAML::Node& node) -> Result<void> {
    DROVER_TRY(out, TextOf(node));
    return {};
  };
}

Read TextList(std::vector<std::string>& out) {
  return [&out](const YAML::Node& node) -> Result<void> {
    if (!node.IsSequence()) return InvalidArgument("expected a list, [a, b]");
    for (const YAML::Node& item : node) {
      DROVER_TRY(out.emplace_back(), TextOf(item));
    }
    return {};
  };
}

Read Bool(bool& out) {
  return [&out](const YAML::Node& node) -> Result<void> {
    if (!node.IsScalar() || !YAML::convert<bool>::decode(node, out)) {
      return InvalidArgument("expected true or false");
    }
    return {};
  };
}

Read Octet(uint8_t& out) {
  return [&out](const YAML::Node& node) -> Result<void> {
    DROVER_TRY(const std::string text, TextOf(node));
    char* end = nullptr;
    const unsigned long value = std::strtoul(text.c_str(), &end, 0);
    if (text.empty() || *end != '\0' || value > UINT8_MAX) {
      return InvalidArgument("expected 0 to 255, or 0x00 to 0xff");
    }
    out = static_cast<uint8_t>(value);
    return {};
  };
}

Read File(std::string& out, const fs::path& folder) {
  return [&out, folder](const YAML::Node& node) -> Result<void> {
    DROVER_TRY(const std::string name, TextOf(node));
    out = (folder / name).string();
    if (!fs::exists(out)) return InvalidArgument("there is no file " + out);
    return {};
  };
}

Read Secret(std::string& out, const fs::path& folder) {
  return [&out, folder](const YAML::Node& node) -> Result<void> {
    DROVER_TRY(const std::string name, TextOf(node));
    std::ifstream file(folder / name);
    if (!file) return InvalidArgument("cannot read the file " + (folder / name).string());
    std::getline(file, out, '\0');
    out.erase(out.find_last_not_of(" \t\r\n") + 1);
    return {};
  };
}

}  // namespace drover::push::yaml
