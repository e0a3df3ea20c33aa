// The frame of China Telecom's terminals: four octets, XML, CRC-32.
//
//   version   01 ESN, 02 MEID (CDMA SMS); 03, 04 SMS over IMS
//   command   03 registration, 04 acknowledgement
//   length    of the XML
//   fill      00
//   XML       CDMA: <a1><b1>MAN-MODEL</b1><b2>MEID</b2><b3>IMSI</b3><b4>SWVER</b4></a1>
//             IMS:  <a1><b1>MODEL<b2>IMEI1<b3>IMEI2<b4>IMSI<b5>SWVER</a1>, inner elements not
//             closed; a second IMEI of zeros is none. One client calls its elements a to g: there
//             numbers are told apart by what they look like.
//   CRC-32    of all before it, as 8 hex digits or 4 octets; none over IMS
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/registration/profile.h"
#include "libs/registration/registration.h"

namespace drover::registration {

inline constexpr uint8_t kCtRegistration = 3;
inline constexpr uint8_t kCtAcknowledgement = 4;

Parsed ParseCtFrame(const Profile& profile, std::string_view octets);

// Whether it begins as such a registration does.
bool LooksLikeCtFrame(std::string_view octets);

enum class CtCheck : uint8_t { kNone, kHex, kOctets };
// xml: at most 255 octets.
std::string WriteCtFrame(uint8_t version, uint8_t command, std::string_view xml, CtCheck check);

}  // namespace drover::registration
