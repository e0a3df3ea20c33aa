#include "libs/dmtree/tnds.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "libs/dmtree/loc_uri.h"
#include "libs/dmtree/mgmt_tree.h"

namespace drover::dmtree {
namespace {

std::string Join(const std::string& parent, const std::string& name) {
  if (parent.empty()) return name;
  return name.empty() ? parent : parent + "/" + name;
}

// nullopt: it is outermost wherever it stands.
std::optional<std::string_view> ParentOf(std::string_view uri) {
  if (uri.empty() || uri == ".") return std::nullopt;
  const size_t slash = uri.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : uri.substr(0, slash);
}

std::string_view NameOf(std::string_view uri) { return uri.substr(uri.rfind('/') + 1); }

Error Named(const std::string& uri, const Error& error) {
  return {error.code, "node \"" + uri + "\": " + error.message};
}

Result<void> CheckUri(const std::string& uri) {
  if (uri.empty()) return {};
  DROVER_TRY(const LocUri parsed, LocUri::Parse(uri));
  if (parsed.query() != Query::kNone) return InvalidArgument("\"?\" in a name");
  return {};
}

// A Path as it stands to "", "A/B" or "./A/B".
std::string PathOf(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  if (path == "/") return ".";
  return path.starts_with('/') ? "." + path : path;
}

Result<void> SortNodes(std::vector<TndsNode>& nodes) {
  std::ranges::sort(nodes,
                    [](const TndsNode& a, const TndsNode& b) { return UriBefore(a.uri, b.uri); });
  const auto twice =
      std::ranges::adjacent_find(nodes, std::ranges::equal_to(),
                                 [](const TndsNode& node) { return std::string_view(node.uri); });
  if (twice != nodes.end()) {
    return InvalidArgument("node \"" + twice->uri + "\" is there twice");
  }
  // A Path, or a root without a name, puts nodes below one that is written beside them.
  const auto leaf =
      std::ranges::adjacent_find(nodes, [](const TndsNode& node, const TndsNode& next) {
        return node.value && (node.uri.empty() || next.uri.starts_with(node.uri + "/"));
      });
  if (leaf == nodes.end()) return {};
  return InvalidArgument("node \"" + leaf->uri + "\": a Value and nodes below");
}

class Decoder {
 public:
  Decoder(const TndsLimits& limits, Tnds& out) : limits_(limits), out_(out) {}

  Result<void> Read(const pugi::xml_node& root) {
    out_.manufacturer = ChildText(root, "Man");
    out_.model = ChildText(root, "Mod");
    for (const pugi::xml_node& child : root.children()) {
      if (LocalName(child) != "Node") continue;
      const std::string path = PathOf(ChildText(child, "Path"));
      DROVER_TRY(ReadNode(child, path, 1));
    }
    return SortNodes(out_.nodes);
  }

 private:
  Result<void> ReadNode(const pugi::xml_node& element, const std::string& parent, uint32_t depth) {
    const std::string name = ChildText(element, "NodeName");
    const std::string uri = Join(parent, name);
    const Result<void> checked = CheckPlace(name, uri, depth);
    if (!checked) return Named(uri, checked.error());
    TndsNode node;
    node.uri = uri;
    const Result<void> read = ReadContent(element, node);
    if (!read) return Named(uri, read.error());
    out_.nodes.push_back(std::move(node));
    for (const pugi::xml_node& child : element.children()) {
      if (LocalName(child) == "Node") DROVER_TRY(ReadNode(child, uri, depth + 1));
    }
    return {};
  }

  Result<void> CheckPlace(const std::string& name, const std::string& uri, uint32_t depth) const {
    if (out_.nodes.size() >= limits_.nodes) {
      return OutOfRange("more than " + std::to_string(limits_.nodes) + " nodes");
    }
    if (depth > limits_.depth) {
      return OutOfRange("nested deeper than " + std::to_string(limits_.depth));
    }
    if (name.find('/') != std::string::npos) return InvalidArgument("\"/\" in a NodeName");
    if (name.empty() && depth > 1) return InvalidArgument("a node below it has no NodeName");
    return CheckUri(uri);
  }

  static Result<void> ReadContent(const pugi::xml_node& element, TndsNode& node) {
    DROVER_TRY(node.properties, PropertiesIn(Child(element, "RTProperties")));
    const pugi::xml_node value = Child(element, "Value");
    if (value.empty()) return {};
    if (!Child(element, "Node").empty()) return InvalidArgument("a Value and nodes below");
    DROVER_TRY(node.value, ValueIn(value, node.properties.format.value_or("chr")));
    return {};
  }

