#include "libs/dmtree/ddf.h"

#include <array>
#include <charconv>
#include <utility>

#include "libs/dmtree/loc_uri.h"
#include "libs/dmtree/mgmt_tree.h"
#include "libs/wbxml/xml_text.h"

namespace drover::dmtree {
namespace {

using Kind = DdfOccurrence::Kind;

constexpr std::array<std::pair<std::string_view, DdfAccess>, 6> kAccess = {{
    {"Add", DdfAccess::kAdd},
    {"Copy", DdfAccess::kCopy},
    {"Delete", DdfAccess::kDelete},
    {"Exec", DdfAccess::kExec},
    {"Get", DdfAccess::kGet},
    {"Replace", DdfAccess::kReplace},
}};
constexpr std::array<std::pair<std::string_view, Kind>, 6> kOccurrences = {{
    {"One", Kind::kOne},
    {"ZeroOrOne", Kind::kZeroOrOne},
    {"ZeroOrMore", Kind::kZeroOrMore},
    {"OneOrMore", Kind::kOneOrMore},
    {"ZeroOrN", Kind::kZeroOrN},
    {"OneOrN", Kind::kOneOrN},
}};
constexpr uint32_t kMostOccurrences = 65'536;

bool HasCount(Kind kind) { return kind == Kind::kZeroOrN || kind == Kind::kOneOrN; }

Result<DdfOccurrence> OccurrenceIn(const pugi::xml_node& element) {
  const pugi::xml_node choice = FirstElement(element);
  DdfOccurrence occurrence;
  bool known = false;
  for (const auto& [name, kind] : kOccurrences) {
    if (LocalName(choice) != name) continue;
    occurrence.kind = kind;
    known = true;
  }
  if (!known) {
    return InvalidArgument("Occurrence \"" + std::string(LocalName(choice)) +
                           "\" is none that there is");
  }
  if (!HasCount(occurrence.kind)) return occurrence;
  const std::string count = Text(choice);
  const char* const end = count.data() + count.size();
  const auto parsed = std::from_chars(count.data(), end, occurrence.most);
  if (parsed.ec != std::errc() || parsed.ptr != end || occurrence.most < 1 ||
      occurrence.most > kMostOccurrences) {
    return InvalidArgument("Occurrence of \"" + count + "\": expected 2..65536");
  }
  return occurrence;
}

std::vector<NodeType> TypesIn(const pugi::xml_node& element) {
  std::vector<NodeType> types;
  for (const pugi::xml_node& child : element.children()) {
    const std::string_view name = LocalName(child);
    if (name == "MIME" || name == "DDFName") types.push_back({Text(child), name == "DDFName"});
  }
  return types;
}

class Decoder {
 public:
  Decoder(const DdfLimits& limits, Ddf& out) : limits_(limits), out_(out) {}

  Result<void> Read(const pugi::xml_node& root) {
    out_.manufacturer = ChildText(root, "Man");
    out_.model = ChildText(root, "Mod");
    for (const pugi::xml_node& child : root.children()) {
      if (LocalName(child) != "Node") continue;
      DdfNode node;
      node.path = ChildText(child, "Path");
      DROVER_TRY(ReadNode(child, node.path, 1, node));
      out_.nodes.push_back(std::move(node));
    }
    if (count_ == 0) return InvalidArgument("a MgmtTree without a Node");
    return {};
  }

 private:
  Result<void> ReadNode(const pugi::xml_node& element, const std::string& parent, uint32_t depth,
                        DdfNode& node) {
    node.name = ChildText(element, "NodeName");
    const std::string uri =
        (parent.empty() ? "" : parent + "/") + (node.name.empty() ? "<X>" : node.name);
    const Result<void> read = ReadContent(element, depth, node);
    if (!read) return Error{read.error().code, "node \"" + uri + "\": " + read.error().message};
    for (const pugi::xml_node& child : element.children()) {
      if (LocalName(child) != "Node") continue;
      DdfNode below;
      DROVER_TRY(ReadNode(child, uri, depth + 1, below));
      node.children.push_back(std::move(below));
    }
    return {};
  }

