#include "libs/dmtree/loc_uri.h"
#include "tools/drover/commands/command.h"
#include "tools/drover/proto_json.h"

namespace drover::cli {
namespace {

constexpr Column kNodeColumns[] = {
    {"URI", "/uri"},
    {"FORMAT", "/format"},
    {"VALUE", "/shown"},
    {"TYPE", "/type", true},
    {"REPORTED", "/reported_at", true},
};
const View kNodeView{.name_pointer = "/uri", .columns = kNodeColumns};

struct Options {
  std::string device;
  std::string uri = ".";
  OutputOption output;
};

// Tables have one column for a value, whatever it is.
void AddShown(Json& node) {
  for (const char* key : {"value", "value_base64"}) {
    if (node.contains(key)) node["shown"] = node[key];
  }
}

Result<ExitCode> TreeGet(Invocation& invocation, const Options& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  DROVER_TRY(const dmtree::LocUri uri, dmtree::LocUri::Parse(options.uri));
  tree::v1::GetSubtreeRequest request;
  request.set_uri(uri.path());
  DROVER_TRY(*request.mutable_device_id(), DeviceArgument(options.device));
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  DROVER_TRY(const tree::v1::GetSubtreeResponse response, cluster->GetSubtree(request));
  Json nodes = Json::array();
  for (const tree::v1::Node& node : response.nodes()) {
    nodes.push_back(ToJson(node));
    if (IsTable(format)) AddShown(nodes.back());
  }
  PrintList(invocation.console, format, nodes, kNodeView);
  return ExitCode::kOk;
}

}  // namespace

void AddTree(CLI::App& root, Invocation& invocation) {
  CLI::App* tree = root.add_subcommand("tree", "The management tree, as last reported");
  tree->require_subcommand(1);
  CLI::App* get = tree->add_subcommand("get", "A node and what is below it");
  auto options = std::make_shared<Options>();
  get->add_option("ID", options->device, "The terminal")->required();
  get->add_option("URI", options->uri, "The node; . is the root")->capture_default_str();
  options->output.AddTo(*get);
  get->callback([&invocation, options] {
    invocation.run = [&invocation, options] { return TreeGet(invocation, *options); };
  });
}

}  // namespace drover::cli
