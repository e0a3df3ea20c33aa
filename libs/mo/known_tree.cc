#include "libs/mo/known_tree.h"

#include <set>

namespace drover::mo {
namespace {

std::string Below(std::string_view uri) { return std::string(uri).append("/"); }

// "a/b/c" to its names.
std::vector<std::string_view> Names(std::string_view list) {
  std::vector<std::string_view> names;
  while (!list.empty()) {
    const size_t slash = list.find('/');
    if (slash != 0) names.push_back(list.substr(0, slash));
    if (slash == std::string_view::npos) break;
    list.remove_prefix(slash + 1);
  }
  return names;
}

}  // namespace

void KnownTree::Add(std::string uri, bool interior, std::string value) {
  nodes_.insert_or_assign(std::move(uri), Node{interior, std::move(value)});
}

bool KnownTree::Has(std::string_view uri) const {
  if (nodes_.contains(uri)) return true;
  const std::string below = Below(uri);
  const auto next = nodes_.lower_bound(below);
  if (next != nodes_.end() && next->first.starts_with(below)) return true;
  const size_t slash = uri.rfind('/');
  if (slash == std::string_view::npos) return false;
  const auto parent = nodes_.find(uri.substr(0, slash));
  if (parent == nodes_.end() || !parent->second.interior) return false;
  for (const std::string_view name : Names(parent->second.value)) {
    if (name == uri.substr(slash + 1)) return true;
  }
  return false;
}

std::string_view KnownTree::Value(std::string_view uri) const {
  const auto found = nodes_.find(uri);
  return found == nodes_.end() || found->second.interior ? std::string_view()
                                                         : std::string_view(found->second.value);
}

std::vector<std::string> KnownTree::Children(std::string_view uri) const {
  const std::string below = Below(uri);
  std::set<std::string> children;
  for (auto next = nodes_.lower_bound(below);
       next != nodes_.end() && next->first.starts_with(below); ++next) {
    const std::string_view rest = std::string_view(next->first).substr(below.size());
    children.insert(below + std::string(rest.substr(0, rest.find('/'))));
  }
  const auto own = nodes_.find(uri);
  if (own != nodes_.end() && own->second.interior) {
    for (const std::string_view name : Names(own->second.value)) {
      children.insert(below + std::string(name));
    }
  }
  return {children.begin(), children.end()};
}

}  // namespace drover::mo
