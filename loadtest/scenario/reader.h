// YAML whose errors say where and what to write instead. Internal to loadtest/scenario: keeps
// yaml-cpp behind reader.cc and scenario.cc.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "libs/base/result.h"
#include "loadtest/fleet/population.h"
#include "loadtest/scenario/units.h"

namespace drover::scenario {

class Reader {
 public:
  Reader(YAML::Node node, std::string file, std::string key)
      : node_(std::move(node)), file_(std::move(file)), key_(std::move(key)) {}

  // "load.yaml:12: terminals.version: what"
  Error Bad(const std::string& what) const;
  const std::string& key() const { return key_; }
  bool is_scalar() const { return node_.IsScalar(); }
  bool is_list() const { return node_.IsSequence(); }

  // Of a mapping: each of its keys is given to the one who knows it; an unknown key and one that
  // stands twice are errors.
  using Keys =
      std::vector<std::pair<std::string_view, std::function<Result<void>(const Reader& value)>>>;
  Result<void> Map(const Keys& keys) const;
  // Of a mapping with any keys.
  Result<std::vector<std::pair<std::string, Reader>>> Entries() const;
  Result<std::vector<Reader>> Items() const;

  Result<std::string> Text() const;
  Result<bool> Flag() const;
  // With one of units.h, whose error is put behind the place.
  template <typename T>
  Result<T> As(Result<T> (*parse)(std::string_view)) const {
    DROVER_TRY(const std::string text, Text());
    Result<T> value = parse(text);
    if (!value) return Bad(value.error().message);
    return value;
  }

 private:
  Reader Of(const YAML::Node& node, const std::string& key) const;

  YAML::Node node_;
  std::string file_;
  std::string key_;
};

template <typename T>
using Names = std::vector<std::pair<std::string_view, T>>;

template <typename T>
std::string Listed(const Names<T>& names) {
  std::string list;
  for (const auto& [name, value] : names) list += (list.empty() ? "" : ", ") + std::string(name);
  return list;
}

template <typename T>
Result<T> OneOf(const Reader& reader, const Names<T>& names, std::string_view name) {
  for (const auto& [each, value] : names) {
    if (each == name) return value;
  }
  return reader.Bad("there is no \"" + std::string(name) + "\": write one of " + Listed(names));
}

// "wbxml", or {wbxml: 80%, xml: 20%}, which adds up to 100 %.
template <typename T>
Result<fleet::Shares<T>> SharesOf(const Reader& reader, const Names<T>& names) {
  if (reader.is_scalar()) {
    DROVER_TRY(const std::string name, reader.Text());
    DROVER_TRY(const T only, OneOf(reader, names, name));
    return fleet::Shares<T>(only);
  }
  DROVER_TRY(const auto entries, reader.Entries());
  std::vector<std::pair<T, double>> parts;
  double sum = 0;
  for (const auto& [name, value] : entries) {
    DROVER_TRY(const T part, OneOf(value, names, name));
    DROVER_TRY(const double share, value.As(ParseShare));
    parts.emplace_back(part, share);
    sum += share;
  }
  if (parts.empty() || sum < 0.9999 || sum > 1.0001) {
    char percent[32];
    std::snprintf(percent, sizeof percent, "%.4g%%", sum * 100);
    return reader.Bad("the shares add up to " + std::string(percent) + ": make it 100%");
  }
  return fleet::Shares<T>(std::move(parts));
}

}  // namespace drover::scenario
