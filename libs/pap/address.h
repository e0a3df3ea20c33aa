// Whom a push is for: "WAPPUSH=+8613800138000/TYPE=PLMN@ppg.carrier.com".
//
// Spec: WAP-249-PPGService, "Addressing" (the grammar and its escapes).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/base/result.h"

namespace drover::pap {

enum class AddressType : uint8_t {
  kPlmn,  // A telephone number.
  kUser,  // Any text: here "IMEI:..", "IMSI:.." or what the operator resolves.
  kIpv4,  // The types below are understood and not served over short messages.
  kIpv6,
  kOther,  // The name of a bearer.
};

struct Address {
  AddressType type = AddressType::kPlmn;
  std::string type_name;  // Upper case: "PLMN", "IPV4".
  std::string specifier;  // Escapes resolved. kPlmn: digits, no "+".
  std::string ppg;        // Host name of the gateway meant; may be empty if lenient.
  bool operator==(const Address&) const = default;
};

// lenient: a bare telephone number is one of type PLMN, and "@ppg" may be missing; both are common.
// kInvalidArgument: anything else than such an address; a telephone number that is not one of 3 to
// 15 digits (with "-", "." and blanks between), an IPv4 address that is none.
Result<Address> ParseAddress(std::string_view value, bool lenient);

// With "+" before telephone numbers and whatever needs it escaped.
std::string FormatAddress(const Address& address);

}  // namespace drover::pap
