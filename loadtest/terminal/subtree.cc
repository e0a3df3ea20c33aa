// A subtree as one object (TNDS): read with ?list=TNDS, added and replaced all or nothing.
//
// Spec: OMA-TS-DM_TNDS-V1_2; OMA-TS-DM_TND-V1_2, "?list=TNDS", "Addition of nodes", "Replacement".
#include <algorithm>
#include <array>

#include "libs/dmtree/tnds.h"
#include "loadtest/terminal/commands.h"

namespace drover::terminal {
namespace {

constexpr int kOk = 200;
constexpr int kNotFound = 404;
constexpr int kNotAllowed = 405;
constexpr int kNotSupported = 406;
constexpr int kUnsupportedFormat = 415;
constexpr int kAlreadyExists = 418;
constexpr int kPermissionDenied = 425;
constexpr int kCommandFailed = 500;

constexpr std::string_view kInbox = "Inbox";
constexpr std::array<std::string_view, 9> kProperties{"ACL",    "Format", "Name",  "Size", "Title",
                                                      "TStamp", "Type",   "VerNo", "Value"};

// Which properties "+Value+ACL" or "-Format" ask for; all without either.
class Selection {
 public:
  // false: a name that there is none of, or both signs.
  bool Parse(std::string_view text) {
    if (text.empty()) return true;
    sign_ = text.front();
    if (sign_ != '+' && sign_ != '-') return false;
    while (!text.empty()) {
      if (text.front() != sign_) return false;
      const size_t end = std::min(text.find_first_of("+-", 1), text.size());
      names_.push_back(text.substr(1, end - 1));
      if (std::ranges::find(kProperties, names_.back()) == kProperties.end()) return false;
      text.remove_prefix(end);
    }
    return true;
  }
  bool Has(std::string_view name) const {
    const bool named = std::ranges::find(names_, name) != names_.end();
    return sign_ == '+' ? named : !named;
  }

