#include "services/tree/core/command_check.h"

#include <algorithm>
#include <utility>

#include "libs/dmtree/acl.h"

namespace drover::tree {
namespace {

using dmtree::Acl;
using dmtree::AclCommand;
using dmtree::Ddf;
using dmtree::DdfAccess;
using dmtree::DdfMatch;
using dmtree::DdfNode;
using dmtree::DdfOccurrence;
using Maybe = std::optional<Violation>;

// What a description says, as reasons.
class DdfRules {
 public:
  DdfRules(const Ddf& ddf, const std::string& model) : ddf_(ddf), model_(model) {}

  Maybe Check(const CheckedCommand& command) const {
    const std::string& target = command.target.path();
    if (command.target.query() != dmtree::Query::kNone) return MustBeThere(target);
    switch (command.verb) {
      case Verb::kGet:
        return Allowed(target, DdfAccess::kGet);
      case Verb::kExec:
        return Allowed(target, DdfAccess::kExec);
      case Verb::kDelete:
        return Deletable(target);
      case Verb::kReplace:
        return command.tnds_type ? Object(command, DdfAccess::kReplace)
                                 : Writable(target, command.format);
      case Verb::kAdd:
        return command.tnds_type ? Object(command, DdfAccess::kAdd)
                                 : Addable(target, command.format);
      case Verb::kCopy:
        return Copyable(command);
    }
    return std::nullopt;
  }

  Maybe Addable(const std::string& uri, const std::string& format) const {
    const DdfMatch match = ddf_.Match(uri);
    if (Maybe missing = Missing(uri, match)) return missing;
    if (match.node == nullptr) return std::nullopt;
    const DdfNode& node = *match.node;
    if (node.permanent.value_or(false)) {
      return Violation{uri, "a permanent node in the DDF of " + model_ + ": it may not be added"};
    }
    // Some descriptions say at the parent what may be added below.
    const bool by_parent = match.parent != nullptr && match.parent->Allows(DdfAccess::kAdd);
    if (!by_parent) {
      if (Maybe refused = Access(uri, node, DdfAccess::kAdd)) return refused;
    }
    return Format(uri, node, format);
  }

 private:
  Maybe Missing(const std::string& uri, const DdfMatch& match) const {
    if (match.kind != DdfMatch::Kind::kAbsent) return std::nullopt;
    return Violation{uri, "no such node in the DDF of " + model_};
  }
  Maybe MustBeThere(const std::string& uri) const { return Missing(uri, ddf_.Match(uri)); }