  const TndsLimits& limits_;
  Tnds& out_;
};

class Encoder {
 public:
  Encoder(const Tnds& tnds, TndsForm form, std::string& out) : tnds_(tnds), writer_(form, out) {}

  void Write() {
    Index();
    writer_.Begin(tnds_.manufacturer, tnds_.model);
    for (const TndsNode* node : outermost_) WriteNode(*node, true);
    writer_.Finish();
  }

 private:
  void Index() {
    std::vector<const TndsNode*> sorted;
    sorted.reserve(tnds_.nodes.size());
    for (const TndsNode& node : tnds_.nodes) sorted.push_back(&node);
    std::ranges::sort(
        sorted, [](const TndsNode* a, const TndsNode* b) { return UriBefore(a->uri, b->uri); });
    for (const TndsNode* node : sorted) children_[node->uri];
    for (const TndsNode* node : sorted) {
      const std::optional<std::string_view> parent = ParentOf(node->uri);
      const auto below = parent ? children_.find(*parent) : children_.end();
      (below == children_.end() ? outermost_ : below->second).push_back(node);
    }
  }

  void WriteNode(const TndsNode& node, bool outermost) {
    writer_.Open("Node");
    writer_.Leaf("NodeName", NameOf(node.uri));
    const std::string_view parent = ParentOf(node.uri).value_or(std::string_view());
    if (outermost && !parent.empty()) writer_.Leaf("Path", parent);
    NodeProperties properties = node.properties;
    const std::string format = properties.format.value_or("chr");
    const std::string written(node.value ? FormatToWrite(*node.value, format) : format);
    if (properties.format || written != format) properties.format = written;
    writer_.Properties(properties);
    if (node.value) writer_.Value(*node.value, written);
    for (const TndsNode* child : children_[node.uri]) WriteNode(*child, false);
    writer_.Close("Node");
  }

  const Tnds& tnds_;
  MgmtTreeWriter writer_;
  std::vector<const TndsNode*> outermost_;
  std::unordered_map<std::string_view, std::vector<const TndsNode*>> children_;
};

std::string Placed(const std::string& uri, const std::string& start) {
  if (uri.empty()) return start;
  if (uri == "." || uri.starts_with("./")) return uri;
  std::string from_root = "./" + uri;
  if (IsSelfOrBelow(from_root, start)) return from_root;
  const std::string_view first = std::string_view(uri).substr(0, uri.find('/'));
  if (first == NameOf(start)) return start + uri.substr(first.size());
  return start + "/" + uri;
}

}  // namespace

bool UriBefore(std::string_view a, std::string_view b) {
  const auto [left, right] = std::ranges::mismatch(a, b);
  if (left == a.end() || right == b.end()) return a.size() < b.size();
  const auto order = [](char c) { return c == '/' ? 0 : static_cast<int>(uint8_t(c)) + 1; };
  return order(*left) < order(*right);
}

Result<Tnds> DecodeTnds(std::string_view octets, const TndsLimits& limits) {
  DROVER_TRY(const MgmtTreeDocument document, MgmtTreeDocument::Parse(octets, limits.octets));
  Tnds tnds;
  DROVER_TRY(Decoder(limits, tnds).Read(document.root()));
  return tnds;
}

std::string EncodeTnds(const Tnds& tnds, TndsForm form) {
  std::string out;
  Encoder(tnds, form, out).Write();
  return out;
}

Result<void> PlaceAt(Tnds& tnds, std::string_view start) {
  const std::string at(start);
  for (TndsNode& node : tnds.nodes) node.uri = Placed(node.uri, at);
  return SortNodes(tnds.nodes);
}

void FillFormats(Tnds& tnds) {
  for (size_t i = 0; i < tnds.nodes.size(); ++i) {
    TndsNode& node = tnds.nodes[i];
    if (node.properties.format) continue;
    const bool last = i + 1 == tnds.nodes.size();
    const std::string_view next = last ? std::string_view() : tnds.nodes[i + 1].uri;
    const bool interior =
        !last && (node.uri.empty() ? next.front() != '.' : IsSelfOrBelow(next, node.uri));
    node.properties.format = interior ? "node" : "chr";
  }
}

}  // namespace drover::dmtree
