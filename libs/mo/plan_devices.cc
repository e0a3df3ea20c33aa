// Lock and wipe, capabilities, diagnostics. Spec: OMA-TS-LAWMO-V1_0, OMA-TS-DCMO-V1_0 and
// OMA-TS-DiagMonTrapMOFrame: "Management object".
#include <algorithm>

#include "libs/dmtree/loc_uri.h"
#include "libs/mo/commands.h"

namespace drover::mo {
namespace {

const char* Bool(bool value) { return value ? "true" : "false"; }

void Configure(v1::Choice choice, std::string uri, std::vector<v1::Command>& commands) {
  if (choice == v1::AS_IT_IS) return;
  commands.push_back(Replace(std::move(uri), Bool(choice == v1::ON), "bool"));
}

// One Exec, after what it is configured by, if there is any, has been taken.
Plan Execute(const v1::Action& action, const char* name, std::string uri,
             std::vector<v1::Command> configuration) {
  Plan plan;
  if (!configuration.empty()) {
    MakeAtomic(action, configuration);
    plan.push_back({.name = "configure", .commands = std::move(configuration)});
  }
  Step exec{.name = name, .commands = {Exec(std::move(uri))}};
  if (!plan.empty()) exec.after = {0};
  plan.push_back(std::move(exec));
  return plan;
}

// ---- LAWMO

// Marks what is named, and nothing else that is known, to be wiped.
Result<std::vector<v1::Command>> MarkItems(const Place& place, const std::string& root,
                                           const v1::LawmoWipe& wipe) {
  std::vector<v1::Command> marks;
  if (wipe.items().empty()) return marks;
  const std::string list = Join(root, "AvailableWipeList");
  std::vector<std::string> units = place.tree.Children(list);
  if (units.empty()) {
    return FailedPrecondition(
        "it is not known what can be wiped, nor what is marked already: read " + list +
        " first (drover tree discover)");
  }
  std::vector<std::string> wanted;
  for (const std::string& item : wipe.items()) {
    DROVER_TRY(std::string unit, UnitNamed(place, {list}, item,
                                           {.what = "item to wipe", .leaves = {"ListItemName"}}));
    wanted.push_back(std::move(unit));
  }
  for (const std::string& unit : units) {
    const bool marked = std::ranges::find(wanted, unit) != wanted.end();
    marks.push_back(Replace(Join(unit, "ToBeWiped"), Bool(marked), "bool"));
  }
  return marks;
}

Result<Plan> PlanWipe(const v1::Action& action, const Place& place, const std::string& root) {
  const v1::LawmoWipe& wipe = action.lawmo_wipe();
  std::vector<v1::Command> before;
  Configure(wipe.notify_user(), Join(root, "LAWMOConfig/NotifyUser"), before);
  if (wipe.factory_reset()) {
    if (!wipe.items().empty()) {
      return InvalidArgument("action.lawmo_wipe.items: a factory reset wipes everything");
    }
    return Execute(action, "reset", Join(root, "Operations/FactoryReset"), std::move(before));
  }
  DROVER_TRY(std::vector<v1::Command> marks, MarkItems(place, root, wipe));
  before.insert(before.end(), marks.begin(), marks.end());
  return Execute(action, "wipe", Join(root, "Operations/Wipe"), std::move(before));
}

// ---- DCMO

Result<Plan> SetCapability(const v1::Action& action, const Place& place,
                           const std::vector<std::string>& roots) {
  const v1::DcmoSet& set = action.dcmo_set();
  if (set.capability().empty()) return InvalidArgument("action.dcmo_set.capability: is missing");
  DROVER_TRY(const std::string unit,
             UnitNamed(place, roots, set.capability(),
                       {.what = "capability", .leaves = {"Property", "Operations"}}));
  std::vector<v1::Command> before;
  const v1::Choice may = set.user_may_enable();
  const v1::Choice deny = may == v1::ON ? v1::OFF : v1::ON;
  Configure(may == v1::AS_IT_IS ? may : deny, Join(unit, "DCMOConfig/DenyUserEnable"), before);
  Configure(set.notify_user(), Join(unit, "DCMOConfig/NotifyUser"), before);
  const char* const operation = set.enabled() ? "Operations/Enable" : "Operations/Disable";
  return Execute(action, set.enabled() ? "enable" : "disable", Join(unit, operation),
                 std::move(before));
}

// ---- DiagMon

Result<std::string> Function(const Place& place, const std::vector<std::string>& roots,
                             const std::string& name) {
  if (name.empty()) return InvalidArgument("action.function: is missing");
  return UnitNamed(place, roots, name,
                   {.what = "diagnostic function",
                    .leaves = {"DiagMonName", "ServerID", "DiagMonConfig", "Operations"}});
}

Plan ReadAll(const std::vector<std::string>& roots) {
  std::vector<std::string> uris;
  for (const std::string& root : roots) uris.push_back(WithList(root));
  Plan plan;
  AddGets("read", uris, plan);
  return plan;
}

// The server that a terminal with one DM account has.
std::string ServerIdOf(const Place& place) {
  const auto roots = place.roots.find(Object::kDmAcc);
  if (roots == place.roots.end() || roots->second.size() != 1) return "";
  const std::string& root = roots->second.front();
  const std::string_view own = place.tree.Value(Join(root, "ServerID"));
  if (!own.empty()) return std::string(own);
  const std::vector<std::string> accounts = place.tree.Children(root);
  return accounts.size() == 1 ? std::string(place.tree.Value(Join(accounts[0], "ServerID"))) : "";
}

// Traps that servers register with, each below ServerIDs.
Result<Plan> Register(const v1::DiagTrap& trap, const Place& place, const std::string& unit) {
  const std::string server = trap.server_id().empty() ? ServerIdOf(place) : trap.server_id();
  if (server.empty()) {
    return FailedPrecondition(
        "action.diag_trap.server_id: is missing; the trap reports to the server of that id");
  }
  std::string registered;
  for (const std::string& entry : place.tree.Children(Join(unit, "ServerIDs"))) {
    if (place.tree.Value(Join(entry, "ServerID")) == server) registered = entry;
  }
  if (!trap.enabled()) {
    const std::string entry =
        registered.empty() ? Join(unit, "ServerIDs/" + dmtree::EncodeSegment(server)) : registered;
    return Plan{{.name = "disable", .commands = {Delete(entry)}}};
  }
  if (!registered.empty()) {
    return Plan{{.name = "enable", .commands = {Get(Join(registered, "ServerID"))}}};
  }
  const std::string entry = Join(unit, "ServerIDs/" + dmtree::EncodeSegment(server));
  return Plan{
      {.name = "enable", .commands = {AddNode(entry), Add(Join(entry, "ServerID"), server)}}};
}

// By what the tree has: operations, a registration, or a leaf.
Result<Plan> SetTrap(const v1::DiagTrap& trap, const Place& place,
                     const std::vector<std::string>& roots) {
  if (trap.trap().empty()) return InvalidArgument("action.diag_trap.trap: is missing");
  DROVER_TRY(
      const std::string unit,
      UnitNamed(place, roots, trap.trap(),
                {.what = "trap", .leaves = {"TrapID", "Enabled", "Operations", "ServerIDs"}}));
  const std::string operation =
      Join(unit, trap.enabled() ? "Operations/Enable" : "Operations/Disable");
  const char* const name = trap.enabled() ? "enable" : "disable";
  if (place.tree.Has(operation)) return Plan{{.name = name, .commands = {Exec(operation)}}};
  if (place.tree.Has(Join(unit, "ServerIDs"))) return Register(trap, place, unit);
  return Plan{
      {.name = name, .commands = {Replace(Join(unit, "Enabled"), Bool(trap.enabled()), "bool")}}};
}

}  // namespace

Result<Plan> PlanLawmo(const v1::Action& action, const Place& place) {
  DROVER_TRY(const std::string root, RootOf(action, place, Object::kLawmo));
  std::vector<v1::Command> before;
  const std::string notify = Join(root, "LAWMOConfig/NotifyUser");
  if (action.has_lawmo_lock()) {
    const bool partial = action.lawmo_lock().partial();
    Configure(action.lawmo_lock().notify_user(), notify, before);
    return Execute(action, "lock",
                   Join(root, partial ? "Operations/PartiallyLock" : "Operations/FullyLock"),
                   std::move(before));
  }
  if (action.has_lawmo_unlock()) {
    Configure(action.lawmo_unlock().notify_user(), notify, before);
    return Execute(action, "unlock", Join(root, "Operations/UnLock"), std::move(before));
  }
  if (action.has_lawmo_wipe()) return PlanWipe(action, place, root);
  return Plan{{.name = "read", .commands = {Get(Join(root, "State"))}}};
}

Result<Plan> PlanDcmo(const v1::Action& action, const Place& place) {
  DROVER_TRY(const std::vector<std::string> roots, RootsOf(action, place, Object::kDcmo));
  if (action.has_dcmo_set()) return SetCapability(action, place, roots);
  return ReadAll(roots);
}

Result<Plan> PlanDiag(const v1::Action& action, const Place& place) {
  const bool traps = action.has_diag_trap() || action.has_diag_trap_list();
  DROVER_TRY(const std::vector<std::string> roots,
             RootsOf(action, place, traps ? Object::kDiagMonTrap : Object::kDiagMon));
  if (action.has_diag_trap()) return SetTrap(action.diag_trap(), place, roots);
  if (action.has_diag_trap_list()) return ReadAll(roots);
  if (action.has_diag_data()) {
    if (action.diag_data().function().empty()) return ReadAll(roots);
    DROVER_TRY(std::string unit, Function(place, roots, action.diag_data().function()));
    return ReadAll({std::move(unit)});
  }
  const bool start = action.has_diag_start();
  const std::string& name = start ? action.diag_start().function() : action.diag_stop().function();
  DROVER_TRY(const std::string unit, Function(place, roots, name));
  std::vector<v1::Command> before;
  if (start && !action.diag_start().config().empty()) {
    before.push_back(
        Replace(Join(unit, "DiagMonConfig/ConfigParms"), action.diag_start().config()));
  }
  return Execute(action, start ? "start" : "stop",
                 Join(unit, start ? "Operations/Start" : "Operations/Stop"), std::move(before));
}

}  // namespace drover::mo
