// Pages: the nodes of a range of URIs of one terminal's tree, packed into one string.
//
// A page holds its nodes in the order of their URIs, each URI as what it shares with the one before
// and the rest (front coding), times as their distance from a base that most nodes of a page have.
// A value above kLargeOctets stands apart (tree.large_values); its page keeps size and digest, so
// that a change is seen without reading it.
//
//   page   = version:1 (0x01) base:8 (big-endian, microseconds since the epoch) entry*
//   entry  = shared rest:text flags:1 [time] [since] format type [acl:text] [value:text | large]
//   time   = zigzag(reported_at - base), without kAtBase
//   since  = zigzag(since - reported_at), with kSince
//   format = code | text with kFormatText; type likewise (core/node_codes.h)
//   large  = octets md5:16, with kLarge
//   text   = length octets; every number without a width is a varint: 7 bits an octet, low first
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/result.h"
#include "services/tree/core/node_codes.h"

namespace drover::tree {

// A page above it is split. With it a row stays below what PostgreSQL compresses or moves out, and
// its next version finds room beside it in the same block.
constexpr size_t kPageOctets = 1800;
constexpr size_t kLargeOctets = 512;

// What a page knows of a value that stands apart.
struct LargeValue {
  uint32_t octets = 0;
  std::array<char, 16> md5{};
  bool operator==(const LargeValue&) const = default;
};
LargeValue DigestOf(std::string_view value);

// Views what it was decoded from, or was made of.
struct PageNode {
  std::string uri;
  Coded format;
  Coded type;
  TimePoint reported_at{};
  std::optional<TimePoint> since;  // Of the present value; nullopt: reported_at.
  std::optional<std::string_view> acl;
  bool has_value = false;  // Else only that the node is there is known.
  std::string_view value;  // Empty where it stands apart.
  std::optional<LargeValue> large;
};

struct Page {
  TimePoint base{};
  std::vector<PageNode> nodes;
};

// Any octets: the page, or kInternal with what is wrong with it.
Result<Page> DecodePage(std::string_view content);
// The one node, without decoding what follows it. Errors as DecodePage.
Result<std::optional<PageNode>> FindInPage(std::string_view content, std::string_view uri);

// nodes: by URI, none twice.
std::string EncodePage(std::span<const PageNode> nodes, TimePoint base);

// One page if they fit, else as many as leave each a quarter of room.
struct EncodedPage {
  std::span<const PageNode> nodes;
  std::string content;
};
std::vector<EncodedPage> EncodePages(std::span<const PageNode> nodes, TimePoint base);

// The time that most nodes were reported at; if there is none, the base stays what it was.
TimePoint BaseOf(std::span<const PageNode> nodes, TimePoint was);

// Whether the node may be a management object: interior (or of a format that was not said), with a
// type that is no media type.
bool MayBeObject(const PageNode& node);

}  // namespace drover::tree
