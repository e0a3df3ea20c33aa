#include "loadtest/terminal/mo_tree.h"

#include <algorithm>
#include <array>

namespace drover::terminal {
namespace {

std::string Below(std::string_view root, std::string_view rest) {
  return std::string(root) + "/" + std::string(rest);
}

// A root that is an object by itself or only holds objects, with everybody's right to read.
Node& Root(Nodes& nodes, std::string_view root, std::string_view type, uint8_t access,
           std::string_view acl) {
  const bool inherits = nodes.Above(root, acl);
  Node& node = nodes.Interior(root, type, access);
  if (!inherits) node.acl = acl;
  return node;
}

void Executable(Nodes& nodes, const std::string& operations,
                std::initializer_list<std::string_view> names) {
  nodes.Interior(operations);
  for (const std::string_view name : names) {
    nodes.Interior(operations + "/" + std::string(name), "", kExecGet);
  }
}

}  // namespace

std::string AclFor(std::string_view server_id, uint8_t access) {
  struct Entry {
    Access access;
    std::string_view name;
  };
  constexpr std::array<Entry, 5> kEntries{{{kAccessAdd, "Add"},
                                           {kAccessDelete, "Delete"},
                                           {kAccessExec, "Exec"},
                                           {kAccessGet, "Get"},
                                           {kAccessReplace, "Replace"}}};
  std::string acl;
  for (const Entry& entry : kEntries) {
    if ((access & entry.access) == 0) continue;
    if (!acl.empty()) acl += '&';
    acl += std::string(entry.name) + "=";
    acl += entry.access == kAccessGet ? std::string_view("*") : server_id;
  }
  return acl;
}

Node& Nodes::Interior(std::string_view path, std::string_view type, uint8_t access) {
  Node& node = nodes_.emplace_back();
  node.path = path;
  node.format = "node";
  node.type = type;
  node.access = access;
  return node;
}

Node& Nodes::Leaf(std::string_view path, std::string_view value, uint8_t access,
                  std::string_view format) {
  Node& node = nodes_.emplace_back();
  node.path = path;
  node.value = value;
  node.access = access;
  node.format = format;
  if (format == "bin") node.type = "application/octet-stream";
  return node;
}

bool Nodes::Above(std::string_view path, std::string_view acl) {
  const std::string_view parent = ParentOf(path);
  if (parent == "." || parent.empty()) return false;
  const bool there = std::any_of(nodes_.begin(), nodes_.end(),
                                 [parent](const Node& node) { return node.path == parent; });
  if (there) return false;
  const bool inherits = Above(parent, acl);
  Node& node = Interior(parent);
  if (!inherits) node.acl = acl;
  return true;
}

void AddFumo(Nodes& nodes, const FumoHabits& habits, std::string_view server_id) {
  if (habits.root.empty()) return;
  const std::string root(habits.root);
  const std::string acl = AclFor(server_id, kAccessExec | kAccessGet | kAccessReplace);
  Root(nodes, root, "urn:oma:mo:oma-fumo:1.0", kAccessGet, acl);
  nodes.Leaf(root + "/PkgName", "", kGetReplace);
  nodes.Leaf(root + "/PkgVersion", "", kGetReplace);
  if (habits.download) {
    nodes.Interior(root + "/Download", "", kExecGet);
    nodes.Leaf(root + "/Download/PkgURL", "", kGetReplace);
  }
  if (habits.download_and_update) {
    nodes.Interior(root + "/DownloadAndUpdate", "", kExecGet);
    nodes.Leaf(root + "/DownloadAndUpdate/PkgURL", "", kGetReplace);
  }
  if (habits.download || habits.push) nodes.Interior(root + "/Update", "", kExecGet);
  if (habits.push) nodes.Leaf(root + "/Update/PkgData", "", kAccessReplace, "bin");
  nodes.Leaf(root + "/State", "10", kAccessGet, "int");
}

void AddScomo(Nodes& nodes, const ScomoHabits& habits, std::string_view server_id) {
  if (habits.root.empty()) return;
  const std::string root(habits.root);
  Root(nodes, root, "urn:oma:mo:oma-scomo:1.0", kAccessGet, AclFor(server_id, 0xFF));
  nodes.Interior(root + "/Download", "", habits.slots ? uint8_t{kAccessGet} : kAddGet);
  if (habits.slots) {
    for (const std::string& slot : {root + "/Download/1", root + "/Download/2"}) {
      nodes.Interior(slot);
      for (const std::string_view leaf :
           {"PkgID", "Name", "PkgURL", "InstallParams", "Description", "EnvType", "PkgType"}) {
        nodes.Leaf(Below(slot, leaf), "", kGetReplace);
      }
      nodes.Leaf(slot + "/Status", "10", kAccessGet, "int");
      Executable(nodes, slot + "/Operations",
                 {"Download", "DownloadInstall", "DownloadInstallInactive"});
    }
  }
  nodes.Interior(root + "/Inventory");
  nodes.Interior(root + "/Inventory/Delivered", "", kAddGet);
  nodes.Interior(root + "/Inventory/Deployed");
  for (const std::string_view name : {"Browser", "Mail"}) {
    const std::string component = root + "/Inventory/Deployed/" + std::string(name);
    nodes.Interior(component, "", kDeleteGet).permanent = false;
    nodes.Leaf(component + "/ID", "com.example." + std::string(name));
    nodes.Leaf(component + "/PkgIDRef", "");
    nodes.Leaf(component + "/Name", name, kGetReplace);
    nodes.Leaf(component + "/Description", "", kGetReplace);
    nodes.Leaf(component + "/Version", "1.0");
    nodes.Leaf(component + "/State", "20", kAccessGet, "int");
    nodes.Leaf(component + "/Status", "10", kAccessGet, "int");
    nodes.Leaf(component + "/EnvType", "native");
    Executable(nodes, component + "/Operations",
               {"Activate", habits.deactive ? "Deactive" : "Deactivate", "Remove"});
  }
}

void AddLawmo(Nodes& nodes, const LawmoHabits& habits, std::string_view server_id) {
  if (habits.root.empty()) return;
  const std::string root(habits.root);
  const std::string acl = AclFor(server_id, kAccessExec | kAccessGet | kAccessReplace);
  Root(nodes, root, "urn:oma:mo:oma-lawmo:1.0", kAccessGet, acl);
  nodes.Leaf(root + "/State", "30", kAccessGet, "int");
  nodes.Interior(root + "/AvailableWipeList");
  nodes.Interior(root + "/LAWMOConfig");
  nodes.Leaf(root + "/LAWMOConfig/NotifyUser", "false", kGetReplace, "bool");
  Executable(nodes, root + "/Operations",
             {"FullyLock", "PartiallyLock", "UnLock", "FactoryReset", "Wipe"});
  // What is the user's, and can be wiped.
  nodes.Interior("Personal", "", kAccessGet);
  for (const std::string name : {"Contacts", "Messages", "Photos"}) {
    const std::string item = root + "/AvailableWipeList/" + name;
    nodes.Interior(item).permanent = false;
    nodes.Leaf(item + "/ListItemName", name);
    nodes.Leaf(item + "/ToBeWiped", "false", kGetReplace, "bool");
    nodes.Interior("Personal/" + name, "", kAccessGet);
    for (const std::string number : {"1", "2", "3"}) {
      nodes.Leaf("Personal/" + name + "/" + number, name + " " + number).permanent = false;
    }
  }
}

void AddDcmo(Nodes& nodes, const DcmoHabits& habits, std::string_view server_id) {
  if (habits.root.empty()) return;
  struct Capability {
    std::string_view name;
    std::string_view group;
    bool attached;
  };
  constexpr std::array<Capability, 3> kCapabilities{{{"Camera", "Hardware", true},
                                                     {"Bluetooth", "Connectivity", true},
                                                     {"Infrared", "IO", false}}};
  const std::string holder(habits.root);
  const std::string acl = AclFor(server_id, kAccessExec | kAccessGet | kAccessReplace);
  Root(nodes, holder, "", kAccessGet, acl);
  for (const Capability& capability : kCapabilities) {
    const std::string root = Below(holder, capability.name);
    const std::string_view on = capability.attached ? "true" : "false";
    nodes.Interior(root, "urn:oma:mo:oma-dcmo:1.0");
    nodes.Leaf(root + "/Property", capability.name);
    nodes.Leaf(root + "/Group", capability.group);
    nodes.Leaf(root + "/Description", "");
    nodes.Leaf(root + "/Attached", on, kAccessGet, "bool");
    nodes.Leaf(root + "/Enabled", on, kAccessGet, "bool");
    nodes.Interior(root + "/DCMOConfig");
    nodes.Leaf(root + "/DCMOConfig/DenyUserEnable", "false", kGetReplace, "bool");
    nodes.Leaf(root + "/DCMOConfig/NotifyUser", "false", kGetReplace, "bool");
    Executable(nodes, root + "/Operations", {"Enable", "Disable"});
  }
}

void AddDiagMon(Nodes& nodes, const DiagMonHabits& habits, std::string_view server_id) {
  struct Function {
    std::string_view name;
    std::initializer_list<std::string_view> measures;
  };
  const std::array<Function, 3> functions{{{"Battery", {"Level", "Temperature"}},
                                           {"Memory", {"Free", "Used"}},
                                           {"Radio", {"SignalStrength"}}}};
  const std::string acl = AclFor(server_id, 0xFF);
  if (!habits.root.empty()) {
    Root(nodes, habits.root, "", kAccessGet, acl);
    for (const Function& function : functions) {
      const std::string root = Below(habits.root, function.name);
      nodes.Interior(root, habits.id);
      nodes.Leaf(root + "/DiagMonName", function.name);
      nodes.Leaf(root + "/ServerID", server_id);
      nodes.Interior(root + "/DiagMonConfig");
      nodes.Leaf(root + "/DiagMonConfig/ReportInterval", "0", kGetReplace, "int");
      nodes.Interior(root + "/DiagMonData");
      for (const std::string_view measure : function.measures) {
        nodes.Leaf(Below(root + "/DiagMonData", measure), "", kAccessGet, "int");
      }
      nodes.Leaf(root + "/Status", "10", kAccessGet, "int");
      Executable(nodes, root + "/Operations", {"Start", "Stop"});
    }
  }
  if (habits.traps.empty()) return;
  Root(nodes, habits.traps, "", kAccessGet, acl);
  for (const Function& function : functions) {
    const std::string root = Below(habits.traps, function.name);
    nodes.Interior(root, "urn:oma:mo:oma-diagmontrap:1.0");
    nodes.Leaf(root + "/TrapID", function.name);
    nodes.Leaf(root + "/Active", "false", kAccessGet, "bool");
    nodes.Interior(root + "/TrapConfig");
    nodes.Leaf(root + "/TrapConfig/LowerThreshold", "10", kGetReplace, "int");
    nodes.Interior(root + "/ServerIDs", "", kAddGet);
  }
}

}  // namespace drover::terminal
