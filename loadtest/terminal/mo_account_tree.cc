// What an operator configures: network access points, proxies, application accounts, DM accounts.
#include "loadtest/terminal/mo_tree.h"

namespace drover::terminal {
namespace {

// One account and all it holds may be added, changed and deleted.
class Account {
 public:
  Account(Nodes& nodes, std::string root, std::string_view type) : nodes_(nodes) {
    nodes_.Interior(root, type, kWhole).permanent = false;
    root_ = std::move(root);
  }
  Account& Inner(std::string_view below) {
    nodes_.Interior(root_ + "/" + std::string(below), "", kWhole).permanent = false;
    return *this;
  }
  Account& Leaf(std::string_view below, std::string_view value) {
    nodes_.Leaf(root_ + "/" + std::string(below), value, kWholeLeaf).permanent = false;
    return *this;
  }
  // Write-only, as secrets are.
  Account& Secret(std::string_view below, std::string_view value) {
    nodes_.Leaf(root_ + "/" + std::string(below), value, kAccessDelete | kAccessReplace).permanent =
        false;
    return *this;
  }

 private:
  Nodes& nodes_;
  std::string root_;
};

// The holder of accounts; empty: the model has none.
bool Holder(Nodes& nodes, std::string_view path, const std::string& acl) {
  if (path.empty()) return false;
  const bool inherits = nodes.Above(path, acl);
  Node& node = nodes.Interior(path, "", kWhole);
  if (!inherits) node.acl = acl;
  return true;
}

std::string In(std::string_view holder, std::string_view name) {
  return std::string(holder) + "/" + std::string(name);
}

void AddNaps(Nodes& nodes, std::string_view holder) {
  for (const std::string_view name : {"internet", "mms"}) {
    Account(nodes, In(holder, name), "urn:oma:mo:oma-connmo-nap:1.0")
        .Leaf("NAPID", name)
        .Leaf("NAME", name)
        .Leaf("ADDR", std::string(name) + ".example")
        .Leaf("ADDRTYPE", "APN");
  }
}

void AddProxy(Nodes& nodes, std::string_view holder, std::string_view nap) {
  Account(nodes, In(holder, "wap"), "urn:oma:mo:oma-connmo-proxy:1.0")
      .Leaf("PROXYID", "wap")
      .Leaf("NAME", "Gateway")
      .Leaf("ADDR", "192.0.2.1")
      .Leaf("ADDRTYPE", "IPv4")
      .Leaf("PROXYTYPE", "WAP2")
      .Inner("Port")
      .Inner("Port/1")
      .Leaf("Port/1/PortNbr", "8080")
      .Leaf("Port/1/Service", "CO-WSP")
      .Inner("ConRefs")
      .Inner("ConRefs/1")
      .Leaf("ConRefs/1/ConRef", "./" + In(nap, "internet"));
}

void AddApplication(Nodes& nodes, const std::string& root, std::string_view app_id,
                    std::string_view name, std::string_view address, std::string_view connection) {
  Account(nodes, root, "")
      .Leaf("AppID", app_id)
      .Leaf("ProviderID", "operator")
      .Leaf("Name", name)
      .Leaf("PrefConRef", connection)
      .Inner("ToConRef")
      .Inner("ToConRef/1")
      .Leaf("ToConRef/1/ConRef", connection)
      .Inner("AppAddr")
      .Inner("AppAddr/1")
      .Leaf("AppAddr/1/Addr", address)
      .Leaf("AppAddr/1/AddrType", "URI")
      .Inner("AppAuth")
      .Inner("AppAuth/1")
      .Leaf("AppAuth/1/AAuthName", "")
      .Secret("AppAuth/1/AAuthSecret", "")
      .Inner("Ext");
}

void AddDmAcc12(Nodes& nodes, const DmAccHabits& habits) {
  const std::string server_id(habits.server_id);
  const std::string root = "DMAcc/1";
  nodes.Interior("DMAcc");
  nodes.Interior(root, habits.id).acl = "Delete=" + std::string(server_id) +
                                        "&Get=" + std::string(server_id) +
                                        "&Replace=" + std::string(server_id);
  nodes.Leaf(root + "/AppID", "w7");
  nodes.Leaf(root + "/ServerID", server_id);
  nodes.Leaf(root + "/Name", "Operator", kGetReplace);
  nodes.Leaf(root + "/PrefConRef", "", kGetReplace);
  nodes.Interior(root + "/ToConRef");
  nodes.Interior(root + "/ToConRef/1");
  nodes.Leaf(root + "/ToConRef/1/ConRef", "", kGetReplace);
  nodes.Interior(root + "/AppAddr");
  nodes.Interior(root + "/AppAddr/1");
  nodes.Leaf(root + "/AppAddr/1/Addr", habits.server_url, kGetReplace);
  nodes.Leaf(root + "/AppAddr/1/AddrType", "URI", kGetReplace);
  nodes.Leaf(root + "/AAuthPref", "", kGetReplace);
  nodes.Interior(root + "/AppAuth");
  for (const std::string number : {"1", "2"}) {
    const bool client = number == "1";
    const std::string auth = root + "/AppAuth/" + number;
    nodes.Interior(auth);
    nodes.Leaf(auth + "/AAuthLevel", client ? "CLCRED" : "SRVCRED");
    nodes.Leaf(auth + "/AAuthType", client ? habits.client_type : habits.server_type, kGetReplace);
    Node& name = nodes.Leaf(auth + "/AAuthName", client ? "" : server_id, kGetReplace);
    name.is_device_id = client;
    nodes.Leaf(auth + "/AAuthSecret", "", kAccessReplace);
    nodes.Leaf(auth + "/AAuthData", "", kAccessReplace).format = "bin";
  }
  nodes.Interior(root + "/Ext");
}

void AddDmAcc11(Nodes& nodes, const DmAccHabits& habits) {
  const std::string id(habits.server_id);
  nodes.Interior("SyncML");
  nodes.Interior("SyncML/DMAcc");
  nodes.Interior("SyncML/Con");
  nodes.Interior("SyncML/Con/1");
  nodes.Leaf("SyncML/Con/1/NAP", "./NAP/internet", kGetReplace);
  const std::string root = "SyncML/DMAcc/1";
  nodes.Interior(root).acl = "Delete=" + id + "&Get=" + id + "&Replace=" + id;
  nodes.Leaf(root + "/Addr", habits.server_url, kGetReplace);
  nodes.Leaf(root + "/AddrType", "1", kGetReplace);
  nodes.Leaf(root + "/PortNbr", "", kGetReplace);
  nodes.Leaf(root + "/ConRef", "./SyncML/Con/1", kGetReplace);
  nodes.Leaf(root + "/ServerId", id);
  nodes.Leaf(root + "/ServerPW", "", kAccessReplace);
  nodes.Leaf(root + "/ServerNonce", "", kAccessReplace, "bin");
  nodes.Leaf(root + "/UserName", "", kGetReplace).is_device_id = true;
  nodes.Leaf(root + "/ClientPW", "", kAccessReplace);
  nodes.Leaf(root + "/ClientNonce", "", kAccessReplace, "bin");
  const bool basic = habits.client_type == "BASIC";
  nodes.Leaf(root + "/AuthPref", basic ? "syncml:auth-basic" : "syncml:auth-md5", kGetReplace);
  nodes.Leaf(root + "/Name", "Operator", kGetReplace);
}

}  // namespace

void AddAccounts(Nodes& nodes, const AccountHabits& habits, std::string_view server_id) {
  const std::string acl =
      AclFor(server_id, kAccessAdd | kAccessDelete | kAccessGet | kAccessReplace);
  if (Holder(nodes, habits.nap, acl)) AddNaps(nodes, habits.nap);
  if (Holder(nodes, habits.proxy, acl)) AddProxy(nodes, habits.proxy, habits.nap);
  const std::string internet = "./" + In(habits.nap, "internet");
  if (Holder(nodes, habits.mms, acl)) {
    AddApplication(nodes, In(habits.mms, "1"), "w4", "MMS", "http://mmsc.example/",
                   "./" + In(habits.nap, "mms"));
  }
  if (Holder(nodes, habits.browser, acl)) {
    AddApplication(nodes, In(habits.browser, "1"), "w2", "Browser", "http://wap.example/",
                   internet);
  }
  if (Holder(nodes, habits.mail, acl)) {
    AddApplication(nodes, In(habits.mail, "1"), "25", "Outgoing", "smtp.example", internet);
    AddApplication(nodes, In(habits.mail, "2"), "143", "Incoming", "imap.example", internet);
  }
}

void AddDmAcc(Nodes& nodes, const DmAccHabits& habits) {
  if (habits.before_dm12) return AddDmAcc11(nodes, habits);
  AddDmAcc12(nodes, habits);
}

}  // namespace drover::terminal
