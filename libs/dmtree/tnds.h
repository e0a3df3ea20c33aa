// TNDS: a part of a management tree as one object, as a value.
//
// Terminals return it for "Get <URI>?list=TNDS", servers Add and Replace it, exports are made of
// it. Three encodings exist, and each is read: XML text, a WBXML document (as libwbxml embeds it in
// a Data element), and bare elements of code page 2 (as TND 8.6 intends). What libs/syncml hands
// out for elements or a document inside a Data element (DataForm::kMarkup) is XML text.
//
// Spec: OMA-TS-DM_TNDS-V1_2; OMA-TS-DM_TND-V1_2, 8.6.2 (tokens); the DTD of both, dm_ddf-v1_2.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.h"

namespace drover::dmtree {

enum class TndsForm : uint8_t {
  kXml,     // application/vnd.syncml.dmtnds+xml
  kWbxml,   // application/vnd.syncml.dmtnds+wbxml: a document with a header of its own
  kInline,  // The same type: elements of code page 2, from "SWITCH_PAGE 2" to the END of MgmtTree
};

struct NodeType {
  std::string text;
  bool ddf_name = false;  // DDFName (a management object identifier); else MIME.
  bool operator==(const NodeType&) const = default;
};

// RTProperties. nullopt: the element is not there.
struct NodeProperties {
  std::optional<std::string> acl;
  std::optional<std::string> format;  // b64 bin bool chr int node null xml date time float
  std::optional<NodeType> type;
  std::optional<std::string> title;
  std::optional<std::string> size;    // Decimal.
  std::optional<std::string> tstamp;  // YYYYMMDDThhmmssZ
  std::optional<std::string> ver_no;
  bool operator==(const NodeProperties&) const = default;
};

struct TndsNode {
  // Path and NodeNames, joined. "./A/B" if the Path is one from the root, else relative to where
  // the object stands: "A/B". "": a node without a name, for which that place itself stands.
  std::string uri;
  NodeProperties properties;
  std::optional<std::string> value;  // Octets, whatever they were encoded as.
  bool operator==(const TndsNode&) const = default;
};

struct Tnds {
  std::string manufacturer;  // Man
  std::string model;         // Mod
  std::vector<TndsNode> nodes;
  bool operator==(const Tnds&) const = default;
};

struct TndsLimits {
  size_t octets = 4U << 20;
  uint32_t depth = 64;  // Of nested nodes.
  uint32_t nodes = 20'000;
};

// Takes any of the three, told apart by the first octets. Nodes come in the order of their URIs,
// parents before children. A Value of Format b64 or bin is base64 in XML. Unknown elements are read
// over. kInvalidArgument: not such an object, or a node that is not right (it is named: a name with
// "/" or "?", an unknown Format, a Value that is not base64, a node twice). kOutOfRange: past
// limits.
Result<Tnds> DecodeTnds(std::string_view octets, const TndsLimits& limits = {});

// Nodes in any order; one whose parent is not among them gets a Path. A value that XML cannot carry
// goes as Format bin whatever its Format says. In WBXML values of Format bin are OPAQUE. After
// kInline the code page is 2.
std::string EncodeTnds(const Tnds& tnds, TndsForm form);

// Absolute URIs for what a terminal returned for (or is to put at) the node start, "." or "./A/B":
// the outermost node is start itself if it has no name or start's, else it is a child of start.
// kInvalidArgument: two nodes would be at one place.
Result<void> PlaceAt(Tnds& tnds, std::string_view start);

// Gives nodes without Format the one that is meant: "node" with nodes below, else "chr".
void FillFormats(Tnds& tnds);

// "./A" before "./A/B" before "./A-B": by segments.
bool UriBefore(std::string_view a, std::string_view b);

}  // namespace drover::dmtree
