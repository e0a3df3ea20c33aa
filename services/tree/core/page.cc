#include "services/tree/core/page.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "libs/base/bytes.h"
#include "libs/base/packed.h"
#include "libs/dmauth/digest.h"
#include "services/tree/core/uri.h"

namespace drover::tree {
namespace {

using base::Packer;
using base::Unpacker;

constexpr char kVersion = 1;
constexpr size_t kHeaderOctets = 9;
constexpr size_t kFullOctets = kPageOctets * 3 / 4;  // Of a page that a split makes.
constexpr int16_t kInterior = 4;                     // "node" of core/node_codes.cc.
constexpr int16_t kLastMediaType = 9;                // Likewise; objects come after it.

enum Flag : uint8_t {
  kHasValue = 0x01,
  kLarge = 0x02,
  kAtBase = 0x04,
  kSince = 0x08,
  kAcl = 0x10,
  kFormatText = 0x20,
  kTypeText = 0x40,
  kReserved = 0x80,
};

Error Damaged(const char* what) {
  return Internal(std::string("a page of tree.pages is damaged (") + what +
                  "): restore the row from a backup, or delete it and read the tree anew");
}

// --- Writing ---

// In unsigned arithmetic: any two times have a distance.
uint64_t Distance(TimePoint from, TimePoint to) {
  const uint64_t difference = static_cast<uint64_t>(to.time_since_epoch().count()) -
                              static_cast<uint64_t>(from.time_since_epoch().count());
  return difference << 1 ^ (difference >> 63 != 0 ? ~uint64_t{0} : 0);
}

TimePoint Moved(TimePoint from, uint64_t zigzag) {
  const uint64_t difference = zigzag >> 1 ^ ((zigzag & 1) != 0 ? ~uint64_t{0} : 0);
  const uint64_t to = static_cast<uint64_t>(from.time_since_epoch().count()) + difference;
  return TimePoint(TimePoint::duration(static_cast<int64_t>(to)));
}

uint8_t FlagsOf(const PageNode& node, TimePoint base) {
  unsigned flags = 0;
  if (node.has_value) flags |= kHasValue;
  if (node.large) flags |= kLarge;
  if (node.reported_at == base) flags |= kAtBase;
  if (node.since) flags |= kSince;
  if (node.acl) flags |= kAcl;
  if (node.format.text) flags |= kFormatText;
  if (node.type.text) flags |= kTypeText;
  return static_cast<uint8_t>(flags);
}

void AppendCoded(Packer& out, const Coded& coded) {
  if (coded.text) return out.Text(*coded.text);
  out.Number(static_cast<uint64_t>(coded.code));
}

void AppendEntry(Packer& out, std::string_view before, const PageNode& node, TimePoint base) {
  const std::string_view uri = node.uri;
  const auto differ = std::ranges::mismatch(before, uri);
  const auto shared = static_cast<size_t>(differ.in1 - before.begin());
  out.Number(shared);
  out.Text(uri.substr(shared));
  const uint8_t flags = FlagsOf(node, base);
  out.out() += static_cast<char>(flags);
  if ((flags & kAtBase) == 0) out.Number(Distance(base, node.reported_at));
  if (node.since) out.Number(Distance(node.reported_at, *node.since));
  AppendCoded(out, node.format);
  AppendCoded(out, node.type);
  if (node.acl) out.Text(*node.acl);
  if (node.large) {
    out.Number(node.large->octets);
    out.out().append(node.large->md5.data(), node.large->md5.size());
  } else if (node.has_value) {
    out.Text(node.value);
  }
}

std::string Header(TimePoint base) {
  std::string header(1, kVersion);
  header += base::BigEndian64(static_cast<uint64_t>(base.time_since_epoch().count()));
  return header;
}

// --- Reading ---

Coded ReadCoded(Unpacker& in, bool text) {
  if (text) return {kInText, in.Text()};
  // A larger number is no code; it would only read as one that is not known.
  return {static_cast<int16_t>(in.Number() & 0x7FFF), std::nullopt};
}

LargeValue ReadLarge(Unpacker& in) {
  LargeValue large;
  large.octets = static_cast<uint32_t>(in.Number());
  const std::string_view md5 = in.Octets(large.md5.size());
  if (in.ok()) std::memcpy(large.md5.data(), md5.data(), md5.size());
  return large;
}

// Entry by entry.
class PageReader {
 public:
  static Result<PageReader> Open(std::string_view content) {
    if (content.size() < kHeaderOctets) return Damaged("it has no beginning");
    if (content.front() != kVersion) return Damaged("its form is of another release");
    const uint64_t base = base::ReadBigEndian64(content.substr(1));
    return PageReader(TimePoint(TimePoint::duration(static_cast<int64_t>(base))),
                      content.substr(kHeaderOctets));
  }