  Result<void> ReadContent(const pugi::xml_node& element, uint32_t depth, DdfNode& node) {
    if (++count_ > limits_.nodes) {
      return OutOfRange("more than " + std::to_string(limits_.nodes) + " nodes");
    }
    if (depth > limits_.depth) {
      return OutOfRange("nested deeper than " + std::to_string(limits_.depth));
    }
    if (node.name.find_first_of("/?") != std::string::npos) {
      return InvalidArgument("\"/\" or \"?\" in a NodeName");
    }
    if (const pugi::xml_node rt = Child(element, "RTProperties"); !rt.empty()) {
      DROVER_TRY(node.rt_properties, PropertiesIn(rt));
    }
    DROVER_TRY(ReadDescription(Child(element, "DFProperties"), node));
    if (const pugi::xml_node value = Child(element, "Value"); !value.empty()) {
      DROVER_TRY(node.value, ValueIn(value, node.format));
    }
    return {};
  }

  static Result<void> ReadDescription(const pugi::xml_node& df, DdfNode& node) {
    for (const pugi::xml_node& child : Child(df, "AccessType").children()) {
      for (const auto& [name, access] : kAccess) {
        if (LocalName(child) == name) node.access |= static_cast<uint8_t>(access);
      }
    }
    if (const pugi::xml_node format = Child(df, "DFFormat"); !format.empty()) {
      DROVER_TRY(node.format, FormatIn(format));
    }
    if (const pugi::xml_node value = Child(df, "DefaultValue"); !value.empty()) {
      node.default_value = Content(value);
    }
    node.description = OptionalText(df, "Description");
    node.title = OptionalText(df, "DFTitle");
    if (const pugi::xml_node times = Child(df, "Occurrence"); !FirstElement(times).empty()) {
      DROVER_TRY(node.occurrence, OccurrenceIn(times));
    }
    if (const pugi::xml_node scope = FirstElement(Child(df, "Scope")); !scope.empty()) {
      node.permanent = LocalName(scope) == "Permanent";
    }
    node.types = TypesIn(Child(df, "DFType"));
    if (const pugi::xml_node sense = FirstElement(Child(df, "CaseSense")); !sense.empty()) {
      node.case_sensitive = LocalName(sense) == "CS";
    }
    return {};
  }

  const DdfLimits& limits_;
  Ddf& out_;
  uint32_t count_ = 0;
};

class Encoder {
 public:
  Encoder(TndsForm form, std::string& out) : writer_(form, out) {}

  void Write(const Ddf& ddf) {
    writer_.Begin(ddf.manufacturer, ddf.model);
    for (const DdfNode& node : ddf.nodes) WriteNode(node);
    writer_.Finish();
  }

 private:
  void WriteNode(const DdfNode& node) {
    writer_.Open("Node");
    writer_.Leaf("NodeName", node.name);
    if (!node.path.empty()) writer_.Leaf("Path", node.path);
    if (node.rt_properties) writer_.Properties(*node.rt_properties);
    const std::string_view format =
        node.value ? FormatToWrite(*node.value, node.format) : std::string_view(node.format);
    WriteDescription(node, format);
    if (node.value) writer_.Value(*node.value, format);
    for (const DdfNode& child : node.children) WriteNode(child);
    writer_.Close("Node");
  }

