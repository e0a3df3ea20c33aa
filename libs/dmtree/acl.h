// Access control lists of nodes: who may do what. Terminals enforce them; here they are read, built
// and evaluated as a terminal does.
//
// Spec: OMA-TS-DM_TND-V1_2, "ACL": syntax, inheritance, and which right each operation needs.
#pragma once
#include <array>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "libs/base/result.h"

namespace drover::dmtree {

enum class AclCommand : uint8_t { kAdd, kDelete, kExec, kGet, kReplace };
std::string_view Name(AclCommand command);  // "Add"

class Acl {
 public:
  Acl() = default;  // No value: the node inherits.

  // acl = [entry *("&" entry)]; entry = command "=" id *("+" id). White space is skipped, a command
  // that stands twice is the union. kInvalidArgument: unknown command, a command or id missing.
  static Result<Acl> Parse(std::string_view text);

  // The value of a node of its own at the root that was given none: Add=*&Get=*.
  static Acl RootDefault();

  bool empty() const;
  bool Allows(AclCommand command, std::string_view server_id) const;
  // "srv1, srv2"; "*" for everybody, "" for nobody.
  std::string Holders(AclCommand command) const;
  void Allow(AclCommand command, std::string_view server_id);
  // Takes an account that is gone out of every command. keep_open: at the root, a command
  // that would be left without ids becomes "*".
  void Remove(std::string_view server_id, bool keep_open);

  // Commands and ids in ascending order; "*" alone if it is among the ids. Empty if empty().
  std::string ToString() const;
  bool operator==(const Acl&) const = default;

 private:
  using Ids = std::set<std::string, std::less<>>;
  std::array<Ids, 5> ids_;  // By AclCommand.
};

// The own ACLs of a node and of its ancestors up to the root, the node's first; never empty.
using AclPath = std::span<const Acl* const>;

// The node's own ACL if it has one, else the nearest ancestor's; nothing is merged.
const Acl& Effective(AclPath path);

// Replace of ?prop=ACL: needs Replace on the node or its parent if the node is interior, on the
// parent alone if it is a leaf; at the root on the root. (Every other operation: Effective(node or
// parent).Allows(..).)
bool MayReplaceAcl(AclPath path, bool interior, std::string_view server_id);

}  // namespace drover::dmtree
