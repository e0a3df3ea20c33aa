// The terminal itself: its parameters, its user, its DM account, its tree.
// Spec: OMA-TS-DM_StdObj-V1_2 (DevInfo, DevDetail, DMAcc); OMA-TS-DM_TND-V1_2, "ACL" and
// "Requesting a part of a management tree".
#include <algorithm>
#include <array>

#include "libs/dmtree/acl.h"
#include "libs/dmtree/loc_uri.h"
#include "libs/mo/commands.h"

namespace drover::mo {
namespace {

constexpr std::array kDevInfo{"./DevInfo/DevId", "./DevInfo/Man", "./DevInfo/Mod", "./DevInfo/DmV",
                              "./DevInfo/Lang"};
constexpr std::array kDevDetail{
    "./DevDetail/DevTyp",       "./DevDetail/OEM",           "./DevDetail/FwV",
    "./DevDetail/SwV",          "./DevDetail/HwV",           "./DevDetail/LrgObj",
    "./DevDetail/URI/MaxDepth", "./DevDetail/URI/MaxTotLen", "./DevDetail/URI/MaxSegLen"};

bool Wants(const v1::ParamsGet& get, v1::ParamsGet::Group group) {
  return std::ranges::any_of(get.groups(),
                             [&](int each) { return each == group || each == v1::ParamsGet::ALL; });
}

// ---- DM account

// Which node of an account holds which secret.
struct SecretNodes {
  std::string client;
  std::string server;
};

// DM 1.2: below AppAuth, told apart by AAuthLevel. DM 1.1.2: two leaves of the account.
SecretNodes SecretNodesOf(const KnownTree& tree, const std::string& account) {
  SecretNodes out;
  if (account.starts_with(Join(kDmAccBeforeDm12, "")) || tree.Has(Join(account, "ClientPW")) ||
      tree.Has(Join(account, "UserName"))) {
    return {Join(account, "ClientPW"), Join(account, "ServerPW")};
  }
  for (const std::string& entry : tree.Children(Join(account, "AppAuth"))) {
    const std::string_view level = tree.Value(Join(entry, "AAuthLevel"));
    if (level == "CLCRED") out.client = Join(entry, "AAuthSecret");
    if (level == "SRVCRED") out.server = Join(entry, "AAuthSecret");
  }
  return out;
}

std::string_view ServerIdOf(const KnownTree& tree, const std::string& account) {
  const std::string_view id = tree.Value(Join(account, "ServerID"));
  return id.empty() ? tree.Value(Join(account, "ServerId")) : id;
}

bool IsAccount(const KnownTree& tree, const std::string& uri) {
  return tree.Has(Join(uri, "ServerID")) || tree.Has(Join(uri, "ServerId")) ||
         tree.Has(Join(uri, "AppAuth"));
}

// Before DM 1.2 accounts have no Type, but a place of their own.
Result<std::vector<std::string>> DmRoots(const v1::Action& action, const Place& place) {
  const auto found = place.roots.find(Object::kDmAcc);
  const bool nothing = found == place.roots.end() || found->second.empty();
  const std::string before_dm12(kDmAccBeforeDm12);
  if (action.root().empty() && nothing && !place.tree.Children(before_dm12).empty()) {
    return std::vector<std::string>{before_dm12};
  }
  return RootsOf(action, place, Object::kDmAcc);
}

Result<std::string> DmAccount(const v1::Action& action, const Place& place) {
  DROVER_TRY(const std::vector<std::string> roots, DmRoots(action, place));
  const std::string& server_id = action.rotate_credentials().server_id();
  std::vector<std::string> fitting;
  for (const std::string& root : roots) {
    std::vector<std::string> accounts{root};
    if (!IsAccount(place.tree, root)) accounts = place.tree.Children(root);
    if (accounts.empty()) accounts = {root};
    for (std::string& account : accounts) {
      const bool fits = server_id.empty() || ServerIdOf(place.tree, account) == server_id;
      if (fits) fitting.push_back(std::move(account));
    }
  }
  if (fitting.size() == 1) return std::move(fitting.front());
  if (fitting.empty()) {
    return NotFound("the terminal has no DM account with the ServerID " + server_id +
                    ", as far as its tree is known");
  }
  std::string all;
  for (const std::string& uri : fitting) all.append(" ").append(uri);
  return FailedPrecondition("the terminal has several DM accounts:" + all +
                            "; say which by the server's id, or by its root");
}

v1::Command ReplaceSecret(const std::string& uri, v1::Secret secret) {
  v1::Command command;
  command.set_verb(v1::REPLACE);
  command.set_target(uri);
  command.set_format("chr");
  command.set_secret(secret);
  return command;
}

}  // namespace

Result<Plan> PlanParams(const v1::Action& action, const Place& place) {
  const v1::ParamsGet& get = action.params_get();
  Plan plan;
  if (Wants(get, v1::ParamsGet::DEV_INFO)) {
    AddGets("device-info", {kDevInfo.begin(), kDevInfo.end()}, plan);
  }
  if (Wants(get, v1::ParamsGet::DEV_DETAIL)) {
    AddGets("device-detail", {kDevDetail.begin(), kDevDetail.end()}, plan);
  }
  std::vector<std::string> lists;
  for (const Object object : {Object::kNap, Object::kProxy}) {
    const Result<std::vector<std::string>> roots = RootsOf(action, place, object);
    if (!roots || !Wants(get, v1::ParamsGet::CONNECTIVITY)) continue;
    for (const std::string& root : *roots) lists.push_back(WithList(root));
  }
  AddGets("optional-connectivity", lists, plan);
  std::vector<std::string> named;
  for (int i = 0; i < get.uris_size(); ++i) {
    const std::string field = "action.params_get.uris[" + std::to_string(i) + "]";
    DROVER_TRY(std::string uri, PathOf(field, get.uris(i)));
    named.push_back(std::move(uri));
  }
  AddGets("nodes", named, plan);
  if (!plan.empty()) return plan;
  if (get.groups().empty()) return InvalidArgument("action.params_get: say what to read");
  return NotFound("it is not known where the terminal has its access points and proxies");
}

Result<Plan> PlanRotation(const v1::Action& action, const Place& place) {
  const v1::RotateCredentials& rotate = action.rotate_credentials();
  DROVER_TRY(const std::string account, DmAccount(action, place));
  const SecretNodes nodes = SecretNodesOf(place.tree, account);
  const bool both = !rotate.client() && !rotate.server();
  std::vector<v1::Command> commands;
  if (rotate.client() || both) {
    if (nodes.client.empty()) {
      return FailedPrecondition(
          "it is not known which entry of " + account +
          "/AppAuth is CLCRED: read the account first (drover tree discover)");
    }
    commands.push_back(ReplaceSecret(nodes.client, v1::NEXT_PASSWORD));
  }
  // A terminal that has no entry for the server does not ask the server to prove itself.
  if (rotate.server() && nodes.server.empty()) {
    return FailedPrecondition("it is not known which entry of " + account +
                              "/AppAuth is SRVCRED: read the account first (drover tree discover)");
  }
  if ((rotate.server() || both) && !nodes.server.empty()) {
    commands.push_back(ReplaceSecret(nodes.server, v1::NEXT_SERVER_PASSWORD));
  }
  MakeAtomic(action, commands);
  return Plan{{.name = "replace", .commands = std::move(commands)}};
}

Result<Plan> PlanAcl(const v1::Action& action) {
  const bool get = action.has_acl_get();
  DROVER_TRY(const std::string uri,
             PathOf("action.uri", get ? action.acl_get().uri() : action.acl_set().uri()));
  const std::string property = uri + "?prop=ACL";
  if (get) return Plan{{.name = "read", .commands = {Get(property)}}};
  const std::string& text = action.acl_set().acl();
  const Result<dmtree::Acl> acl = dmtree::Acl::Parse(text);
  if (!acl) return InvalidArgument("action.acl_set.acl: " + acl.error().message);
  return Plan{{.name = "replace", .commands = {Replace(property, text)}}};
}

Result<Plan> PlanDiscovery(const v1::Action& action) {
  const v1::DiscoverTree& discover = action.discover_tree();
  std::vector<std::string> uris(discover.uris().begin(), discover.uris().end());
  if (uris.empty()) uris = {"."};
  const bool walk = discover.form() == v1::DiscoverTree::WALK;
  if (!walk && uris.size() != 1) {
    return InvalidArgument("action.discover_tree.uris: only a walk takes several");
  }
  for (std::string& uri : uris) {
    DROVER_TRY(uri, PathOf("action.discover_tree.uris", uri));
    if (discover.form() == v1::DiscoverTree::TNDS) uri += "?list=TNDS";
    if (discover.form() == v1::DiscoverTree::STRUCT_DATA) uri += "?list=StructData";
  }
  Plan plan;
  AddGets(walk                                        ? "walk"
          : discover.form() == v1::DiscoverTree::TNDS ? "tnds"
                                                      : "struct-data",
          uris, plan);
  return plan;
}

Result<Plan> PlanPrompt(const v1::Action& action) {
  const v1::Prompt& prompt = action.ask_user().prompt();
  if (prompt.text().empty()) return InvalidArgument("action.ask_user.prompt.text: is missing");
  return Plan{{.name = "ask", .commands = {Ask(prompt)}}};
}

}  // namespace drover::mo