  void WriteDescription(const DdfNode& node, std::string_view format) {
    writer_.Open("DFProperties");
    WriteAccess(node);
    writer_.OptionalLeaf("DefaultValue", node.default_value);
    writer_.OptionalLeaf("Description", node.description);
    if (!format.empty()) writer_.Choice("DFFormat", format);
    if (node.occurrence) WriteOccurrence(*node.occurrence);
    if (node.permanent) writer_.Choice("Scope", *node.permanent ? "Permanent" : "Dynamic");
    writer_.OptionalLeaf("DFTitle", node.title);
    if (!node.types.empty()) {
      writer_.Open("DFType");
      for (const NodeType& type : node.types) {
        writer_.Leaf(type.ddf_name ? "DDFName" : "MIME", type.text);
      }
      writer_.Close("DFType");
    }
    if (node.case_sensitive) writer_.Choice("CaseSense", *node.case_sensitive ? "CS" : "CIS");
    writer_.Close("DFProperties");
  }

  void WriteAccess(const DdfNode& node) {
    if (node.access == 0) return writer_.Empty("AccessType");
    writer_.Open("AccessType");
    for (const auto& [name, access] : kAccess) {
      if (node.Allows(access)) writer_.Empty(name);
    }
    writer_.Close("AccessType");
  }

  void WriteOccurrence(const DdfOccurrence& occurrence) {
    const std::string_view name = kOccurrences[static_cast<size_t>(occurrence.kind)].first;
    if (!HasCount(occurrence.kind)) return writer_.Choice("Occurrence", name);
    writer_.Open("Occurrence");
    writer_.Leaf(name, std::to_string(occurrence.most));
    writer_.Close("Occurrence");
  }

  MgmtTreeWriter writer_;
};

size_t CountBelow(const std::vector<DdfNode>& nodes) {
  size_t count = nodes.size();
  for (const DdfNode& node : nodes) count += CountBelow(node.children);
  return count;
}

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool SameName(std::string_view a, std::string_view b, bool case_sensitive) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (case_sensitive ? a[i] != b[i] : Lower(a[i]) != Lower(b[i])) return false;
  }
  return true;
}

// "", "." and "./" are the root; "A/B" is "./A/B".
std::string FullPath(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  if (path.empty() || path == "." || path == "/") return ".";
  if (path.starts_with("./")) return std::string(path);
  return std::string(path.starts_with('/') ? "." : "./") + std::string(path);
}

bool IsRoot(const DdfNode& node) {
  return FullPath(node.path) == "." && (node.name == "." || node.name == "./");
}

// An outermost node that says neither where it is nor what it is called: a management object's.
bool IsFloating(const DdfNode& node) { return node.name.empty() && node.path.empty(); }

std::string_view ObjectOf(const DdfNode& node) {
  return node.types.size() == 1 && node.types[0].ddf_name ? std::string_view(node.types[0].text)
                                                          : std::string_view();
}

// Walks down one description, segment by segment.
class Walk {
 public:
  Walk(const Ddf& ddf, const std::vector<std::string>& names) : ddf_(ddf), names_(names) {}

  // from: the first of names below node, which describes the node before it.
  DdfMatch Below(const DdfNode& outermost, size_t from, bool case_sensitive) const {
    const DdfNode* node = &outermost;
    const DdfNode* parent = nullptr;
    for (size_t i = from; i < names_.size(); ++i) {
      const DdfNode& described = Description(*node);
      case_sensitive = described.case_sensitive.value_or(case_sensitive);
      const DdfNode* child = Find(described.children, names_[i], case_sensitive);
      if (child == nullptr) return Missing(described, i);
      parent = node;
      node = child;
    }
    return {DdfMatch::Kind::kDescribed, node, parent, {}};
  }

  static const DdfNode* Find(const std::vector<DdfNode>& nodes, std::string_view name,
                             bool case_sensitive) {
    const DdfNode* unnamed = nullptr;
    for (const DdfNode& node : nodes) {
      if (node.name.empty()) unnamed = &node;
      const bool strict = node.case_sensitive.value_or(case_sensitive);
      if (!node.name.empty() && SameName(DecodeSegment(node.name), name, strict)) return &node;
    }
    return unnamed;
  }

