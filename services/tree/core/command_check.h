// Whether a terminal can carry out a command, as far as its model's DDF, its ACLs and its limits
// are known.
//
// Spec: OMA-TS-DM_TND-V1_2, "AccessType", "Occurrence", "Scope", "ACL", "Addressing object nodes".
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/result.h"
#include "libs/dmtree/ddf.h"
#include "libs/dmtree/loc_uri.h"
#include "libs/dmtree/tnds.h"

namespace drover::tree {

enum class Verb : uint8_t { kGet = 1, kReplace, kAdd, kDelete, kCopy, kExec };  // As TreeCommand.

// A command, its URIs parsed.
struct CheckedCommand {
  Verb verb = Verb::kGet;
  dmtree::LocUri target;
  std::optional<dmtree::LocUri> source;  // kCopy
  std::string target_text;               // As given: lengths count it.
  std::string format;
  uint64_t size_octets = 0;
  bool tnds_type = false;            // The data is a TNDS object ..
  std::optional<dmtree::Tnds> tnds;  // .. which was given too, placed at the target.
};

// What is stored of a node.
struct KnownNode {
  std::string format;
  std::optional<std::string> acl;
};
using KnownNodes = std::map<std::string, KnownNode, std::less<>>;  // By URI.

struct KnownTerminal {
  dmtree::LocUriLimits limits;     // ./DevDetail/URI
  uint64_t max_object_octets = 0;  // Of its profile; 0: not known.
  KnownNodes nodes;                // The targets, sources and all above them, as far as stored.
  // Nodes beside the target that are stored; only for commands that AsksForSiblings.
  std::map<std::string, uint32_t, std::less<>> siblings;  // By the target's URI.
};

struct Violation {
  std::string node;
  std::string reason;
};

// What the description of a model alone forbids; the same for all terminals of it.
std::optional<Violation> CheckAgainstDdf(const CheckedCommand& command, const dmtree::Ddf& ddf,
                                         const std::string& model);
// What one terminal's state forbids. server_id: ours, as ACLs name it.
std::optional<Violation> CheckAgainstTerminal(const CheckedCommand& command,
                                              const KnownTerminal& terminal,
                                              const std::string& server_id);
// How many nodes there may be beside an Add's target and itself; nullopt: as many as it likes.
std::optional<uint32_t> MostSiblings(const CheckedCommand& command, const dmtree::Ddf& ddf);
std::optional<Violation> CheckSiblings(const CheckedCommand& command, uint32_t most,
                                       const KnownTerminal& terminal, const std::string& model);

// The URIs whose KnownNodes are asked for: target, source and all above them.
std::vector<std::string> UrisToKnow(const CheckedCommand& command);

}  // namespace drover::tree