 private:
  char sign_ = ' ';
  std::vector<std::string_view> names_;
};

dmtree::TndsNode NodeOf(const NodeNow& now, const Selection& selection) {
  dmtree::TndsNode node;
  dmtree::NodeProperties& properties = node.properties;
  const Node& of = *now.node;
  if (selection.Has("ACL") && !of.acl.empty()) properties.acl = of.acl;
  if (selection.Has("Format")) properties.format = of.format;
  if (selection.Has("Type")) properties.type = dmtree::NodeType{of.type, now.interior()};
  if (selection.Has("Title") && !of.title.empty()) properties.title = of.title;
  if (selection.Has("VerNo")) properties.ver_no = std::to_string(now.version);
  if (now.interior()) return node;
  if (selection.Has("Size")) properties.size = std::to_string(now.value.size());
  if (selection.Has("Value")) node.value = now.value;
  return node;
}

std::string PathOf(std::string_view uri) {
  if (uri.starts_with("./")) uri.remove_prefix(2);
  return std::string(uri);
}

}  // namespace

int TreeCommands::RefusesTnds(bool in_list) const {
  if (quirks_.Has(Quirk::kTndsRefused406)) return kNotSupported;
  if (!quirks_.Has(Quirk::kNoTnds)) return kOk;
  return in_list ? kNotSupported : kUnsupportedFormat;
}

int TreeCommands::GetTnds(const NodeUri& uri, std::vector<Reported>& reported) const {
  if (const int refused = RefusesTnds(true); refused != kOk) return refused;
  Selection selection;
  if (!selection.Parse(std::string_view(uri.list).substr(4))) return kNotSupported;
  if (const int status = Permitted(uri.path, kAccessGet, Right::kGet); status != kOk) return status;
  const bool root = uri.path == ".";
  std::vector<std::string> paths = tree_.Below(uri.path);
  paths.insert(paths.begin(), uri.path);
  dmtree::Tnds tnds;
  for (const std::string& path : paths) {
    if (Permitted(path, kAccessGet, Right::kGet) != kOk) continue;
    dmtree::TndsNode& node = tnds.nodes.emplace_back(NodeOf(*tree_.Find(path), selection));
    // From the last segment of where it was asked for.
    const size_t above = uri.path.size() - NameOf(uri.path).size();
    node.uri = !root ? path.substr(above) : path == "." ? "" : path;
  }
  Reported& item = reported.emplace_back();
  item.uri = UriOf(uri.path);
  item.form = Reported::Form::kTnds;
  const bool embedded = quirks_.Has(Quirk::kTndsEmbedded);
  const bool in_line = quirks_.Has(Quirk::kTndsInline);
  item.format = embedded || in_line ? "bin" : "xml";
  item.type = embedded || in_line ? "application/vnd.syncml.dmtnds+wbxml"
                                  : "application/vnd.syncml.dmtnds+xml";
  item.data = dmtree::EncodeTnds(tnds, in_line    ? dmtree::TndsForm::kInline
                                       : embedded ? dmtree::TndsForm::kWbxml
                                                  : dmtree::TndsForm::kXml);
  if (in_line) item.form = Reported::Form::kInlineTnds;
  return kOk;
}

std::string TreeCommands::PlaceFor(const dmtree::Tnds& tnds) const {
  const dmtree::TndsNode& outermost = tnds.nodes.front();
  if (!outermost.properties.type || !outermost.properties.type->ddf_name) return "";
  for (const std::string& path : tree_.Below(".")) {
    const NodeNow now = *tree_.Find(path);
    if (now.interior() && now.node->type == outermost.properties.type->text) {
      return UriOf(ParentOf(path));
    }
  }
  return "";
}

int TreeCommands::ReadTnds(const NodeUri& uri, std::string_view data, dmtree::Tnds& tnds) const {
  Result<dmtree::Tnds> decoded = dmtree::DecodeTnds(data);
  if (!decoded || decoded->nodes.empty()) return kUnsupportedFormat;
  tnds = std::move(*decoded);
  dmtree::FillFormats(tnds);
  std::string place = UriOf(uri.path);
  if (uri.path == kInbox) {
    if (!Allowed(kInbox, Right::kAdd)) return kPermissionDenied;
    place = PlaceFor(tnds);
    if (place.empty()) return kNotFound;
  }
  if (!dmtree::PlaceAt(tnds, place)) return kCommandFailed;
  NodeUri parsed;
  for (const dmtree::TndsNode& node : tnds.nodes) {
    if (const int status = Parse(node.uri, parsed); status != kOk) return status;
  }
  return kOk;
}

int TreeCommands::AddNode(const dmtree::TndsNode& node) {
  NodeUri uri;
  uri.path = PathOf(node.uri);
  if (tree_.Find(uri.path)) return kAlreadyExists;
  const std::string type = node.properties.type ? node.properties.type->text : std::string();
  return AddLeafOrNode(uri, *node.properties.format, type, node.value.value_or(""));
}

int TreeCommands::SetAcls(const dmtree::Tnds& tnds) {
  for (const dmtree::TndsNode& node : tnds.nodes) {
    const std::string path = PathOf(node.uri);
    if (node.properties.acl && !AclIsValid(*node.properties.acl)) return kCommandFailed;
    if (node.properties.acl && *node.properties.acl != tree_.Find(path)->node->acl) {
      tree_.SetAcl(path, *node.properties.acl);
    }
    if (node.properties.title && *node.properties.title != tree_.Find(path)->node->title) {
      tree_.SetTitle(path, *node.properties.title);
    }
  }
  return kOk;
}

int TreeCommands::AddTnds(const NodeUri& uri, std::string_view data) {
  if (const int refused = RefusesTnds(false); refused != kOk) return refused;
  dmtree::Tnds tnds;
  if (const int status = ReadTnds(uri, data, tnds); status != kOk) return status;
  ManagementTree before = tree_;
  int status = kOk;
  for (const dmtree::TndsNode& node : tnds.nodes) {
    if (status == kOk) status = AddNode(node);
  }
  // Last, or the new lists would bar what is still to come.
  if (status == kOk) status = SetAcls(tnds);
  if (status != kOk) tree_ = std::move(before);
  return status;
}

int TreeCommands::RemoveUnlisted(const NodeUri& uri, const dmtree::Tnds& tnds) {
  for (const std::string& path : tree_.Below(uri.path)) {
    const std::optional<NodeNow> now = tree_.Find(path);
    if (!now) continue;  // Gone with the one above.
    const auto is_it = [&path](const dmtree::TndsNode& node) { return PathOf(node.uri) == path; };
    if (std::ranges::any_of(tnds.nodes, is_it)) continue;
    if (now->node->permanent) return kNotAllowed;
    tree_.Remove(path);
  }
  return kOk;
}

int TreeCommands::ReplaceTnds(const NodeUri& uri, std::string_view data) {
  if (const int refused = RefusesTnds(false); refused != kOk) return refused;
  const int permitted = Permitted(uri.path, kAccessReplace, Right::kReplace);
  if (permitted != kOk) return permitted;
  dmtree::Tnds tnds;
  if (const int status = ReadTnds(uri, data, tnds); status != kOk) return status;
  ManagementTree before = tree_;
  int status = RemoveUnlisted(uri, tnds);
  for (const dmtree::TndsNode& node : tnds.nodes) {
    if (status != kOk) break;
    const std::optional<NodeNow> now = tree_.Find(PathOf(node.uri));
    if (!now) {
      status = AddNode(node);
    } else if (now->interior() != (*node.properties.format == "node")) {
      status = kUnsupportedFormat;
    } else if (!now->interior() && node.value && *node.value != now->value) {
      status = Replace(node.uri, *node.properties.format, "", *node.value);
    }
  }
  if (status == kOk) status = SetAcls(tnds);
  if (status != kOk) tree_ = std::move(before);
  return status;
}

}  // namespace drover::terminal
