// Settings in YAML, key by key: each key of a map has a reader that fills its place.
//
//   Keys keys = {{"port", Number(link.port, 1, 65'535)}, {"tls", Bool(link.tls)}};
//   DROVER_TRY(ReadMap(node, keys));
//
// Unknown keys and keys that are there twice are errors; every error names its line.
#pragma once
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "libs/base/result.h"

namespace drover::push::yaml {

// Reads the value of one key into its place. kInvalidArgument: what was expected.
using Read = std::function<Result<void>(const YAML::Node&)>;
using Keys = std::map<std::string, Read, std::less<>>;

Error Bad(const YAML::Node& node, const std::string& why);
// kInvalidArgument: "line 3: port: expected a number from 1 to 65535".
Result<void> ReadMap(const YAML::Node& node, const Keys& keys);
inline Read Section(Keys keys) {
  return [keys = std::move(keys)](const YAML::Node& node) { return ReadMap(node, keys); };
}

Result<std::string> TextOf(const YAML::Node& node);
// "250ms", "10s", "5m", "2h" or "7d"; at most 400 days.
Result<std::chrono::milliseconds> DurationOf(const YAML::Node& node);

Read Text(std::string& out);
Read TextList(std::vector<std::string>& out);
Read Bool(bool& out);
Read Octet(uint8_t& out);  // Hexadecimal too: "0xF5".
// A file's name, relative to the folder of the one that names it; it has to be there.
Read File(std::string& out, const std::filesystem::path& folder);
// What is in such a file, without blanks at its end.
Read Secret(std::string& out, const std::filesystem::path& folder);

template <typename T>
Read Number(T& out, double least, double most) {
  return [&out, least, most](const YAML::Node& node) -> Result<void> {
    double value = 0;
    if (!node.IsScalar() || !YAML::convert<double>::decode(node, value) || !(value >= least) ||
        !(value <= most) || (std::is_integral_v<T> && value != static_cast<double>(T(value)))) {
      std::ostringstream range;
      range << "expected a number from " << least << " to " << most;
      return InvalidArgument(range.str());
    }
    out = static_cast<T>(value);
    return {};
  };
}

template <typename T>
Read Duration(T& out) {
  return [&out](const YAML::Node& node) -> Result<void> {
    DROVER_TRY(const std::chrono::milliseconds value, DurationOf(node));
    out = std::chrono::duration_cast<T>(value);
    return {};
  };
}

template <typename T>
Read Choice(T& out, std::map<std::string, T, std::less<>> choices) {
  return [&out, choices = std::move(choices)](const YAML::Node& node) -> Result<void> {
    DROVER_TRY(const std::string text, TextOf(node));
    const auto found = choices.find(text);
    if (found != choices.end()) {
      out = found->second;
      return {};
    }
    std::string names;
    for (const auto& [name, value] : choices) names += (names.empty() ? "" : ", ") + name;
    return InvalidArgument("expected one of " + names);
  };
}

}  // namespace drover::push::yaml
