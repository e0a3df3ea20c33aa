#include "services/tree/core/open_tree.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "services/tree/core/uri.h"

namespace drover::tree {
namespace {

constexpr std::chrono::hours kTimeMoves{1};
constexpr std::string_view kLargeObjects = "./DevDetail/LrgObj";
constexpr size_t kMaxRanges = 64;  // Past it one range is cheaper than the sum of its parts.

// What a report's node says of the format or the type; nullopt: nothing.
std::optional<Coded> Said(const Node& node, const std::string& word,
                          Coded (*code)(std::string_view)) {
  if (node.only_acl || (node.without_value && word.empty())) return std::nullopt;
  return code(word);
}

bool Differs(const std::optional<Coded>& said, const Coded& stored) {
  return said && (said->code != stored.code || said->text != stored.text);
}

bool SaysValue(const Node& node) { return !node.only_acl && !node.without_value; }

bool HasValue(const PageNode& stored, std::string_view value) {
  if (!stored.has_value) return false;
  if (!stored.large) return stored.value == value;
  return stored.large->octets == value.size() && *stored.large == DigestOf(value);
}

PastNode PastOf(const PageNode& node, TimePoint until) {
  PastNode past{node.uri, node.format, node.type, std::nullopt, node.large.has_value(), {}, until};
  past.since = node.since.value_or(node.reported_at);
  if (node.has_value && !node.large) past.value = node.value;
  return past;
}

void SetValue(PageNode& stored, const Node& node, TreeChange& change) {
  const bool was_large = stored.large.has_value();
  stored.has_value = true;
  stored.value = {};
  stored.large.reset();
  if (node.value.size() > kLargeOctets) {
    stored.large = DigestOf(node.value);
    change.large.emplace_back(node.uri, node.value);
    return;
  }
  stored.value = node.value;
  if (was_large) change.large_gone.push_back(node.uri);
}

PageNode NewNode(const Node& node, TreeChange& change) {
  PageNode made;
  made.uri = node.uri;
  made.format = Said(node, node.format, CodeOfFormat).value_or(Coded{});
  made.type = Said(node, node.type, CodeOfType).value_or(Coded{});
  made.reported_at = node.reported_at;
  if (node.acl) made.acl = *node.acl;
  if (SaysValue(node)) SetValue(made, node, change);
  if (node.uri == kLargeObjects) change.large_objects = true;
  return made;
}

// False: there is nothing to write.
bool Renew(PageNode& stored, const Node& node, TreeChange& change) {
  if (stored.reported_at >= node.reported_at) return false;
  std::optional<Coded> format = Said(node, node.format, CodeOfFormat);
  std::optional<Coded> type = Said(node, node.type, CodeOfType);
  const bool another_value = SaysValue(node) && !HasValue(stored, node.value);
  const bool another_acl = node.acl && stored.acl != std::string_view(*node.acl);
  if (!another_value && !another_acl && !Differs(format, stored.format) &&
      !Differs(type, stored.type) && stored.reported_at >= node.reported_at - kTimeMoves) {
    return false;
  }
  if (another_value && stored.has_value) change.past.push_back(PastOf(stored, node.reported_at));
  if (another_value) {
    stored.since.reset();
    SetValue(stored, node, change);
  } else if (!stored.since) {
    stored.since = stored.reported_at;
  }
  stored.reported_at = node.reported_at;
  if (format) stored.format = std::move(*format);
  if (type) stored.type = std::move(*type);
  if (node.acl) stored.acl = *node.acl;
  if (node.uri == kLargeObjects) change.large_objects = true;
  return true;
}

// Both in the order of their URIs.
bool MergeInto(std::vector<PageNode>& stored, std::span<const Node> nodes, TreeChange& change) {
  bool changed = false;
  std::vector<PageNode> merged;
  merged.reserve(stored.size() + nodes.size());
  auto next = stored.begin();
  for (const Node& node : nodes) {
    while (next != stored.end() && next->uri < node.uri) merged.push_back(std::move(*next++));
    if (next != stored.end() && next->uri == node.uri) {
      changed = Renew(*next, node, change) || changed;
      merged.push_back(std::move(*next++));
    } else {
      merged.push_back(NewNode(node, change));
      changed = true;
    }
  }
  std::move(next, stored.end(), std::back_inserter(merged));
  stored = std::move(merged);
  return changed;
}

auto LowerBound(std::vector<PageNode>& nodes, std::string_view uri) {
  return std::ranges::lower_bound(nodes, uri, std::less<std::string_view>(), &PageNode::uri);
}

size_t OctetsOf(const OpenTree::OpenPage& open) {
  return open.changed ? EncodePage(open.page.nodes, open.page.base).size() : open.octets;
}

}  // namespace

Result<OpenTree> OpenTree::Open(LoadedTree loaded) {
  OpenTree tree;
  tree.whole_ = loaded.whole;
  tree.stored_ = std::move(loaded.pages);
  tree.pages_.reserve(tree.stored_.size());
  for (const StoredPage& stored : tree.stored_) {
    DROVER_TRY(Page page, DecodePage(stored.content));
    tree.pages_.push_back(
        {stored.first_uri, stored.version, stored.content.size(), std::move(page)});
  }
  return tree;
}

// The page whose range has the URI; pages_ begins at or before it.
size_t OpenTree::Covering(std::string_view uri) const {
  const auto after =
      std::ranges::upper_bound(pages_, uri, std::less<std::string_view>(), &OpenPage::first_uri);
  return after == pages_.begin() ? 0 : static_cast<size_t>(after - pages_.begin()) - 1;
}

const PageNode* OpenTree::Find(std::string_view uri) const {
  if (pages_.empty()) return nullptr;
  const std::vector<PageNode>& nodes = pages_[Covering(uri)].page.nodes;
  const auto found =
      std::ranges::lower_bound(nodes, uri, std::less<std::string_view>(), &PageNode::uri);
  return found != nodes.end() && found->uri == uri ? &*found : nullptr;
}

TreeChange OpenTree::Apply(const Report& report, TimePoint now) {
  TreeChange change;
  for (const std::string& root : report.deleted) Delete(root, now, change);
  Write(report.nodes, change);
  if (whole_) JoinSmall(change);
  Collect(change);
  return change;
}

// A first page, where there is none yet.
void OpenTree::Begin(std::string_view uri) {
  if (!pages_.empty() && pages_.front().first_uri <= uri) return;
  pages_.emplace(pages_.begin());
}

void OpenTree::Delete(std::string_view root, TimePoint now, TreeChange& change) {
  if (pages_.empty()) return;
  const SubtreeBounds bounds = SubtreeOf(root);
  for (size_t i = Covering(bounds.at); i < pages_.size(); ++i) {
    if (pages_[i].first_uri >= bounds.end) break;
    Remove(pages_[i], bounds.at, bounds.at + '\0', now, change);
    Remove(pages_[i], bounds.from, bounds.end, now, change);
  }
}

void OpenTree::Remove(OpenPage& page, std::string_view from, std::string_view end, TimePoint now,
                      TreeChange& change) {
  std::vector<PageNode>& nodes = page.page.nodes;
  const auto first = LowerBound(nodes, from);
  const auto last = LowerBound(nodes, end);
  for (auto node = first; node != last; ++node) {
    change.past.push_back(PastOf(*node, now));
    if (node->large) change.large_gone.push_back(node->uri);
    if (node->uri == kLargeObjects) change.large_objects = true;
    page.changed = true;
  }
  nodes.erase(first, last);
}

void OpenTree::Write(std::span<const Node> nodes, TreeChange& change) {
  if (!nodes.empty()) Begin(nodes.front().uri);
  while (!nodes.empty()) {
    const size_t at = Covering(nodes.front().uri);
    size_t count = nodes.size();
    if (at + 1 < pages_.size()) {
      const std::string& next = pages_[at + 1].first_uri;
      const auto end = std::ranges::lower_bound(nodes, next, {}, &Node::uri);
      count = static_cast<size_t>(end - nodes.begin());
    }
    OpenPage& page = pages_[at];
    page.changed = MergeInto(page.page.nodes, nodes.first(count), change) || page.changed;
    nodes = nodes.subspan(count);
  }
}

// Changed pages that leave more than half a page empty together with a neighbour. Only of a whole
// tree: else nobody knows what lies between.
void OpenTree::JoinSmall(TreeChange& change) {
  for (size_t i = 0; i + 1 < pages_.size();) {
    OpenPage& left = pages_[i];
    OpenPage& right = pages_[i + 1];
    if ((!left.changed && !right.changed) || OctetsOf(left) + OctetsOf(right) > kPageOctets / 2) {
      ++i;
      continue;
    }
    std::ranges::move(right.page.nodes, std::back_inserter(left.page.nodes));
    left.changed = true;
    change.pages_gone.push_back({right.first_uri, right.version});
    pages_.erase(pages_.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }
}

void OpenTree::Collect(TreeChange& change) const {
  const auto no_nodes = [](const OpenPage& open) { return open.page.nodes.empty(); };
  const bool nothing_left = whole_ && std::ranges::all_of(pages_, no_nodes);
  for (const OpenPage& open : pages_) {
    if (!open.changed) continue;
    if (no_nodes(open) && (nothing_left || !open.first_uri.empty())) {
      if (open.version != 0) change.pages_gone.push_back({open.first_uri, open.version});
      continue;
    }
    const TimePoint base = BaseOf(open.page.nodes, open.page.base);
    PageWrite write{open.first_uri, open.version, {}, false};
    for (EncodedPage& encoded : EncodePages(open.page.nodes, base)) {
      write.content = std::move(encoded.content);
      write.objects = std::ranges::any_of(encoded.nodes, MayBeObject);
      change.pages.push_back(std::move(write));
      // Those that follow are new, and begin with their first node.
      const PageNode* next = encoded.nodes.data() + encoded.nodes.size();
      const bool last = next == open.page.nodes.data() + open.page.nodes.size();
      write = {last ? std::string() : next->uri, 0, {}, false};
    }
  }
}

std::vector<UriRange> RangesOf(const Report& report) {
  std::vector<UriRange> ranges;
  for (const Node& node : report.nodes) ranges.push_back({node.uri, node.uri});
  for (const std::string& root : report.deleted) {
    SubtreeBounds bounds = SubtreeOf(root);
    ranges.push_back({std::move(bounds.at), std::move(bounds.end)});
  }
  if (ranges.size() <= kMaxRanges) return ranges;
  UriRange all{std::ranges::min(ranges, {}, &UriRange::first).first,
               std::ranges::max(ranges, {}, &UriRange::last).last};
  return {std::move(all)};
}

Node ToNode(const PageNode& stored) {
  Node node;
  node.uri = stored.uri;
  node.format = stored.format.text ? *stored.format.text : FormatOf(stored.format.code);
  node.type = stored.type.text ? *stored.type.text : TypeOf(stored.type.code);
  node.without_value = !stored.has_value;
  node.value = stored.value;
  node.reported_at = stored.reported_at;
  if (stored.acl) node.acl = *stored.acl;
  return node;
}

}  // namespace drover::tree
