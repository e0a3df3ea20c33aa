// The address of a node in a terminal's management tree, with its query.
//
// Spec: OMA-TS-DM_TND-V1_2, "Addressing object nodes", "Properties of nodes", "Requesting a part of
// a management tree".
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.h"

namespace drover::dmtree {

// What a terminal states in ./DevDetail/URI. 0: no limit. Lengths count characters of the URI as
// it is written; total counts the query too.
struct LocUriLimits {
  uint32_t depth = 0;
  uint32_t segment_characters = 0;
  uint32_t total_characters = 0;
};

enum class Query : uint8_t { kNone, kProp, kList };  // "", "?prop=..", "?list=.."

class LocUri {
 public:
  // text: from the root, with or without "./" first; "." (or "./") is the root itself. A '%' that
  // no two hex digits follow stands for itself.
  // kInvalidArgument: empty, absolute, not UTF-8, control characters, an empty segment, "." or ".."
  // as a segment (also percent-encoded), a query other than prop or list or without a value.
  // kOutOfRange: past one of limits (SyncML 414).
  static Result<LocUri> Parse(std::string_view text, const LocUriLimits& limits = {});

  // "." or "./DevInfo/Man": spelled as it came (terminals may compare octets), "./" always there.
  const std::string& path() const { return path_; }
  bool is_root() const { return path_.size() == 1; }
  Query query() const { return query_; }
  // "ACL", "Struct", "TNDS+Value"; empty without a query. Any name: whether the terminal knows it
  // is the terminal's to say (406).
  const std::string& query_value() const { return query_value_; }
  // path() and the query.
  std::string ToString() const;

  // ASCII; equal exactly for URIs of the same node: every octet but 0x21..0x7E without "/", "%" and
  // "?" is percent-encoded in upper case, every other one is not. No query.
  std::string Canonical() const;

  // As written; none for the root. Views into path().
  std::vector<std::string_view> Segments() const;
  // The last segment as written; "" for the root.
  std::string_view Name() const;
  // Without a query; nullopt for the root.
  std::optional<LocUri> Parent() const;

 private:
  std::string path_;
  Query query_ = Query::kNone;
  std::string query_value_;
};

// Whether uri is the node ancestor or one below it. Both as path() or both as Canonical().
bool IsSelfOrBelow(std::string_view uri, std::string_view ancestor);

// name with everything percent-encoded that may not stand in a segment ("/", "%", "?", control
// characters, space): what a terminal calls a child "50%/a" in a URI.
std::string EncodeSegment(std::string_view name);
// The reverse: octets of the name.
std::string DecodeSegment(std::string_view segment);

}  // namespace drover::dmtree