  // An AccessType that allows nothing at all is taken for one that was not said.
  Maybe Access(const std::string& uri, const DdfNode& node, DdfAccess access) const {
    if (node.access == 0 || node.Allows(access)) return std::nullopt;
    return Violation{
        uri, "no " + std::string(Name(access)) + " in its AccessType in the DDF of " + model_};
  }
  Maybe Allowed(const std::string& uri, DdfAccess access) const {
    const DdfMatch match = ddf_.Match(uri);
    if (Maybe missing = Missing(uri, match)) return missing;
    return match.node == nullptr ? std::nullopt : Access(uri, *match.node, access);
  }
  Maybe Deletable(const std::string& uri) const {
    const DdfMatch match = ddf_.Match(uri);
    if (match.node != nullptr && match.kind == DdfMatch::Kind::kDescribed &&
        match.node->permanent.value_or(false)) {
      return Violation{uri, "a permanent node in the DDF of " + model_ + ": it may not be deleted"};
    }
    return Allowed(uri, DdfAccess::kDelete);
  }
  Maybe Writable(const std::string& uri, const std::string& format) const {
    if (Maybe refused = Allowed(uri, DdfAccess::kReplace)) return refused;
    const DdfMatch match = ddf_.Match(uri);
    return match.node == nullptr ? std::nullopt : Format(uri, *match.node, format);
  }
  // b64 is how bin travels.
  Maybe Format(const std::string& uri, const DdfNode& node, const std::string& format) const {
    const auto plain = [](std::string_view name) { return name == "b64" ? "bin" : name; };
    if (format.empty() || node.format.empty() || node.format == "null") return std::nullopt;
    if (plain(format) == plain(node.format)) return std::nullopt;
    return Violation{uri,
                     "format is " + node.format + ", not " + format + ", in the DDF of " + model_};
  }
  Maybe Copyable(const CheckedCommand& command) const {
    const std::string& target = command.target.path();
    if (Maybe missing = MustBeThere(target)) return missing;
    if (!command.source) return std::nullopt;
    const std::string& source = command.source->path();
    const DdfMatch match = ddf_.Match(source);
    if (Maybe missing = Missing(source, match)) return missing;
    if (match.node == nullptr || match.node->Allows(DdfAccess::kGet)) return std::nullopt;
    return Access(source, *match.node, DdfAccess::kCopy);
  }
  // Of a TNDS object each node; without the object itself only where it goes.
  Maybe Object(const CheckedCommand& command, DdfAccess access) const {
    if (command.target.path() == "./Inbox") return std::nullopt;
    if (!command.tnds) {
      return access == DdfAccess::kAdd ? Addable(command.target.path(), "")
                                       : Writable(command.target.path(), "");
    }
    for (const dmtree::TndsNode& node : command.tnds->nodes) {
      const std::string& format = node.properties.format.value_or("");
      const bool outermost = &node == command.tnds->nodes.data();
      Maybe refused = MustFit(node.uri, format);
      if (outermost && !refused) {
        refused =
            access == DdfAccess::kReplace ? Writable(node.uri, format) : Addable(node.uri, format);
      }
      if (refused) return refused;
    }
    return std::nullopt;
  }
  // Nodes inside an object come with it, whatever their own AccessType.
  Maybe MustFit(const std::string& uri, const std::string& format) const {
    const DdfMatch match = ddf_.Match(uri);
    if (Maybe missing = Missing(uri, match)) return missing;
    return match.node == nullptr ? std::nullopt : Format(uri, *match.node, format);
  }

