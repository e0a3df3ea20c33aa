// The session id of a notification and the SessionID of the session it brings about.
//
// Spec: OMA-TS-DM_Notification-V1_2, "Field Descriptions" (sessionid): SessionID is the hexadecimal
// form. Clients differ: some swap the two octets, some write decimal. A match is a hint, never
// proof: the terminal is known by its Source LocURI and its credentials.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace drover::notification {

// Upper-case hex without leading zeros: 0x00A7 -> "A7".
std::string SessionIdText(uint16_t session_id);

// Whether text, the SessionID of a terminal's package 1, may stand for session_id: hex in any case
// and with leading zeros, hex with its octets swapped (0x1234 -> "3412"), or decimal.
bool Matches(std::string_view text, uint16_t session_id);

}  // namespace drover::notification
