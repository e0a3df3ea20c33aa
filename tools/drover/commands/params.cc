// drover params, acl, tree discover, credentials: the terminal itself.
#include "libs/dmtree/loc_uri.h"
#include "tools/drover/commands/action.h"
#include "tools/drover/proto_json.h"

namespace drover::cli {
namespace {

namespace v1 = operations::v1;

struct Groups {
  bool info = false;
  bool detail = false;
  bool connectivity = false;
  bool all = false;
};

Result<Actions> MakeParams(const Groups& groups, const std::vector<std::string>& uris) {
  Actions actions(1);
  v1::ParamsGet& get = *actions[0].mutable_params_get();
  const bool nothing = !groups.info && !groups.detail && !groups.connectivity && !groups.all;
  const bool usual = nothing && uris.empty();
  if (groups.all) get.add_groups(v1::ParamsGet::ALL);
  if (groups.info || usual) get.add_groups(v1::ParamsGet::DEV_INFO);
  if (groups.detail || usual) get.add_groups(v1::ParamsGet::DEV_DETAIL);
  if (groups.connectivity) get.add_groups(v1::ParamsGet::CONNECTIVITY);
  get.mutable_uris()->Assign(uris.begin(), uris.end());
  return actions;
}

constexpr Column kNodeColumns[] = {
    {"DEVICE", "/device_id", true}, {"URI", "/uri"},
    {"FORMAT", "/format"},          {"VALUE", "/shown"},
    {"TYPE", "/type", true},        {"REPORTED", "/reported_at", true},
};
const View kNodeView{.name_pointer = "/uri", .columns = kNodeColumns};

// What the tree service knows below a node after it was read.
Result<void> ShowTree(Invocation& invocation, OutputFormat format,
                      const std::vector<std::string>& devices, const std::string& uri) {
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  Json nodes = Json::array();
  for (const std::string& device : devices) {
    tree::v1::GetSubtreeRequest request;
    request.set_device_id(device);
    request.set_uri(uri);
    DROVER_TRY(const tree::v1::GetSubtreeResponse response, cluster->GetSubtree(request));
    for (const tree::v1::Node& node : response.nodes()) {
      Json json = ToJson(node);
      if (devices.size() > 1) json["device_id"] = device;
      for (const char* key : {"value", "value_base64"}) {
        if (IsTable(format) && json.contains(key)) json["shown"] = json[key];
      }
      nodes.push_back(std::move(json));
    }
  }
  PrintList(invocation.console, format, nodes, kNodeView);
  return {};
}

Result<v1::DiscoverTree::Form> FormOf(const std::string& name) {
  if (name == "tnds") return v1::DiscoverTree::TNDS;
  if (name == "struct-data") return v1::DiscoverTree::STRUCT_DATA;
  if (name == "walk") return v1::DiscoverTree::WALK;
  return InvalidArgument("--form " + name + ": expected tnds, struct-data or walk");
}

}  // namespace

void AddParams(CLI::App& root, Invocation& invocation) {
  CLI::App* const params = root.add_subcommand("params", "Parameters of terminals");
  params->require_subcommand(1);
  const auto groups = std::make_shared<Groups>();
  CLI::App* const get = AddAction(*params, invocation,
                                  {.name = "get",
                                   .help = "Read them from terminals: groups, nodes",
                                   .argument = "[URI..]",
                                   .min_arguments = 0,
                                   .max_arguments = 1000,
                                   .can_ask = false,
                                   .make = [groups](const std::vector<std::string>& uris) {
                                     return MakeParams(*groups, uris);
                                   }});
  get->add_flag("--devinfo", groups->info, "./DevInfo");
  get->add_flag("--devdetail", groups->detail, "./DevDetail");
  get->add_flag("--connectivity", groups->connectivity, "Access points and proxies");
  get->add_flag("--all", groups->all, "All of these");
}

void AddCredentials(CLI::App& root, Invocation& invocation) {
  CLI::App* const credentials = root.add_subcommand("credentials", "Secrets of the DM account");
  credentials->require_subcommand(1);
  struct Rotate {
    bool client = false;
    bool server = false;
    std::string server_id;
  };
  const auto rotate = std::make_shared<Rotate>();
  CLI::App* const verb =
      AddAction(*credentials, invocation,
                {.name = "rotate",
                 .help = "Make new secrets and write them into terminals; nobody sees them",
                 .make = [rotate](const auto&) -> Result<Actions> {
                   Actions actions(1);
                   v1::RotateCredentials& wanted = *actions[0].mutable_rotate_credentials();
                   wanted.set_client(rotate->client);
                   wanted.set_server(rotate->server);
                   wanted.set_server_id(rotate->server_id);
                   return actions;
                 }});
  verb->add_flag("--client", rotate->client, "Only the terminal's password");
  verb->add_flag("--server", rotate->server, "Only the server's password");
  verb->add_option("--server-id", rotate->server_id, "Which of several DM accounts");
}

void AddAcl(CLI::App& root, Invocation& invocation) {
  CLI::App* const acl = root.add_subcommand("acl", "Who may do what with a node");
  acl->require_subcommand(1);
  AddAction(*acl, invocation,
            {.name = "get",
             .help = "Read the ACL of a node",
             .argument = "URI",
             .min_arguments = 1,
             .max_arguments = 1,
             .can_ask = false,
             .make = [](const std::vector<std::string>& arguments) -> Result<Actions> {
               Actions actions(1);
               actions[0].mutable_acl_get()->set_uri(arguments[0]);
               return actions;
             }});
  AddAction(*acl, invocation,
            {.name = "set",
             .help = "Replace the ACL of a node: 'Get=*&Replace=drover'; '' inherits",
             .argument = "URI ACL",
             .min_arguments = 2,
             .max_arguments = 2,
             .make = [](const std::vector<std::string>& arguments) -> Result<Actions> {
               Actions actions(1);
               actions[0].mutable_acl_set()->set_uri(arguments[0]);
               actions[0].mutable_acl_set()->set_acl(arguments[1]);
               return actions;
             }});
}

void AddDiscover(CLI::App& tree, Invocation& invocation) {
  struct Discover {
    std::string uri = ".";
    std::string form = "tnds";
  };
  const auto discover = std::make_shared<Discover>();
  CLI::App* const verb = AddAction(
      tree, invocation,
      {.name = "discover",
       .help = "Read a terminal's tree: as one object, else node by node (with --wait)",
       .argument = "[URI]",
       .min_arguments = 0,
       .max_arguments = 1,
       .timeout = "1h",
       .can_ask = false,
       .make = [discover](const std::vector<std::string>& arguments) -> Result<Actions> {
         Actions actions(1);
         if (!arguments.empty()) {
           DROVER_TRY(const dmtree::LocUri uri, dmtree::LocUri::Parse(arguments[0]));
           discover->uri = uri.path();
         }
         DROVER_TRY(const v1::DiscoverTree::Form form, FormOf(discover->form));
         actions[0].mutable_discover_tree()->add_uris(discover->uri);
         actions[0].mutable_discover_tree()->set_form(form);
         return actions;
       },
       .show =
           [discover, &invocation](OutputFormat format, const std::vector<std::string>& devices) {
             return ShowTree(invocation, format, devices, discover->uri);
           }});
  verb->add_option("--form", discover->form, "Where to begin: tnds, struct-data or walk")
      ->capture_default_str();
}

}  // namespace drover::cli
