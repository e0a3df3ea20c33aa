#include "loadtest/terminal/commands.h"

#include <algorithm>
#include <charconv>

namespace drover::terminal {
namespace {

constexpr int kOk = 200;
constexpr int kNotFound = 404;
constexpr int kNotAllowed = 405;
constexpr int kNotSupported = 406;
constexpr int kUriTooLong = 414;
constexpr int kUnsupportedFormat = 415;
constexpr int kAlreadyExists = 418;
constexpr int kPermissionDenied = 425;
constexpr int kCommandFailed = 500;

constexpr std::string_view kTndsType = "application/vnd.syncml.dmtnds";
constexpr size_t kMaxTitle = 255;

// A node that a server adds may be used by it in every way.
constexpr uint8_t kAccessOfAdded =
    kAccessAdd | kAccessCopy | kAccessDelete | kAccessGet | kAccessReplace;

size_t Depth(std::string_view path) {
  return path == "." ? 1 : 2 + static_cast<size_t>(std::count(path.begin(), path.end(), '/'));
}

bool WellFormed(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.back() == '/') return false;
  while (true) {
    const size_t slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    if (segment.empty() || segment == "." || segment == "..") return false;
    if (slash == std::string_view::npos) return true;
    path = path.substr(slash + 1);
  }
}

// A limit of DevDetail/URI; 0: none.
size_t Limit(const ManagementTree& tree, std::string_view path) {
  const std::string text = tree.Value(path);
  size_t limit = 0;
  std::from_chars(text.data(), text.data() + text.size(), limit);
  return limit;
}

bool WithinLimits(const ManagementTree& tree, std::string_view uri, std::string_view path) {
  const size_t max_depth = Limit(tree, "DevDetail/URI/MaxDepth");
  const size_t max_total = Limit(tree, "DevDetail/URI/MaxTotLen");
  const size_t max_segment = Limit(tree, "DevDetail/URI/MaxSegLen");
  if (max_total != 0 && uri.size() > max_total) return false;
  if (max_depth != 0 && Depth(path) > max_depth) return false;
  size_t segment = 0;
  for (const char c : path) {
    segment = c == '/' ? 0 : segment + 1;
    if (max_segment != 0 && segment > max_segment) return false;
  }
  return true;
}

// Binary content is one format however it travels.
bool SameFormat(std::string_view a, std::string_view b) {
  const auto binary = [](std::string_view format) { return format == "bin" || format == "b64"; };
  return a == b || (binary(a) && binary(b));
}

bool IsValidValue(std::string_view format, std::string_view data) {
  if (format == "bool") return data == "true" || data == "false" || data == "1" || data == "0";
  if (format != "int") return true;
  int32_t number = 0;
  const auto [end, error] = std::from_chars(data.data(), data.data() + data.size(), number);
  return error == std::errc() && end == data.data() + data.size();
}

}  // namespace

std::string UriOf(std::string_view path) {
  return path == "." ? std::string(".") : "./" + std::string(path);
}

int TreeCommands::Parse(std::string_view uri, NodeUri& out) const {
  const size_t question = uri.find('?');
  std::string_view path = uri.substr(0, question);
  const std::string_view query =
      question == std::string_view::npos ? std::string_view() : uri.substr(question + 1);
  if (path.starts_with("./")) path.remove_prefix(2);
  if (path != "." && !WellFormed(path)) return kNotFound;
  out.path = path;
  if (!WithinLimits(tree_, uri, path)) return kUriTooLong;
  if (query.empty()) return kOk;
  if (query.starts_with("prop=")) {
    out.property = query.substr(5);
  } else if (query.starts_with("list=")) {
    out.list = query.substr(5);
  } else {
    return kNotSupported;
  }
  return kOk;
}

bool TreeCommands::Allowed(std::string_view path, Right right) const {
  for (std::string_view at = path; !at.empty(); at = ParentOf(at)) {
    const std::optional<NodeNow> now = tree_.Find(at);
    if (now && !now->node->acl.empty()) return AclAllows(now->node->acl, right, server_id_);
  }
  return AclAllows("Add=*&Get=*", right, server_id_);
}

int TreeCommands::Permitted(const std::string& path, Access access, Right right) const {
  const std::optional<NodeNow> now = tree_.Find(path);
  if (!now) return kNotFound;
  if ((now->node->access & access) == 0) return kNotAllowed;
  return Allowed(path, right) ? kOk : kPermissionDenied;
}

