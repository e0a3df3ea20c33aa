// The MSISDN of a terminal from the address that its message came from.
//
// Spec: SMPP 3.4, sections 5.2.5 (TON) and 5.2.6 (NPI); ITU-T E.164 (at most 15 digits).
#pragma once
#include <string>

#include "libs/base/result.h"
#include "libs/registration/message.h"

namespace drover::registration {

// How numbers are written where the SMSC stands.
struct NumberingRules {
  std::string country_code;        // "86"; empty: every number is international already.
  std::string trunk_prefix = "0";  // Dropped from national numbers; empty: there is none.
  // A number of unknown type with so many digits is national; 0: unknown is international.
  size_t national_digits = 0;
};

// E.164, digits only: "8613800138000".
// - "+" and "00" go; hyphens, dots, blanks and brackets within are skipped;
// - type national: the country code comes before it;
// - type unknown, subscriber: as national_digits says.
// kInvalidArgument: an address that is no telephone number (alphanumeric, abbreviated, network
// specific, an IMSI by NPI 6, X.121 ..), not 5 to 15 digits, or national without a country code.
Result<std::string> NormaliseMsisdn(const Address& address, const NumberingRules& rules);

}  // namespace drover::registration
