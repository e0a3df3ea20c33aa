// The messages of RFC 4475 (SIP Torture Test Messages) and RFC 5118 (the same for IPv6), by the
// names they have there, and what the parser makes of each.
#pragma once
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace drover::sip::testing {

struct TortureMessage {
  const char* name;     // "wsinv"
  const char* section;  // "RFC 4475, 3.1.1.1"
  std::string octets;   // Lines end in CR LF, bodies too.
  uint16_t status;      // What Parse refuses it with; 0: it is taken.
  friend std::ostream& operator<<(std::ostream& out, const TortureMessage& each) {
    return out << each.name;
  }
};

std::vector<TortureMessage> TortureMessages();
const TortureMessage& Torture(std::string_view name);

// text with LF turned into CR LF and "{CL}" into the length of what follows the first empty line.
std::string Wire(std::string_view text);

}  // namespace drover::sip::testing
