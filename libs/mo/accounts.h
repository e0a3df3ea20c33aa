// Accounts as tables: which leaves say what, for each kind.
//
// Spec: OMA-WAP-TS-ProvCont (NAPDEF, PXLOGICAL, APPLICATION), as the management objects of the same
// content have it: NAP and PROXY of the ConnMO family; AppID, Name, PrefConRef, AppAddr, AppAuth of
// application accounts. Their trees are not all confirmed: what a model has otherwise goes by bare
// commands.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "libs/mo/plan.h"

namespace drover::mo {

struct Leaf {
  std::string path;  // Below the account: "AuthInfo/AuthName".
  std::string value;
  bool only_new = false;  // A name or a default: not written over in an account that is there.
};

// What the action says of the account, in the order in which it is written. proxy_uri, nap_uri:
// what the account refers to; empty: nothing.
std::vector<Leaf> LeavesOf(const v1::AccountSet& set, const std::string& proxy_uri,
                           const std::string& nap_uri);

// The leaves that hold an account's name, and the ones by which an account is told from a node that
// accounts are below.
const std::vector<std::string_view>& NameLeaves(v1::AccountKind kind);

// kInvalidArgument: what a new account, or any, has to say and does not.
Result<void> CheckAccount(const v1::AccountSet& set, bool is_new);

// The account as a serialised subtree, for an Add of its node. Spec: OMA-TS-DM_TNDS-V1_2.
std::string ToTnds(const std::string& node_name, const std::vector<Leaf>& leaves);
inline constexpr std::string_view kTndsXml = "application/vnd.syncml.dmtnds+xml";

}  // namespace drover::mo
