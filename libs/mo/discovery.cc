#include <algorithm>
#include <array>

#include "libs/mo/outcome.h"

namespace drover::mo {
namespace {

constexpr std::string_view kTnds = "?list=TNDS";
constexpr std::string_view kStructData = "?list=StructData";

// By what terminals say that they do not know a ?list=.
bool IsUnsupported(uint32_t status) {
  constexpr std::array kStatuses{400u, 405u, 406u, 412u, 413u, 414u, 415u, 416u, 500u, 501u};
  return std::ranges::find(kStatuses, status) != kStatuses.end();
}

std::string Below(const std::string& uri, std::string_view name) {
  return uri + "/" + std::string(name);
}

void AddChildren(const v1::Value& value, v1::DiscoverTree& next) {
  if (value.format() != "node") return;
  const std::string uri = value.uri().substr(0, value.uri().find('?'));
  std::string_view names = value.data();
  while (!names.empty()) {
    const size_t slash = names.find('/');
    if (slash != 0) next.add_uris(Below(uri, names.substr(0, slash)));
    names = slash == std::string_view::npos ? "" : names.substr(slash + 1);
  }
}

// Some terminals answer a ?list= with the plain Get of the node.
bool IsPlainAnswer(const v1::CommandResult& result, std::string_view uri) {
  return result.values_size() == 1 && result.values(0).format() == "node" &&
         result.values(0).uri().substr(0, result.values(0).uri().find('?')) == uri;
}

}  // namespace

std::optional<v1::DiscoverTree> NextDiscovery(const v1::Operation& operation) {
  v1::DiscoverTree next;
  next.set_form(v1::DiscoverTree::WALK);
  const std::vector<const v1::CommandResult*> results = LastResults(operation);
  for (int i = 0; i < operation.commands_size(); ++i) {
    const v1::CommandResult* const result = results[static_cast<size_t>(i)];
    if (operation.commands(i).verb() != v1::GET || result == nullptr) continue;
    const std::string& target = operation.commands(i).target();
    const std::string uri = target.substr(0, target.find('?'));
    if (target.ends_with(kTnds)) {
      if (!IsUnsupported(result->status())) continue;
      next.set_form(v1::DiscoverTree::STRUCT_DATA);
      next.add_uris(uri);
    } else if (target.ends_with(kStructData)) {
      if (IsUnsupported(result->status())) next.add_uris(uri);
      if (IsPlainAnswer(*result, uri)) AddChildren(result->values(0), next);
    } else if (target.find('?') == std::string::npos) {
      for (const v1::Value& value : result->values()) AddChildren(value, next);
    }
  }
  if (next.uris().empty()) return std::nullopt;
  return next;
}

}  // namespace drover::mo
