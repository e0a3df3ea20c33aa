#include "libs/sms/segments.h"

#include <algorithm>

namespace drover::sms {
namespace {

constexpr size_t kConcat8Octets = 5;
constexpr size_t kConcat16Octets = 6;

size_t PortsOctets(const Layout& layout) {
  if (!layout.ports) return 0;
  return layout.ports->wide ? 6 : 4;
}

// Of content, beside elements of so many octets.
size_t Room(Coding coding, size_t elements) {
  const size_t octets = kUserDataOctets - (elements == 0 ? 0 : elements + 1);
  switch (coding) {
    case Coding::kGsm7:
      return octets * 8 / 7;
    case Coding::kUcs2:
      return octets - octets % 2;
    default:
      return octets;
  }
}

// Whether the last of the septets is an escape that belongs to the one behind them.
bool EndsInEscape(std::string_view septets) {
  size_t escapes = 0;
  while (escapes < septets.size() && septets[septets.size() - 1 - escapes] == kEscape) ++escapes;
  return escapes % 2 == 1;
}

bool EndsInHighSurrogate(std::string_view units) {
  return units.size() >= 2 && (static_cast<uint8_t>(units[units.size() - 2]) & 0xFC) == 0xD8;
}

bool IsLowSurrogate(std::string_view units) {
  return units.size() >= 2 && (static_cast<uint8_t>(units[0]) & 0xFC) == 0xDC;
}

// How much of what is left the next of several segments takes.
size_t Cut(Coding coding, size_t each, std::string_view rest) {
  if (rest.size() <= each) return rest.size();
  const std::string_view head = rest.substr(0, each);
  if (coding == Coding::kGsm7 && EndsInEscape(head)) return each - 1;
  if (coding == Coding::kUcs2 && EndsInHighSurrogate(head) && IsLowSurrogate(rest.substr(each))) {
    return each - 2;
  }
  return each;
}

Result<void> Check(std::string_view content, const Layout& layout) {
  if (layout.ports && !layout.ports->wide &&
      (layout.ports->destination > 0xFF || layout.ports->source > 0xFF)) {
    return InvalidArgument("an 8-bit port exceeds 255: use 16-bit ports");
  }
  if (layout.coding == Coding::kUcs2 && content.size() % 2 != 0) {
    return InvalidArgument("UCS-2 of an odd count of octets");
  }
  const auto is_septet = [](char c) { return static_cast<uint8_t>(c) < 128; };
  if (layout.coding == Coding::kGsm7 && !std::ranges::all_of(content, is_septet)) {
    return InvalidArgument("content that is not in the GSM alphabet");
  }
  return {};
}

}  // namespace

size_t Layout::Single() const { return Room(coding, PortsOctets(*this)); }

size_t Layout::Each() const {
  const bool narrow = concatenation == Concatenation::kReference8;
  return Room(coding, PortsOctets(*this) + (narrow ? kConcat8Octets : kConcat16Octets));
}

size_t CountSegments(const Layout& layout, std::string_view content) {
  if (content.size() <= layout.Single()) return 1;
  const size_t each = layout.Each();
  if (layout.coding == Coding::kOctets) return (content.size() + each - 1) / each;
  size_t count = 0;
  for (; !content.empty(); ++count) content.remove_prefix(Cut(layout.coding, each, content));
  return count;
}

Result<Plan> Plan::Make(std::string content, const Layout& layout, size_t max_segments) {
  DROVER_TRY(Check(content, layout));
  const size_t count = CountSegments(layout, content);
  if (count > std::min(max_segments, kMaxSegments)) {
    return ResourceExhausted("the content takes " + std::to_string(count) + " segments, " +
                             std::to_string(std::min(max_segments, kMaxSegments)) +
                             " are allowed: shorten it");
  }
  return Plan(std::move(content), layout, count);
}

bool Plan::has_udh() const {
  const bool concatenated = count_ > 1 && layout_.concatenation != Concatenation::kTlvs;
  return layout_.ports.has_value() || concatenated;
}

std::string_view Plan::Payload(size_t k) const {
  DROVER_CHECK(k >= 1 && k <= count_);
  std::string_view rest = content_;
  if (count_ == 1) return rest;
  const size_t each = layout_.Each();
  if (layout_.coding == Coding::kOctets) return rest.substr((k - 1) * each, each);
  for (size_t i = 1; i < k; ++i) rest.remove_prefix(Cut(layout_.coding, each, rest));
  return rest.substr(0, Cut(layout_.coding, each, rest));
}

void Plan::AppendSegment(size_t k, uint16_t reference, std::string& out) const {
  const std::string_view payload = Payload(k);
  Udh udh{.ports = layout_.ports, .concat = {}, .others = {}};
  if (count_ > 1 && layout_.concatenation != Concatenation::kTlvs) {
    const bool wide = layout_.concatenation == Concatenation::kReference16;
    udh.concat = {.reference = static_cast<uint16_t>(wide ? reference : reference & 0xFF),
                  .total = count_,
                  .sequence = static_cast<uint8_t>(k),
                  .wide = wide};
  }
  const size_t begin = out.size();
  AppendUdh(udh, out).value();  // Make has seen to it that this cannot fail.
  if (layout_.coding == Coding::kGsm7 && layout_.packed) {
    AppendPacked(payload, FillBits(out.size() - begin), out);
  } else {
    out.append(payload);
  }
}

}  // namespace drover::sms