  TimePoint base() const { return base_; }
  bool AtEnd() const { return in_.at_end(); }
  Result<PageNode> Next() {
    PageNode node;
    DROVER_TRY(node.uri, NextUri());
    const std::string_view octet = in_.Octets(1);
    const unsigned flags = octet.empty() ? 0U : static_cast<uint8_t>(octet.front());
    if ((flags & kReserved) != 0) return Damaged("a node has a flag that nobody knows");
    if ((flags & (kLarge | kHasValue)) == kLarge) return Damaged("a node has half a value");
    node.reported_at = (flags & kAtBase) != 0 ? base_ : Moved(base_, in_.Number());
    if ((flags & kSince) != 0) node.since = Moved(node.reported_at, in_.Number());
    node.format = ReadCoded(in_, (flags & kFormatText) != 0);
    node.type = ReadCoded(in_, (flags & kTypeText) != 0);
    if ((flags & kAcl) != 0) node.acl = in_.View();
    node.has_value = (flags & kHasValue) != 0;
    if ((flags & kLarge) != 0) {
      node.large = ReadLarge(in_);
    } else if (node.has_value) {
      node.value = in_.View();
    }
    if (!in_.ok()) return Damaged("it ends in the middle of a node");
    return node;
  }

 private:
  PageReader(TimePoint base, std::string_view entries) : base_(base), in_(entries) {}

  Result<std::string> NextUri() {
    const uint64_t shared = in_.Number();
    const std::string_view rest = in_.View();
    if (!in_.ok() || shared > before_.size()) return Damaged("a URI goes past its end");
    std::string uri = before_.substr(0, shared);
    uri += rest;
    if (uri.size() > kMaxUriOctets) return Damaged("a URI is longer than any may be");
    if (uri <= before_) return Damaged("its nodes are not in their order");
    before_ = uri;
    return uri;
  }

  TimePoint base_;
  Unpacker in_;
  std::string before_;
};

}  // namespace

LargeValue DigestOf(std::string_view value) {
  return {static_cast<uint32_t>(value.size()), dmauth::Md5({value})};
}

Result<Page> DecodePage(std::string_view content) {
  DROVER_TRY(PageReader reader, PageReader::Open(content));
  Page page{reader.base(), {}};
  while (!reader.AtEnd()) {
    DROVER_TRY(PageNode node, reader.Next());
    page.nodes.push_back(std::move(node));
  }
  return page;
}

Result<std::optional<PageNode>> FindInPage(std::string_view content, std::string_view uri) {
  DROVER_TRY(PageReader reader, PageReader::Open(content));
  while (!reader.AtEnd()) {
    DROVER_TRY(PageNode node, reader.Next());
    if (node.uri == uri) return std::optional<PageNode>(std::move(node));
    if (node.uri > uri) break;
  }
  return std::optional<PageNode>();
}

std::string EncodePage(std::span<const PageNode> nodes, TimePoint base) {
  Packer content(Header(base));
  std::string_view before;
  for (const PageNode& node : nodes) {
    AppendEntry(content, before, node, base);
    before = node.uri;
  }
  return std::move(content.out());
}

std::vector<EncodedPage> EncodePages(std::span<const PageNode> nodes, TimePoint base) {
  std::vector<EncodedPage> pages;
  std::string all = EncodePage(nodes, base);
  if (all.size() <= kPageOctets || nodes.size() < 2) {
    pages.push_back({nodes, std::move(all)});
    return pages;
  }
  const size_t parts = std::max<size_t>(2, (all.size() + kFullOctets - 1) / kFullOctets);
  const size_t full = all.size() / parts;
  size_t first = 0;
  Packer content(Header(base));
  for (size_t i = 0; i < nodes.size(); ++i) {
    const size_t before = content.out().size();
    AppendEntry(content, i == first ? "" : nodes[i - 1].uri, nodes[i], base);
    if (i == first || (before < full && content.out().size() <= kPageOctets)) continue;
    content.out().resize(before);
    pages.push_back({nodes.subspan(first, i - first), std::move(content.out())});
    first = i;
    content = Packer(Header(base));
    AppendEntry(content, "", nodes[i], base);
  }
  pages.push_back({nodes.subspan(first), std::move(content.out())});
  return pages;
}

// Boyer and Moore's majority vote.
TimePoint BaseOf(std::span<const PageNode> nodes, TimePoint was) {
  TimePoint candidate = was;
  size_t votes = 0;
  for (const PageNode& node : nodes) {
    if (votes == 0) candidate = node.reported_at;
    votes = node.reported_at == candidate ? votes + 1 : votes - 1;
  }
  const auto at = [nodes](TimePoint time) {
    return std::ranges::count(nodes, time, &PageNode::reported_at);
  };
  return at(candidate) > at(was) ? candidate : was;
}

bool MayBeObject(const PageNode& node) {
  const bool interior = node.format.code == kInText || node.format.code == kInterior;
  return interior && (node.type.code > kLastMediaType || node.type.text.has_value());
}

}  // namespace drover::tree
