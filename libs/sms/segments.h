// How content is cut into short messages.
//
// Content that fits one message goes whole, behind its ports if there are any; other content in
// segments that share a reference, each repeating the ports. A cut never falls between the halves
// of a surrogate pair or behind an escape of the GSM alphabet. Nothing is stored for each segment:
// segment k is built when it is sent.
//
// Spec: 3GPP TS 23.040, 9.2.3.24.1 and .8. What a segment holds (octets / 7-bit / UCS-2
// characters): no header 140/160/70; ports 133/152/66; 8-bit reference 134/153/67, with ports
// 128/146/64; 16-bit reference 133/152/66, with ports 127/145/63.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/result.h"
#include "libs/sms/alphabet.h"
#include "libs/sms/udh.h"

namespace drover::sms {

// Where the segments of one message say that they belong together.
enum class Concatenation : uint8_t {
  kReference16,  // In the header, IE 08.
  kReference8,   // In the header, IE 00: for very old terminals.
  kTlvs,         // In the SMPP SAR TLVs: the SMSC writes IE 08, whose room stays free.
};

inline constexpr size_t kMaxSegments = 255;
inline constexpr size_t kDefaultMaxSegments = 8;

struct Layout {
  Coding coding = Coding::kOctets;
  std::optional<Ports> ports;
  Concatenation concatenation = Concatenation::kReference16;
  bool packed = false;  // kGsm7: septets packed behind the header; else one octet a character.

  // Octets (kOctets, kUcs2) or septets (kGsm7) of content in a message that is alone.
  size_t Single() const;
  // The same in each of several segments.
  size_t Each() const;
};

// How many messages the content takes; 1 for empty content. Content of kUcs2 has an even count of
// octets.
size_t CountSegments(const Layout& layout, std::string_view content);

// Content and how it is cut; the content is stored once.
class Plan {
 public:
  Plan() = default;
  // kResourceExhausted: more than max_segments (1..255). kInvalidArgument: content that the coding
  // does not allow, or 8-bit ports over 255.
  static Result<Plan> Make(std::string content, const Layout& layout,
                           size_t max_segments = kDefaultMaxSegments);

  size_t count() const { return count_; }  // 1..255
  const std::string& content() const { return content_; }
  const Layout& layout() const { return layout_; }
  // Whether segments begin with a header: UDHI of esm_class.
  bool has_udh() const;

  // The content of segment k (1..count()).
  std::string_view Payload(size_t k) const;
  // Appends the user data of segment k: header, then payload. reference: that of all segments; its
  // low octet with 8-bit references, not used by a single message.
  void AppendSegment(size_t k, uint16_t reference, std::string& out) const;

 private:
  Plan(std::string content, const Layout& layout, size_t count)
      : content_(std::move(content)), layout_(layout), count_(static_cast<uint8_t>(count)) {}

  std::string content_;
  Layout layout_;
  uint8_t count_ = 1;
};

}  // namespace drover::sms
