// The user data header of a short message: ports, concatenation, whatever else it holds.
//
// user data = UDHL | information elements (id, length, data) | payload.
// Spec: 3GPP TS 23.040, 9.2.3.24 "TP-User Data" and below: 9.2.3.24.1 and .8 (concatenation, 8 and
// 16-bit reference), .3 and .4 (application ports, 8 and 16 bit).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.h"

namespace drover::sms {

inline constexpr size_t kUserDataOctets = 140;  // With the header.

inline constexpr uint16_t kPushPort = 2948;        // WAP push, connectionless.
inline constexpr uint16_t kSecurePushPort = 2949;  // The same over WTLS.
inline constexpr uint16_t kPushSourcePort = 9200;  // By habit.

struct Ports {
  uint16_t destination = 0;
  uint16_t source = 0;
  bool wide = true;  // 16 bit (IE 05); else 8 bit (IE 04), both at most 255.
  bool operator==(const Ports&) const = default;
};

struct Concat {
  uint16_t reference = 0;
  uint8_t total = 0;
  uint8_t sequence = 0;  // 1..total
  bool wide = true;      // 16-bit reference (IE 08); else 8 bit (IE 00), at most 255.

  // False: receivers ignore the element and take the part as a message of its own.
  bool Sensible() const { return total > 0 && sequence > 0 && sequence <= total; }
  bool operator==(const Concat&) const = default;
};

struct InformationElement {
  uint8_t id = 0;
  std::string_view data;  // At most 137 octets.
  bool operator==(const InformationElement&) const = default;
};

struct Udh {
  std::optional<Ports> ports;
  std::optional<Concat> concat;
  std::vector<InformationElement> others;  // In their order.

  bool empty() const { return !ports && !concat && others.empty(); }
  bool operator==(const Udh&) const = default;
};

// Octets that AppendUdh writes, UDHL included; 0 for an empty header.
size_t UdhOctets(const Udh& udh);

// Appends UDHL and elements, ports first; nothing for an empty header. kInvalidArgument, and
// nothing appended: a value too large for the 8-bit form, an element among the others that has a
// field of its own, or more than 140 octets.
Result<void> AppendUdh(const Udh& udh, std::string& out);

struct UserData {
  Udh udh;                   // Views the octets that were decoded.
  std::string_view payload;  // What follows the header.
};

// The user data of a message whose header indicator is set. Of an element that is there twice, and
// of ports or concatenations in both widths, the last counts (9.2.3.24). kInvalidArgument: a header
// longer than the user data, an element that ends outside of it, a known one of the wrong length:
// receivers then ignore the header.
Result<UserData> DecodeUserData(std::string_view octets);

}  // namespace drover::sms
