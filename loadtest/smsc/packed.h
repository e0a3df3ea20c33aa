// Short messages as octets, many in one body: what drover-smsc and who plays its terminals say to
// each other when JSON would cost too much (/deliveries?form=octets, and /mo with type
// kPackedType).
//
// A record is number (8 octets), port (2), flags (1), lengths of the terminal's and of the other
// number (1 each) and of the content (4), then these three; integers are big-endian.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace drover::smsc {

inline constexpr char kPackedType[] = "application/vnd.drover.short-messages";

// Views what it was read from.
struct PackedMessage {
  uint64_t number = 0;        // Of a delivery (Delivered::number); else 0.
  std::string_view terminal;  // Digits of who has it or sends it; at most 255.
  std::string_view other;     // Where it came from, or goes to.
  uint16_t port = 0;          // The terminal's, or both; 0: none.
  bool is_text = false;       // Content is UTF-8, for the SMSC to find a coding; else octets.
  std::string_view content;
  friend bool operator==(const PackedMessage&, const PackedMessage&) = default;
};

// Numbers longer than 255 digits are cut.
void AppendPacked(const PackedMessage& message, std::string& out);
// Takes one record from rest. nullopt: there is no whole one, and rest is as before.
std::optional<PackedMessage> NextPacked(std::string_view& rest);

}  // namespace drover::smsc
