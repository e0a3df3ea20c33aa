#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "libs/dmtree/loc_uri.h"
#include "libs/dmtree/tnds.h"
#include "tools/drover/commands/command.h"
#include "tools/drover/duration.h"
#include "tools/drover/files.h"
#include "tools/drover/proto_json.h"

namespace drover::cli {
namespace {

namespace v1 = tree::v1;

constexpr size_t kMaxPerRequest = 10'000;

constexpr Column kNodeColumns[] = {
    {"URI", "/uri"},         {"FORMAT", "/format"}, {"VALUE", "/shown"},
    {"TYPE", "/type", true}, {"ACL", "/acl", true}, {"REPORTED", "/reported_at", true},
};
const View kNodeView{.name_pointer = "/uri", .columns = kNodeColumns};

constexpr Column kVersionColumns[] = {
    {"SINCE", "/since"}, {"UNTIL", "/until"}, {"VALUE", "/shown"}, {"FORMAT", "/format", true}};
const View kVersionView{.name_pointer = "/since", .columns = kVersionColumns};

struct Options {
  std::string device;
  std::string uri = ".";
  std::string as_of;
  std::string form = "tnds-xml";
  std::string file;
  std::string out;
  int32_t limit = 100;
  OutputOption output;
};

// Tables have one column for a value, whatever it is.
void AddShown(Json& node) {
  for (const char* key : {"value", "value_base64"}) {
    if (node.contains(key)) node["shown"] = node[key];
  }
}

// A time, or how long ago.
Result<void> SetAsOf(const std::string& text, google::protobuf::Timestamp& as_of) {
  const auto now = std::chrono::system_clock::now();
  auto time = now;
  if (const auto ago = ParseDuration(text)) {
    time = now - *ago;
  } else {
    const auto parsed = ParseTime(text, now);
    if (!parsed || text.starts_with('+')) {
      return InvalidArgument("--as-of " + text +
                             ": expected a time (2026-11-22T02:00:00Z) or how long ago (2h)");
    }
    time = *parsed;
  }
  const auto micros =
      std::chrono::floor<std::chrono::microseconds>(time).time_since_epoch().count();
  as_of.set_seconds(micros / 1'000'000);
  as_of.set_nanos(static_cast<int32_t>(micros % 1'000'000) * 1000);
  return {};
}

Result<v1::GetSubtreeResponse> Subtree(Invocation& invocation, const Options& options) {
  DROVER_TRY(const dmtree::LocUri uri, dmtree::LocUri::Parse(options.uri));
  v1::GetSubtreeRequest request;
  request.set_uri(uri.path());
  DROVER_TRY(*request.mutable_device_id(), DeviceArgument(options.device));
  if (!options.as_of.empty()) DROVER_TRY(SetAsOf(options.as_of, *request.mutable_as_of()));
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  return cluster->GetSubtree(request);
}

Result<ExitCode> TreeGet(Invocation& invocation, const Options& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  DROVER_TRY(const v1::GetSubtreeResponse response, Subtree(invocation, options));
  Json nodes = Json::array();
  for (const v1::Node& node : response.nodes()) {
    nodes.push_back(ToJson(node));
    if (IsTable(format)) AddShown(nodes.back());
  }
  PrintList(invocation.console, format, nodes, kNodeView);
  return ExitCode::kOk;
}

Result<ExitCode> TreeHistory(Invocation& invocation, const Options& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  DROVER_TRY(const dmtree::LocUri uri, dmtree::LocUri::Parse(options.uri));
  v1::GetNodeHistoryRequest request;
  request.set_uri(uri.path());
  request.set_limit(options.limit);
  DROVER_TRY(*request.mutable_device_id(), DeviceArgument(options.device));
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  DROVER_TRY(const v1::GetNodeHistoryResponse response, cluster->GetNodeHistory(request));
  Json versions = Json::array();
  for (const auto& version : response.versions()) {
    versions.push_back(ToJson(version));
    if (IsTable(format)) AddShown(versions.back());
  }
  PrintList(invocation.console, format, versions, kVersionView);
  return ExitCode::kOk;
}

dmtree::TndsNode ToTnds(const v1::Node& node, bool interior) {
  dmtree::TndsNode out;
  out.uri = node.uri();
  if (!node.format().empty()) out.properties.format = node.format();
  if (!node.type().empty()) out.properties.type = dmtree::NodeType{node.type(), interior};
  if (node.has_acl() && !node.acl().empty()) out.properties.acl = node.acl();
  if (!interior && !node.without_value()) out.value = node.value();
  return out;
}

Result<ExitCode> TreeExport(Invocation& invocation, const Options& options) {
  const bool wbxml = options.form == "tnds-wbxml";
  if (!wbxml && options.form != "tnds-xml") {
    return InvalidArgument("--form " + options.form + ": expected tnds-xml or tnds-wbxml");
  }
  DROVER_TRY(const v1::GetSubtreeResponse response, Subtree(invocation, options));
  dmtree::Tnds tnds;
  std::set<std::string, std::less<>> parents;
  for (const v1::Node& node : response.nodes()) {
    parents.insert(node.uri().substr(0, node.uri().rfind('/')));
  }
  for (const v1::Node& node : response.nodes()) {
    const bool interior = node.format() == "node" || parents.contains(node.uri());
    tnds.nodes.push_back(ToTnds(node, interior));
  }
  std::string text = EncodeTnds(tnds, wbxml ? dmtree::TndsForm::kWbxml : dmtree::TndsForm::kXml);
  if (!wbxml) text += '\n';
  if (options.out.empty()) {
    invocation.console.out << text;
    return ExitCode::kOk;
  }
  std::ofstream file(options.out, std::ios::binary);
  file << text;
  file.flush();
  if (!file) return Error{Code::kUnknown, options.out + ": cannot be written"};
  return ExitCode::kOk;
}

// Interior nodes have their children's names for a value, as terminals report them.
std::vector<v1::Node> ToNodes(dmtree::Tnds& tnds) {
  std::vector<v1::Node> nodes;
  std::map<std::string, std::string, std::less<>> children;
  for (const dmtree::TndsNode& node : tnds.nodes) {
    const size_t slash = node.uri.rfind('/');
    if (slash == std::string::npos) continue;
    std::string& names = children[node.uri.substr(0, slash)];
    names += (names.empty() ? "" : "/") + node.uri.substr(slash + 1);
  }
  for (dmtree::TndsNode& node : tnds.nodes) {
    v1::Node& out = nodes.emplace_back();
    const bool interior = node.properties.format == "node";
    if (node.properties.format) out.set_format(*node.properties.format);
    if (node.properties.type) out.set_type(node.properties.type->text);
    if (node.properties.acl) {
      out.set_has_acl(true);
      out.set_acl(*node.properties.acl);
    }
    if (interior) {
      out.set_value(children[node.uri]);
    } else if (node.value) {
      out.set_value(std::move(*node.value));
    } else {
      out.set_without_value(true);
    }
    out.set_uri(std::move(node.uri));
  }
  return nodes;
}

Result<ExitCode> TreeImport(Invocation& invocation, const Options& options) {
  DROVER_TRY(const std::string octets, ReadFile(options.file, invocation.console.in));
  DROVER_TRY(const dmtree::LocUri at, dmtree::LocUri::Parse(options.uri));
  Result<dmtree::Tnds> tnds = dmtree::DecodeTnds(octets, {.octets = 64U << 20, .nodes = 100'000});
  if (!tnds) return InvalidArgument(options.file + ": " + tnds.error().message);
  DROVER_TRY(dmtree::PlaceAt(*tnds, at.path()));
  dmtree::FillFormats(*tnds);
  std::vector<v1::Node> nodes = ToNodes(*tnds);
  DROVER_TRY(const std::string device, DeviceArgument(options.device));
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  for (size_t begin = 0; begin < nodes.size(); begin += kMaxPerRequest) {
    v1::ImportSubtreeRequest request;
    request.set_device_id(device);
    for (size_t i = begin; i < std::min(begin + kMaxPerRequest, nodes.size()); ++i) {
      *request.add_nodes() = std::move(nodes[i]);
    }
    DROVER_TRY(cluster->ImportSubtree(request));
  }
  invocation.console.Note("imported " + std::to_string(nodes.size()) + " nodes");
  return ExitCode::kOk;
}

// With the terminal's id.
std::pair<CLI::App*, std::shared_ptr<Options>> Add(CLI::App& tree, Invocation& invocation,
                                                   const char* name, const char* help,
                                                   Result<ExitCode> (*handler)(Invocation&,
                                                                               const Options&)) {
  const auto [command, options] = AddVerb(tree, invocation, name, help, handler);
  command->add_option("ID", options->device, "The terminal")->required();
  return {command, options};
}

void AddAsOf(CLI::App& command, Options& options) {
  command.add_option("URI", options.uri, "The node; . is the root")->capture_default_str();
  command.add_option("--as-of", options.as_of, "As it was then: a time, or how long ago (2h)");
}

}  // namespace

void AddTree(CLI::App& root, Invocation& invocation) {
  CLI::App* tree = root.add_subcommand("tree", "The management tree, as last reported");
  tree->require_subcommand(1);
  const auto [get, of_get] = Add(*tree, invocation, "get", "A node and what is below it", TreeGet);
  AddAsOf(*get, *of_get);
  of_get->output.AddTo(*get);
  const auto [history, of_history] =
      Add(*tree, invocation, "history", "The values that a node had", TreeHistory);
  history->add_option("URI", of_history->uri, "The node")->required();
  history->add_option("--limit", of_history->limit, "At most so many, the newest")
      ->capture_default_str();
  of_history->output.AddTo(*history);
  const auto [exported, of_export] =
      Add(*tree, invocation, "export", "A node and what is below it, as one object", TreeExport);
  AddAsOf(*exported, *of_export);
  exported->add_option("--form", of_export->form, "tnds-xml or tnds-wbxml")->capture_default_str();
  exported->add_option("--out", of_export->out, "A file for it [standard output]");
  const auto [import, of_import] = Add(
      *tree, invocation, "import", "Take an object as if the terminal had reported it", TreeImport);
  import->add_option("FILE", of_import->file, "TNDS, XML or WBXML; - is stdin")->required();
  import->add_option("--at", of_import->uri, "Where it stands, unless it says so")
      ->capture_default_str();
}

}  // namespace drover::cli
