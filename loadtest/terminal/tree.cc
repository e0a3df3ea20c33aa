#include "loadtest/terminal/tree.h"

#include <algorithm>
#include <utility>

#include "libs/base/check.h"

namespace drover::terminal {
namespace {

// What every path below this one begins with.
std::string PrefixOf(std::string_view path) {
  return path == "." ? std::string() : std::string(path) + "/";
}

size_t HeapOctets(const std::string& text) {
  return text.capacity() > 15 ? text.capacity() + 1 : 0;
}

}  // namespace

std::string_view ParentOf(std::string_view path) {
  if (path == ".") return "";
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view(".") : path.substr(0, slash);
}

std::string_view NameOf(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

Blueprint::Blueprint(std::vector<Node> nodes) : nodes_(std::move(nodes)) {
  std::sort(nodes_.begin(), nodes_.end(),
            [](const Node& a, const Node& b) { return a.path < b.path; });
}

const Node* Blueprint::Find(std::string_view path) const {
  const auto it = std::lower_bound(
      nodes_.begin(), nodes_.end(), path,
      [](const Node& node, std::string_view wanted) { return node.path < wanted; });
  return it != nodes_.end() && it->path == path ? &*it : nullptr;
}

ManagementTree::ManagementTree(const Blueprint& blueprint, std::string device_id)
    : blueprint_(&blueprint), device_id_(std::move(device_id)) {}

ManagementTree::ManagementTree(const ManagementTree& other)
    : blueprint_(other.blueprint_), device_id_(other.device_id_) {
  changes_.reserve(other.changes_.size());
  for (const Change& change : other.changes_) {
    Change& copy = changes_.emplace_back();
    copy.path = change.path;
    copy.value = change.value;
    copy.version = change.version;
    copy.gone = change.gone;
    copy.set = change.set;
    if (change.own == nullptr) continue;
    copy.own = std::make_unique<Node>(*change.own);
    copy.path = copy.own->path;
  }
}

ManagementTree& ManagementTree::operator=(ManagementTree other) {
  blueprint_ = other.blueprint_;
  device_id_ = std::move(other.device_id_);
  changes_ = std::move(other.changes_);
  return *this;
}

const ManagementTree::Change* ManagementTree::ChangeOf(std::string_view path) const {
  const auto it = std::lower_bound(
      changes_.begin(), changes_.end(), path,
      [](const Change& change, std::string_view wanted) { return change.path < wanted; });
  return it != changes_.end() && it->path == path ? &*it : nullptr;
}

ManagementTree::Change* ManagementTree::ChangeOf(std::string_view path) {
  return const_cast<Change*>(std::as_const(*this).ChangeOf(path));
}

ManagementTree::Change& ManagementTree::MakeChange(std::string_view path) {
  if (Change* const change = ChangeOf(path)) return *change;
  const Node* const node = blueprint_->Find(path);
  DROVER_CHECK(node != nullptr);
  const auto it = std::lower_bound(
      changes_.begin(), changes_.end(), path,
      [](const Change& change, std::string_view wanted) { return change.path < wanted; });
  Change change;
  change.path = node->path;
  change.value = node->is_device_id ? device_id_ : node->value;
  return *changes_.insert(it, std::move(change));
}

std::optional<NodeNow> ManagementTree::Find(std::string_view path) const {
  const Change* const change = ChangeOf(path);
  if (change != nullptr && change->gone) return std::nullopt;
  const Node* const node =
      change != nullptr && change->own != nullptr ? change->own.get() : blueprint_->Find(path);
  if (node == nullptr) return std::nullopt;
  NodeNow now;
  now.node = node;
  now.value = change != nullptr ? std::string_view(change->value) : std::string_view(node->value);
  if (node->is_device_id && change == nullptr) now.value = device_id_;
  now.version = change != nullptr ? change->version : 0;
  return now;
}

std::string ManagementTree::Value(std::string_view path) const {
  const std::optional<NodeNow> now = Find(path);
  return now ? std::string(now->value) : std::string();
}

std::vector<std::string> ManagementTree::Below(std::string_view path) const {
  const std::string prefix = PrefixOf(path);
  std::vector<std::string> paths;
  const std::vector<Node>& nodes = blueprint_->nodes();
  const auto first = std::lower_bound(
      nodes.begin(), nodes.end(), prefix,
      [](const Node& node, const std::string& wanted) { return node.path < wanted; });
  for (auto node = first; node != nodes.end() && node->path.starts_with(prefix); ++node) {
    const Change* const change = ChangeOf(node->path);
    if (change != nullptr && (change->gone || change->own != nullptr)) continue;
    if (node->path != ".") paths.push_back(node->path);
  }
  for (const Change& change : changes_) {
    if (change.gone || change.own == nullptr || change.path == ".") continue;
    if (change.path.starts_with(prefix)) paths.emplace_back(change.path);
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::vector<std::string> ManagementTree::Children(std::string_view path) const {
  std::vector<std::string> names;
  for (const std::string& below : Below(path)) {
    if (ParentOf(below) == path) names.emplace_back(NameOf(below));
  }
  return names;
}

void ManagementTree::SetValue(std::string_view path, std::string value) {
  Change& change = MakeChange(path);
  change.value = std::move(value);
  change.set = true;
  ++change.version;
}

bool ManagementTree::HasSetValues(std::string_view path) const {
  return std::any_of(changes_.begin(), changes_.end(), [path](const Change& change) {
    if (!change.set || change.gone || !change.path.starts_with(path)) return false;
    return change.path.size() == path.size() || change.path[path.size()] == '/';
  });
}

bool ManagementTree::WasSet(std::string_view path) {
  Change* const change = ChangeOf(path);
  return change != nullptr && !change->gone && std::exchange(change->set, false);
}

std::optional<std::string> ManagementTree::TakeValue(std::string_view path) {
  Change* const change = ChangeOf(path);
  if (change == nullptr || change->gone || !change->set) return std::nullopt;
  change->set = false;
  return std::exchange(change->value, std::string());
}

Node& ManagementTree::OwnNode(std::string_view path) {
  Change& change = MakeChange(path);
  if (change.own == nullptr) {
    change.own = std::make_unique<Node>(*blueprint_->Find(path));
    change.path = change.own->path;
  }
  ++change.version;
  return *change.own;
}

void ManagementTree::SetAcl(std::string_view path, std::string_view acl) {
  OwnNode(path).acl = acl;
}

void ManagementTree::SetTitle(std::string_view path, std::string_view title) {
  OwnNode(path).title = title;
}

void ManagementTree::Add(Node node) {
  DROVER_CHECK(!Find(node.path));
  auto own = std::make_unique<Node>(std::move(node));
  Change* change = ChangeOf(own->path);
  if (change == nullptr) {
    const auto it = std::lower_bound(
        changes_.begin(), changes_.end(), std::string_view(own->path),
        [](const Change& each, std::string_view wanted) { return each.path < wanted; });
    change = &*changes_.insert(it, Change());
  }
  change->value = std::move(own->value);
  own->value.clear();
  change->own = std::move(own);
  change->path = change->own->path;
  change->gone = false;
  change->set = true;
}

void ManagementTree::Remove(std::string_view path) {
  std::vector<std::string> paths = Below(path);
  paths.emplace_back(path);
  for (const std::string& each : paths) {
    if (const Node* const node = blueprint_->Find(each)) {
      Change& change = MakeChange(each);
      change.path = node->path;
      change.own.reset();
      change.value.clear();
      change.gone = true;
    } else {
      std::erase_if(changes_, [&each](const Change& change) { return change.path == each; });
    }
  }
}

void ManagementTree::ResetBut(std::initializer_list<std::string_view> kept) {
  std::erase_if(changes_, [&kept](const Change& change) {
    return std::none_of(kept.begin(), kept.end(), [&change](std::string_view path) {
      return change.path == path || change.path.starts_with(PrefixOf(path));
    });
  });
}

bool ManagementTree::DiffersLike(const ManagementTree& other) const {
  return std::equal(changes_.begin(), changes_.end(), other.changes_.begin(), other.changes_.end(),
                    [](const Change& a, const Change& b) {
                      const bool same_node = (a.own == nullptr) == (b.own == nullptr) &&
                                             (a.own == nullptr || *a.own == *b.own);
                      return a.path == b.path && a.value == b.value && a.version == b.version &&
                             a.gone == b.gone && a.set == b.set && same_node;
                    });
}

size_t ManagementTree::size_octets() const {
  size_t octets = changes_.capacity() * sizeof(Change) + HeapOctets(device_id_);
  for (const Change& change : changes_) {
    octets += HeapOctets(change.value);
    if (change.own != nullptr) {
      octets += sizeof(Node) + HeapOctets(change.own->path) + HeapOctets(change.own->type);
    }
  }
  return octets;
}

}  // namespace drover::terminal
