// The trees that models leave the factory with: the nodes of each management object, with the
// access types and formats of its description (DDF).
//
// Spec: OMA-TS-DM_StdObj-V1_2 (DevInfo, DevDetail, DMAcc, Inbox), OMA-TS-DM-FUMO-V1_0, and the
// SCOMO, LAWMO, DCMO, DiagMon and ConnMO object definitions.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "loadtest/terminal/mo_habits.h"
#include "loadtest/terminal/tree.h"

namespace drover::terminal {

constexpr uint8_t kGetReplace = kAccessGet | kAccessReplace;
constexpr uint8_t kExecGet = kAccessExec | kAccessGet;
constexpr uint8_t kAddGet = kAccessAdd | kAccessGet;
constexpr uint8_t kDeleteGet = kAccessDelete | kAccessGet;
// Of what a server may add, change and delete: interior nodes, and leaves.
constexpr uint8_t kWhole = kAccessAdd | kAccessCopy | kAccessDelete | kAccessGet | kAccessReplace;
constexpr uint8_t kWholeLeaf = kAccessCopy | kAccessDelete | kAccessGet | kAccessReplace;

// Nodes in the making.
class Nodes {
 public:
  Node& Interior(std::string_view path, std::string_view type = "", uint8_t access = kAccessGet);
  Node& Leaf(std::string_view path, std::string_view value, uint8_t access = kAccessGet,
             std::string_view format = "chr");
  // Adds the interior nodes above a path that are not there yet, the ACL on the topmost; false: all
  // were there.
  bool Above(std::string_view path, std::string_view acl);
  std::vector<Node> Take() { return std::move(nodes_); }

 private:
  std::vector<Node> nodes_;
};

void AddFumo(Nodes& nodes, const FumoHabits& habits, std::string_view server_id);
void AddScomo(Nodes& nodes, const ScomoHabits& habits, std::string_view server_id);
void AddLawmo(Nodes& nodes, const LawmoHabits& habits, std::string_view server_id);
void AddDcmo(Nodes& nodes, const DcmoHabits& habits, std::string_view server_id);
void AddDiagMon(Nodes& nodes, const DiagMonHabits& habits, std::string_view server_id);
void AddAccounts(Nodes& nodes, const AccountHabits& habits, std::string_view server_id);

struct DmAccHabits {
  bool before_dm12 = false;  // SyncML/DMAcc/1 and SyncML/Con/1 instead of DMAcc/1.
  std::string_view id = "urn:oma:mo:oma-dm-dmacc:1.0";
  std::string_view client_type = "DIGEST";  // AAuthType, by which the terminal proves itself ..
  std::string_view server_type = "DIGEST";  // .. and by which the server does.
  std::string_view server_id;
  std::string_view server_url;
};
void AddDmAcc(Nodes& nodes, const DmAccHabits& habits);

// "Exec=srv&Get=*&Replace=srv" and the like.
std::string AclFor(std::string_view server_id, uint8_t access);

}  // namespace drover::terminal
