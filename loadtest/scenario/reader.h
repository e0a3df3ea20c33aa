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

// Names: an array of fleet::Named.
template <typename Names>
using ValueOf = typename Names::value_type::second_type;

template <typename Names>
std::string Listed(const Names& names) {
  std::string list;
  for (const auto& [name, value] : names) list += (list.empty() ? "" : ", ") + std::string(name);
  return list;
}

template <typename Names>
Result<ValueOf<Names>> OneOf(const Reader& reader, const Names& names, std::string_view name) {
  for (const auto& [each, value] : names) {
    if (each == name) return value;
  }
  return reader.Bad("there is no \"" + std::string(name) + "\": write one of " + Listed(names));
}

template <typename T>
using Parts = std::vector<std::pair<T, double>>;

// {lost-response: 2%, drop: 1%}, and their sum.
template <typename Names>
Result<Parts<ValueOf<Names>>> PartsOf(const Reader& reader, const Names& names, double& sum) {
  DROVER_TRY(const auto entries, reader.Entries());
  Parts<ValueOf<Names>> parts;
  sum = 0;
  for (const auto& [name, value] : entries) {
    DROVER_TRY(const auto part, OneOf(value, names, name));
    DROVER_TRY(const double share, value.As(ParseShare));
    parts.emplace_back(part, share);
    sum += share;
  }
  return parts;
}

// "wbxml", or {wbxml: 80%, xml: 20%}, which adds up to 100 %.
template <typename Names>
Result<fleet::Shares<ValueOf<Names>>> SharesOf(const Reader& reader, const Names& names) {
  using Shares = fleet::Shares<ValueOf<Names>>;
  if (reader.is_scalar()) {
    DROVER_TRY(const std::string name, reader.Text());
    DROVER_TRY(const auto only, OneOf(reader, names, name));
    return Shares(only);
  }
  double sum = 0;
  DROVER_TRY(auto parts, PartsOf(reader, names, sum));
  if (parts.empty() || sum < 0.9999 || sum > 1.0001) {
    char percent[32];
    std::snprintf(percent, sizeof percent, "%.4g%%", sum * 100);
    return reader.Bad("the shares add up to " + std::string(percent) + ": make it 100%");
  }
  return Shares(std::move(parts));
}

}  // namespace drover::scenario
