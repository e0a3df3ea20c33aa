#include "loadtest/scenario/reader.h"

#include <algorithm>
#include <set>

namespace drover::scenario {

Error Reader::Bad(const std::string& what) const {
  const std::string line = std::to_string(node_.Mark().line + 1);
  const std::string key = key_.empty() ? "" : key_ + ": ";
  return InvalidArgument(file_ + ":" + line + ": " + key + what);
}

Reader Reader::Of(const YAML::Node& node, const std::string& key) const {
  return {node, file_, key_.empty() ? key : key_ + "." + key};
}

Result<std::vector<std::pair<std::string, Reader>>> Reader::Entries() const {
  if (!node_.IsMap()) return Bad("should be a mapping: \"name: value\", each on its line");
  std::vector<std::pair<std::string, Reader>> entries;
  std::set<std::string> seen;
  for (const auto& entry : node_) {
    if (!entry.first.IsScalar()) return Bad("its keys should be words");
    const std::string& name = entry.first.Scalar();
    Reader value = Of(entry.second, name);
    // Of an empty value the place is not known.
    if (entry.second.IsNull()) return Of(entry.first, name).Bad("has no value: give it one");
    if (!seen.insert(name).second) return value.Bad("stands twice: leave one out");
    entries.emplace_back(name, std::move(value));
  }
  return entries;
}

Result<void> Reader::Map(const Keys& keys) const {
  DROVER_TRY(const auto entries, Entries());
  for (const auto& [name, value] : entries) {
    const auto it = std::find_if(keys.begin(), keys.end(),
                                 [&each = name](const auto& key) { return key.first == each; });
    if (it == keys.end()) {
      std::string known;
      for (const auto& [key, take] : keys) known += (known.empty() ? "" : ", ") + std::string(key);
      return value.Bad("there is no such key: write one of " + known);
    }
    DROVER_TRY(it->second(value));
  }
  return {};
}

Result<std::vector<Reader>> Reader::Items() const {
  if (!node_.IsSequence()) return Bad("should be a list: [.., ..]");
  std::vector<Reader> items;
  for (const YAML::Node& item : node_) items.emplace_back(item, file_, key_);
  return items;
}

Result<std::string> Reader::Text() const {
  if (!node_.IsScalar()) return Bad("should be one value, not a list or a mapping");
  return node_.Scalar();
}

Result<bool> Reader::Flag() const {
  DROVER_TRY(const std::string text, Text());
  if (text == "true" || text == "yes") return true;
  if (text == "false" || text == "no") return false;
  return Bad("\"" + text + "\" should be true or false");
}

}  // namespace drover::scenario
