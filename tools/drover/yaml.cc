#include "tools/drover/yaml.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include <nlohmann/json.hpp>
#include <yaml-cpp/yaml.h>

namespace drover::cli {
namespace {

constexpr int kMaxDepth = 16;

std::string PlaceOf(const YAML::Mark& mark, const std::string& name, int first_line) {
  return name + ":" + std::to_string(first_line + std::max(mark.line, 0));
}

struct Reader {
  const std::string& name;
  int first_line;  // Of the document in the file.

  Result<YamlValue> Read(const YAML::Node& node, int depth) const {
    YamlValue value;
    value.place = PlaceOf(node.Mark(), name, first_line);
    if (depth > kMaxDepth) return value.Bad("nested too deeply");
    if (node.IsScalar()) {
      value.kind = YamlValue::Kind::kScalar;
      value.scalar = node.Scalar();
    } else if (node.IsSequence()) {
      value.kind = YamlValue::Kind::kList;
      for (const YAML::Node& item : node) {
        DROVER_TRY(YamlValue read, Read(item, depth + 1));
        value.items.push_back(std::move(read));
      }
    } else if (node.IsMap()) {
      DROVER_TRY(ReadEntries(node, depth, value));
    }
    return value;
  }

  Result<void> ReadEntries(const YAML::Node& node, int depth, YamlValue& value) const {
    value.kind = YamlValue::Kind::kMap;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) return value.Bad("a key that is not text");
      const std::string& key = entry.first.Scalar();
      for (const auto& [there, ignored] : value.entries) {
        if (there == key) return value.Bad("the key \"" + key + "\" is there twice");
      }
      DROVER_TRY(YamlValue read, Read(entry.second, depth + 1));
      value.entries.emplace_back(key, std::move(read));
    }
    return {};
  }
};

Result<void> Append(YamlValue value, std::vector<YamlMap>& maps) {
  if (value.kind == YamlValue::Kind::kNull) return {};
  if (value.kind == YamlValue::Kind::kMap) {
    maps.push_back({value.place, std::move(value.entries)});
    return {};
  }
  if (value.kind == YamlValue::Kind::kScalar)
    return value.Bad("expected a mapping (\"key: value\")");
  for (YamlValue& item : value.items) {
    if (item.kind != YamlValue::Kind::kMap) return item.Bad("expected a mapping (\"key: value\")");
    maps.push_back({item.place, std::move(item.entries)});
  }
  return {};
}

// JSON lines: every line that is not empty starts a mapping.
bool IsNdjson(std::string_view text) {
  size_t lines = 0;
  std::istringstream in{std::string(text)};
  for (std::string line; std::getline(in, line);) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    if (!line.starts_with('{') || line.find_last_of('}') == std::string::npos) return false;
    ++lines;
  }
  return lines > 0;
}

Result<std::vector<YamlMap>> ParseDocuments(const std::string& text, const std::string& name,
                                            int first_line) {
  std::vector<YamlMap> maps;
  try {
    for (const YAML::Node& node : YAML::LoadAll(text)) {
      DROVER_TRY(YamlValue value, (Reader{name, first_line}.Read(node, 0)));
      DROVER_TRY(Append(std::move(value), maps));
    }
  } catch (const YAML::Exception& error) {
    return InvalidArgument(PlaceOf(error.mark, name, first_line) + ": " + error.msg);
  }
  return maps;
}

void Emit(YAML::Emitter& out, const Json& json) {
  if (json.is_object()) {
    out << YAML::BeginMap;
    for (const auto& [key, value] : json.items()) {
      out << YAML::Key << key << YAML::Value;
      Emit(out, value);
    }
    out << YAML::EndMap;
  } else if (json.is_array()) {
    out << YAML::BeginSeq;
    for (const Json& item : json) Emit(out, item);
    out << YAML::EndSeq;
  } else if (json.is_string()) {
    const std::string& text = json.get_ref<const std::string&>();
    if (text.find('\n') != std::string::npos) {
      out << YAML::Literal << text;
    } else if (text.find_first_not_of("0123456789.+-eExX") == std::string::npos || text == "true" ||
               text == "false" || text == "null" || text == "yes" || text == "no") {
      out << YAML::DoubleQuoted << text;  // Text that would read as something else.
    } else {
      out << text;
    }
  } else if (json.is_boolean()) {
    out << json.get<bool>();
  } else if (json.is_null()) {
    out << YAML::Null;
  } else {
    out << json.dump();
  }
}

}  // namespace

Error YamlValue::Bad(const std::string& what) const { return InvalidArgument(place + ": " + what); }

Result<std::string> YamlValue::Text() const {
  if (kind == Kind::kNull) return std::string();
  if (kind != Kind::kScalar) return Bad("expected one value");
  return scalar;
}

Result<int64_t> YamlValue::Integer() const {
  int64_t number = 0;
  const char* end = scalar.data() + scalar.size();
  const auto parsed = std::from_chars(scalar.data(), end, number);
  if (kind != Kind::kScalar || parsed.ec != std::errc() || parsed.ptr != end) {
    return Bad("expected a whole number");
  }
  return number;
}

Result<std::vector<std::string>> YamlValue::Texts() const {
  if (kind != Kind::kList) return Bad("expected a list");
  std::vector<std::string> texts;
  for (const YamlValue& item : items) {
    DROVER_TRY(std::string text, item.Text());
    texts.push_back(std::move(text));
  }
  return texts;
}

Result<std::vector<YamlMap>> ParseYamlMaps(std::string_view text, const std::string& name) {
  if (!IsNdjson(text)) return ParseDocuments(std::string(text), name, 1);
  std::vector<YamlMap> maps;
  std::istringstream in{std::string(text)};
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    DROVER_TRY(std::vector<YamlMap> of_line, ParseDocuments(line, name, ++number));
    for (YamlMap& map : of_line) maps.push_back(std::move(map));
  }
  return maps;
}

std::string ToYaml(const Json& json) {
  YAML::Emitter out;
  Emit(out, json);
  return std::string(out.c_str()) + "\n";
}

}  // namespace drover::cli