int TreeCommands::Get(std::string_view text, std::vector<Reported>& reported) const {
  NodeUri uri;
  if (const int status = Parse(text, uri); status != kOk) return status;
  if (!uri.list.empty()) return GetList(uri, reported);
  if (!uri.property.empty()) return GetProperty(uri, reported);
  if (const int status = Permitted(uri.path, kAccessGet, Right::kGet); status != kOk) return status;
  const NodeNow now = *tree_.Find(uri.path);
  Reported& item = reported.emplace_back();
  item.uri = text;
  item.format = now.node->format;
  item.type = "text/plain";
  if (!now.interior()) {
    item.type = now.node->type;
    item.data = now.value;
    return kOk;
  }
  for (const std::string& name : tree_.Children(uri.path)) {
    if (!item.data.empty()) item.data += '/';
    item.data += name;
  }
  return kOk;
}

int TreeCommands::GetProperty(const NodeUri& uri, std::vector<Reported>& reported) const {
  const std::optional<NodeNow> now = tree_.Find(uri.path);
  if (!now) return kNotFound;
  if (!Allowed(uri.path, Right::kGet)) return kPermissionDenied;
  Reported item;
  item.uri = UriOf(uri.path) + "?prop=" + uri.property;
  if (uri.property == "ACL") {
    item.data = now->node->acl;
  } else if (uri.property == "Format") {
    item.data = now->node->format;
  } else if (uri.property == "Name") {
    item.data = NameOf(uri.path);
  } else if (uri.property == "Type") {
    item.data = now->node->type;
  } else if (uri.property == "Title") {
    item.data = now->node->title;
  } else if (uri.property == "VerNo") {
    item.data = std::to_string(now->version);
  } else if (uri.property == "Size" && !now->interior()) {
    item.data = std::to_string(now->value.size());
  } else {
    return kNotSupported;
  }
  reported.push_back(std::move(item));
  return kOk;
}

int TreeCommands::GetList(const NodeUri& uri, std::vector<Reported>& reported) const {
  if (quirks_.Has(Quirk::kNoList)) return kNotSupported;
  if (uri.list.starts_with("TNDS")) return GetTnds(uri, reported);
  if (uri.list != "Struct" && uri.list != "StructData") return kNotSupported;
  if (const int status = Permitted(uri.path, kAccessGet, Right::kGet); status != kOk) return status;
  std::vector<std::string> paths = tree_.Below(uri.path);
  paths.insert(paths.begin(), uri.path);
  for (const std::string& path : paths) {
    // Nodes that this server may not read are left out without a word.
    if (Permitted(path, kAccessGet, Right::kGet) != kOk) continue;
    const NodeNow now = *tree_.Find(path);
    Reported& item = reported.emplace_back();
    item.uri = UriOf(path);
    if (now.node->format != "chr") item.format = now.node->format;
    if (now.node->type != "text/plain") item.type = now.node->type;
    item.has_data = uri.list == "StructData" && !now.interior();
    if (item.has_data) item.data = now.value;
  }
  return kOk;
}

int TreeCommands::Add(std::string_view text, std::string_view format, std::string_view type,
                      std::string_view data) {
  NodeUri uri;
  if (const int status = Parse(text, uri); status != kOk) return status;
  if (!uri.property.empty() || !uri.list.empty()) return kNotAllowed;
  if (type.starts_with(kTndsType)) return AddTnds(uri, data);
  if (tree_.Find(uri.path)) return kAlreadyExists;
  const std::string_view parent = ParentOf(uri.path);
  if (!tree_.Find(parent) && quirks_.Has(Quirk::kImplicitParents)) {
    if (const int status = AddParents(parent); status != kOk) return status;
  }
  return AddLeafOrNode(uri, format, type, data);
}

int TreeCommands::AddParents(std::string_view path) {
  std::vector<std::string> missing;
  for (; !tree_.Find(path); path = ParentOf(path)) missing.emplace_back(path);
  for (auto it = missing.rbegin(); it != missing.rend(); ++it) {
    NodeUri uri;
    uri.path = *it;
    if (const int status = AddLeafOrNode(uri, "node", "", ""); status != kOk) return status;
  }
  return kOk;
}

int TreeCommands::AddLeafOrNode(const NodeUri& uri, std::string_view format, std::string_view type,
                                std::string_view data) {
  const std::string parent(ParentOf(uri.path));
  const int status = Permitted(parent, kAccessAdd, Right::kAdd);
  if (status != kOk) return status;
  Node node;
  node.path = uri.path;
  if (!format.empty()) node.format = format;
  node.type = !type.empty() ? std::string(type) : node.format == "node" ? "" : "text/plain";
  node.access = kAccessOfAdded;
  node.permanent = false;
  if (!IsValidValue(node.format, data)) return kUnsupportedFormat;
  if (node.format != "node") node.value = data;
  if (node.format == "node" && !Allowed(parent, Right::kReplace)) {
    const std::string id(server_id_);
    node.acl = "Add=" + id + "&Delete=" + id + "&Get=" + id + "&Replace=" + id;
  }
  tree_.Add(std::move(node));
  return kOk;
}