  const Ddf& ddf_;
  const std::string& model_;
};

// The node and all above it, the node first.
std::vector<std::string> Upwards(const dmtree::LocUri& uri) {
  std::vector<std::string> uris = {uri.path()};
  for (std::optional<dmtree::LocUri> at = uri.Parent(); at; at = at->Parent()) {
    uris.push_back(at->path());
  }
  return uris;
}

struct EffectiveAcl {
  std::string at;
  Acl acl;
};

// The ACL that rules a node; nullopt if it is not known whether one of its own, or of those below
// the one that is known, says otherwise.
std::optional<EffectiveAcl> RulingAcl(const dmtree::LocUri& uri, const KnownNodes& nodes) {
  for (const std::string& at : Upwards(uri)) {
    const auto known = nodes.find(at);
    if (known == nodes.end() || !known->second.acl) return std::nullopt;
    const Result<Acl> acl = Acl::Parse(*known->second.acl);
    if (!acl) return std::nullopt;
    if (!acl->empty()) return EffectiveAcl{at, *acl};
  }
  return EffectiveAcl{".", Acl::RootDefault()};
}

Maybe NeedsRight(const dmtree::LocUri& uri, AclCommand right, const KnownNodes& nodes,
                 const std::string& server_id) {
  const std::optional<EffectiveAcl> ruling = RulingAcl(uri, nodes);
  if (!ruling || ruling->acl.Allows(right, server_id)) return std::nullopt;
  const std::string holders = ruling->acl.Holders(right);
  return Violation{ruling->at, "its ACL lets " + (holders.empty() ? "nobody" : holders) + " " +
                                   std::string(dmtree::Name(right)) + " " + uri.path() + ", not " +
                                   server_id};
}

Maybe NeedsRightOnParent(const dmtree::LocUri& uri, AclCommand right, const KnownNodes& nodes,
                         const std::string& server_id) {
  const std::optional<dmtree::LocUri> parent = uri.Parent();
  return parent ? NeedsRight(*parent, right, nodes, server_id) : std::nullopt;
}

Maybe CheckAclChange(const CheckedCommand& command, const KnownNodes& nodes,
                     const std::string& server_id) {
  const auto known = nodes.find(command.target.path());
  if (known == nodes.end()) return std::nullopt;
  const bool leaf = !known->second.format.empty() && known->second.format != "node";
  Maybe by_parent = NeedsRightOnParent(command.target, AclCommand::kReplace, nodes, server_id);
  if (leaf || !by_parent) return by_parent;
  return NeedsRight(command.target, AclCommand::kReplace, nodes, server_id) ? by_parent
                                                                            : std::nullopt;
}

Maybe CheckRights(const CheckedCommand& command, const KnownNodes& nodes,
                  const std::string& server_id) {
  switch (command.verb) {
    case Verb::kGet:
      return NeedsRight(command.target, AclCommand::kGet, nodes, server_id);
    case Verb::kExec:
      return NeedsRight(command.target, AclCommand::kExec, nodes, server_id);
    case Verb::kDelete:
      return NeedsRight(command.target, AclCommand::kDelete, nodes, server_id);
    case Verb::kAdd:
      return NeedsRightOnParent(command.target, AclCommand::kAdd, nodes, server_id);
    case Verb::kReplace:
      if (command.target.query() == dmtree::Query::kProp && command.target.query_value() == "ACL") {
        return CheckAclChange(command, nodes, server_id);
      }
      return NeedsRight(command.target, AclCommand::kReplace, nodes, server_id);
    case Verb::kCopy:
      break;
  }
  if (command.source) {
    if (Maybe no = NeedsRight(*command.source, AclCommand::kGet, nodes, server_id)) return no;
  }
  return nodes.contains(command.target.path())
             ? NeedsRight(command.target, AclCommand::kReplace, nodes, server_id)
             : NeedsRightOnParent(command.target, AclCommand::kAdd, nodes, server_id);
}

Maybe CheckLimits(const CheckedCommand& command, const KnownTerminal& terminal) {
  const Result<dmtree::LocUri> fits = dmtree::LocUri::Parse(command.target_text, terminal.limits);
  if (!fits) return Violation{"./DevDetail/URI", fits.error().message};
  if (terminal.max_object_octets == 0 || command.size_octets <= terminal.max_object_octets) {
    return std::nullopt;
  }
  return Violation{command.target.path(), std::to_string(command.size_octets) +
                                              " octets, and its profile allows " +
                                              std::to_string(terminal.max_object_octets)};
}

}  // namespace

Maybe CheckAgainstDdf(const CheckedCommand& command, const Ddf& ddf, const std::string& model) {
  return DdfRules(ddf, model).Check(command);
}

Maybe CheckAgainstTerminal(const CheckedCommand& command, const KnownTerminal& terminal,
                           const std::string& server_id) {
  if (Maybe limit = CheckLimits(command, terminal)) return limit;
  return CheckRights(command, terminal.nodes, server_id);
}

std::optional<uint32_t> MostSiblings(const CheckedCommand& command, const Ddf& ddf) {
  if (command.verb != Verb::kAdd && command.verb != Verb::kCopy) return std::nullopt;
  const DdfMatch match = ddf.Match(command.target.path());
  if (match.kind != DdfMatch::Kind::kDescribed || !match.node->name.empty()) return std::nullopt;
  if (!match.node->occurrence) return std::nullopt;
  switch (match.node->occurrence->kind) {
    case DdfOccurrence::Kind::kZeroOrN:
    case DdfOccurrence::Kind::kOneOrN:
      return match.node->occurrence->most;
    case DdfOccurrence::Kind::kZeroOrOne:
    case DdfOccurrence::Kind::kOne:
      return 1;
    case DdfOccurrence::Kind::kZeroOrMore:
    case DdfOccurrence::Kind::kOneOrMore:
      break;
  }
  return std::nullopt;
}

Maybe CheckSiblings(const CheckedCommand& command, uint32_t most, const KnownTerminal& terminal,
                    const std::string& model) {
  const auto beside = terminal.siblings.find(command.target.path());
  if (beside == terminal.siblings.end() || beside->second < most) return std::nullopt;
  return Violation{command.target.path(), "the DDF of " + model + " allows " +
                                              std::to_string(most) + " such nodes, and there are " +
                                              std::to_string(beside->second)};
}

std::vector<std::string> UrisToKnow(const CheckedCommand& command) {
  std::vector<std::string> uris = Upwards(command.target);
  if (!command.source) return uris;
  std::vector<std::string> of_source = Upwards(*command.source);
  std::ranges::move(of_source, std::back_inserter(uris));
  return uris;
}

}  // namespace drover::tree
