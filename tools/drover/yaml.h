// YAML in, for people's files: mappings whose values know where they stand. YAML out, from JSON.
// Keeps yaml-cpp behind yaml.cc.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "libs/base/result.h"

namespace drover::cli {

using Json = nlohmann::ordered_json;

struct YamlMap;

// A value with the place where it stands.
struct YamlValue {
  enum class Kind : uint8_t { kNull, kScalar, kList, kMap };
  Kind kind = Kind::kNull;
  std::string place;                                       // "ops.yaml:12"
  std::string scalar;                                      // kScalar
  std::vector<YamlValue> items;                            // kList
  std::vector<std::pair<std::string, YamlValue>> entries;  // kMap, in order

  // kInvalidArgument, with the place in front.
  Error Bad(const std::string& what) const;
  Result<std::string> Text() const;  // Of a scalar; null is "".
  Result<int64_t> Integer() const;
  Result<std::vector<std::string>> Texts() const;  // Of a list of scalars.
};

struct YamlMap {
  std::string place;
  std::vector<std::pair<std::string, YamlValue>> entries;
};

// The mappings in text: each document is one, or a list of them. JSON lines are such documents too.
// name: of the file, for errors. kInvalidArgument: not YAML, something else than a mapping, a key
// that stands twice, nesting deeper than 16.
Result<std::vector<YamlMap>> ParseYamlMaps(std::string_view text, const std::string& name);

std::string ToYaml(const Json& json);

}  // namespace drover::cli