int TreeCommands::Replace(std::string_view text, std::string_view format, std::string_view type,
                          std::string_view data) {
  NodeUri uri;
  if (const int status = Parse(text, uri); status != kOk) return status;
  if (!uri.list.empty()) return kNotAllowed;
  if (!uri.property.empty()) return ReplaceProperty(uri, data);
  if (type.starts_with(kTndsType)) return ReplaceTnds(uri, data);
  const int status = Permitted(uri.path, kAccessReplace, Right::kReplace);
  if (status == kNotFound && quirks_.Has(Quirk::kReplaceCreates)) {
    return AddLeafOrNode(uri, format, type, data);
  }
  if (status != kOk) return status;
  const NodeNow now = *tree_.Find(uri.path);
  if (now.interior()) return kNotAllowed;
  if (!format.empty() && !SameFormat(format, now.node->format)) return kUnsupportedFormat;
  if (!IsValidValue(now.node->format, data)) return kUnsupportedFormat;
  tree_.SetValue(uri.path, std::string(data));
  return kOk;
}

int TreeCommands::ReplaceProperty(const NodeUri& uri, std::string_view data) {
  const std::optional<NodeNow> now = tree_.Find(uri.path);
  if (!now) return kNotFound;
  if (uri.property == "Name") {
    if (now->node->permanent) return kNotAllowed;
    if (!Allowed(uri.path, Right::kReplace)) return kPermissionDenied;
    return Rename(uri.path, data);
  }
  if (uri.property == "Title") return SetTitle(uri, data);
  const bool known = uri.property == "Format" || uri.property == "Size" || uri.property == "Type" ||
                     uri.property == "VerNo";
  if (uri.property != "ACL") return known ? kNotAllowed : kNotSupported;
  // The right to change a leaf's list is its parent's to give.
  const bool by_parent = uri.path != "." && Allowed(ParentOf(uri.path), Right::kReplace);
  const bool by_itself = now->interior() && Allowed(uri.path, Right::kReplace);
  if (!by_parent && !by_itself) return kPermissionDenied;
  if (!AclIsValid(data) || (uri.path == "." && data.empty())) return kCommandFailed;
  tree_.SetAcl(uri.path, data);
  return kOk;
}

int TreeCommands::SetTitle(const NodeUri& uri, std::string_view title) {
  if (!Allowed(uri.path, Right::kReplace)) return kPermissionDenied;
  if (title.size() > kMaxTitle) return kCommandFailed;
  tree_.SetTitle(uri.path, title);
  return kOk;
}

int TreeCommands::Rename(const std::string& path, std::string_view name) {
  const std::string_view parent = ParentOf(path);
  const std::string renamed =
      parent == "." ? std::string(name) : std::string(parent) + "/" + std::string(name);
  if (name.find('/') != std::string_view::npos || !WellFormed(renamed)) return kCommandFailed;
  if (tree_.Find(renamed)) return kAlreadyExists;
  std::vector<std::string> paths = tree_.Below(path);
  paths.insert(paths.begin(), path);
  std::vector<Node> moved;
  for (const std::string& each : paths) {
    const NodeNow now = *tree_.Find(each);
    Node& node = moved.emplace_back(*now.node);
    node.value = now.value;
    node.path = renamed + each.substr(path.size());
  }
  tree_.Remove(path);
  for (Node& node : moved) tree_.Add(std::move(node));
  return kOk;
}

int TreeCommands::Delete(std::string_view text) {
  NodeUri uri;
  if (const int status = Parse(text, uri); status != kOk) return status;
  if (!uri.property.empty() || !uri.list.empty()) return kNotAllowed;
  const std::optional<NodeNow> now = tree_.Find(uri.path);
  if (!now) return kNotFound;
  if (now->node->permanent) return kNotAllowed;
  const int status = Permitted(uri.path, kAccessDelete, Right::kDelete);
  if (status == kOk) tree_.Remove(uri.path);
  return status;
}

int TreeCommands::Copy(std::string_view source, std::string_view target) {
  std::vector<Reported> read;
  if (const int status = Get(source, read); status != kOk) return status;
  if (read.size() != 1 || read[0].format == "node") return kNotAllowed;
  NodeUri to;
  if (const int status = Parse(target, to); status != kOk) return status;
  if (tree_.Find(to.path)) return Replace(target, read[0].format, read[0].type, read[0].data);
  return Add(target, read[0].format, read[0].type, read[0].data);
}

int TreeCommands::CheckExec(std::string_view text, std::string& path) const {
  NodeUri uri;
  if (const int status = Parse(text, uri); status != kOk) return status;
  if (!uri.property.empty() || !uri.list.empty()) return kNotAllowed;
  path = uri.path;
  return Permitted(uri.path, kAccessExec, Right::kExec);
}

}  // namespace drover::terminal
