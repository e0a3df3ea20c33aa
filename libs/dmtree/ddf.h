// DDF: the description of a model's management tree, as a value; and what it says of a node.
//
// Spec: OMA-TS-DM_TND-V1_2, "Device description framework" and its DTD, dm_ddf-v1_2.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.h"
#include "libs/dmtree/tnds.h"

namespace drover::dmtree {

enum class DdfAccess : uint8_t {  // AccessType
  kAdd = 1,
  kCopy = 2,
  kDelete = 4,
  kExec = 8,
  kGet = 16,
  kReplace = 32,
};

struct DdfOccurrence {
  enum class Kind : uint8_t { kOne, kZeroOrOne, kZeroOrMore, kOneOrMore, kZeroOrN, kOneOrN };
  Kind kind = Kind::kOne;
  uint32_t most = 0;  // Of kZeroOrN and kOneOrN: 2..65536.
  bool operator==(const DdfOccurrence&) const = default;
};

struct DdfNode {
  std::string name;  // Empty: assigned at run time.
  std::string path;  // Of outermost nodes: the URI up to them.
  std::optional<NodeProperties> rt_properties;

  uint8_t access = 0;  // DdfAccess, or-ed.
  std::optional<std::string> default_value;
  std::optional<std::string> description;
  std::string format;  // DFFormat; empty: not said.
  std::optional<DdfOccurrence> occurrence;
  std::optional<bool> permanent;  // Scope
  std::optional<std::string> title;
  std::vector<NodeType> types;         // DFType: MIME types, or one DDFName.
  std::optional<bool> case_sensitive;  // CaseSense

  std::optional<std::string> value;
  std::vector<DdfNode> children;

  bool Allows(DdfAccess wanted) const { return (access & static_cast<uint8_t>(wanted)) != 0; }
  bool interior() const { return format == "node" || !children.empty(); }
  bool operator==(const DdfNode&) const = default;
};

// What a description says of a URI.
struct DdfMatch {
  enum class Kind : uint8_t {
    kUnknown,    // Nothing.
    kDescribed,  // node is the rule.
    kAbsent,     // That there is no such node: node describes its nearest ancestor, at.
  };
  Kind kind = Kind::kUnknown;
  const DdfNode* node = nullptr;    // May be null for kAbsent: of the root nothing more is said.
  const DdfNode* parent = nullptr;  // Of kDescribed, where it is described too.
  std::string at;                   // Of kAbsent: "./A" of "./A/B/C".
};

struct Ddf {
  std::string manufacturer;  // Man
  std::string model;         // Mod
  std::vector<DdfNode> nodes;

  size_t Count() const;
  // uri: LocUri::path(). Names are compared percent-decoded; a name assigned at run time matches
  // any segment that no sibling has for a name. Of several outermost nodes the one that begins
  // nearest to the node rules (a management object's own description over the terminal's); a node
  // whose DFType is a DDFName and that has no nodes below is described by the outermost node
  // without place of that DDFName, if there is one, else what is below it is unknown; as is what is
  // below Ext. What is outside of all outermost nodes is absent if the root or ./DevInfo is
  // described (every terminal has it, so the whole tree is), else unknown.
  DdfMatch Match(std::string_view uri) const;
  bool operator==(const Ddf&) const = default;
};

struct DdfLimits {
  size_t octets = 4U << 20;
  uint32_t depth = 64;
  uint32_t nodes = 100'000;
};

// XML or WBXML, told apart by the first octets. Unknown elements are read over. kInvalidArgument:
// not such a document, or a node that is not right (it is named). kOutOfRange: past limits.
Result<Ddf> DecodeDdf(std::string_view octets, const DdfLimits& limits = {});
// form: kXml or kWbxml.
std::string EncodeDdf(const Ddf& ddf, TndsForm form);

// "Add", "Get"
std::string_view Name(DdfAccess access);

}  // namespace drover::dmtree
