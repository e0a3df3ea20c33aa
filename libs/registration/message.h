// Short messages as self-registration sees them: what came from a terminal, what goes back to it.
//
// Plain values, so that this library knows no SMPP: the service copies them from deliver_sm and
// into submit_sm. Spec: SMPP 3.4, sections 4.6.1 and 4.4.1 (fields of the same names); 3GPP TS
// 23.040, section 9.2.3.24.4 (port addressing, 16 bit).
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace drover::registration {

struct Address {
  std::string digits;  // As in the PDU: source_addr, destination_addr.
  uint8_t ton = 0;     // Type of number: 0 unknown, 1 international, 2 national ..
  uint8_t npi = 1;     // Numbering plan: 1 E.164.
  bool operator==(const Address&) const = default;
};

// A whole message, its segments joined and its user data header taken off.
struct MobileOriginated {
  Address source;
  Address destination;
  std::optional<uint16_t> destination_port;  // Of the port IE, or of TLV 020B.
  std::optional<uint16_t> source_port;
  uint8_t data_coding = 0;
  std::string_view octets;
};

// One message to submit, at most 140 octets of user data.
struct ShortMessage {
  Address source;
  Address destination;
  std::string user_data;  // short_message: with the user data header if esm_class says so.
  uint8_t esm_class = 0;  // 0x40: user_data begins with a user data header.
  uint8_t protocol_id = 0;
  uint8_t data_coding = 4;
  uint8_t registered_delivery = 0;
  std::chrono::seconds validity{0};     // 0: as long as the SMSC keeps messages.
  std::optional<uint16_t> teleservice;  // CDMA only: by a TLV of the SMSC's own.
};

}  // namespace drover::registration
