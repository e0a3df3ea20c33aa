// Access control lists of nodes, evaluated as a terminal does.
//
// Spec: OMA-TS-DM_TND-V1_2, "ACL". Kept apart from the server's own code so that each judges the
// other.
#pragma once
#include <cstdint>
#include <string_view>

namespace drover::terminal {

enum class Right : uint8_t { kAdd, kDelete, kExec, kGet, kReplace };

// acl: "Add=srv1&Get=*"; entries of the same command add up; white space is skipped.
bool AclAllows(std::string_view acl, Right right, std::string_view server_id);
// Whether it may be stored: known commands only, each with at least one id. Empty is valid.
bool AclIsValid(std::string_view acl);

}  // namespace drover::terminal