 private:
  // The node itself, or the description of the management object that it says it is.
  const DdfNode& Description(const DdfNode& node) const {
    if (!node.children.empty() || ObjectOf(node).empty()) return node;
    for (const DdfNode& other : ddf_.nodes) {
      if (IsFloating(other) && ObjectOf(other) == ObjectOf(node)) return other;
    }
    return node;
  }

  DdfMatch Missing(const DdfNode& node, size_t depth) const {
    const bool elsewhere = node.children.empty() && !ObjectOf(node).empty();
    const bool anything = node.name == "Ext" && node.children.empty();
    if (elsewhere || anything) return {};
    std::string at = ".";
    for (size_t i = 0; i < depth; ++i) at += "/" + EncodeSegment(names_[i]);
    return {DdfMatch::Kind::kAbsent, &node, nullptr, std::move(at)};
  }

  const Ddf& ddf_;
  const std::vector<std::string>& names_;
};

std::vector<std::string> NamesIn(std::string_view uri) {
  std::vector<std::string> names;
  if (uri.size() <= 2) return names;
  uri.remove_prefix(2);
  for (size_t begin = 0; begin <= uri.size();) {
    const size_t end = std::min(uri.find('/', begin), uri.size());
    names.push_back(DecodeSegment(uri.substr(begin, end - begin)));
    begin = end + 1;
  }
  return names;
}

// How many of names lie before and in the place that the outermost node describes; 0: it does not
// describe what names lead to. (The root, which lies before all names, is asked for elsewhere.)
size_t Depth(const DdfNode& node, const std::vector<std::string>& names) {
  const std::vector<std::string> path = NamesIn(FullPath(node.path));
  if (path.size() + 1 > names.size()) return 0;
  for (size_t i = 0; i < path.size(); ++i) {
    if (path[i] != names[i]) return 0;
  }
  const bool strict = node.case_sensitive.value_or(true);
  const bool named =
      node.name.empty() || SameName(DecodeSegment(node.name), names[path.size()], strict);
  return named ? path.size() + 1 : 0;
}

bool DescribesAll(const std::vector<DdfNode>& nodes) {
  for (const DdfNode& node : nodes) {
    if (FullPath(node.path) == "." && node.name == "DevInfo") return true;
  }
  return false;
}

}  // namespace

size_t Ddf::Count() const { return CountBelow(nodes); }

DdfMatch Ddf::Match(std::string_view uri) const {
  const std::vector<std::string> names = NamesIn(uri);
  const Walk walk(*this, names);
  const DdfNode* root = nullptr;
  const DdfNode* nearest = nullptr;
  size_t depth = 0;
  for (const DdfNode& node : nodes) {
    if (IsRoot(node)) {
      root = &node;
    } else if (!IsFloating(node)) {
      const size_t here = Depth(node, names);
      // At one place a name goes before no name.
      if (here > depth || (here != 0 && here == depth && nearest->name.empty())) {
        nearest = &node;
        depth = here;
      }
    }
  }
  if (nearest != nullptr) return walk.Below(*nearest, depth, true);
  if (root != nullptr) return walk.Below(*root, 0, true);
  if (names.empty() || !DescribesAll(nodes)) return {};
  return {DdfMatch::Kind::kAbsent, nullptr, nullptr, "."};
}

Result<Ddf> DecodeDdf(std::string_view octets, const DdfLimits& limits) {
  DROVER_TRY(const MgmtTreeDocument document, MgmtTreeDocument::Parse(octets, limits.octets));
  Ddf ddf;
  DROVER_TRY(Decoder(limits, ddf).Read(document.root()));
  return ddf;
}

std::string EncodeDdf(const Ddf& ddf, TndsForm form) {
  std::string out;
  Encoder(form, out).Write(ddf);
  return out;
}

std::string_view Name(DdfAccess access) {
  for (const auto& [name, known] : kAccess) {
    if (known == access) return name;
  }
  return {};
}

}  // namespace drover::dmtree
