// The text form of a registration: "IMEI:" and fields with slashes between them.
//
//   slash4   IMEI:<imei>/<manufacturer>/<model>/<software version>
//   slash5   IMEI:<imei>/<imsi>/<manufacturer>/<model>/<software version>
//
// As terminals of China Mobile (slash4) and China Unicom (slash5) send it, in octets (data coding
// 4) behind a port header. Read with patience:
// - a byte order mark and NULs around the text are dropped; text of two octets a character is read;
// - the prefix in any case, blanks behind the colon;
// - several IMEIs with "," or ";" between them;
// - the last field keeps what slashes it has;
// - an empty field other than the IMEI is an unknown one.
#pragma once
#include <string_view>

#include "libs/registration/profile.h"
#include "libs/registration/registration.h"

namespace drover::registration {

// with_imsi: slash5. nullopt: slash5 if the second of five fields or more is all digits.
Parsed ParseSlash(const Profile& profile, std::string_view octets, std::optional<bool> with_imsi);

// Whether it begins as such a message does.
bool LooksLikeSlash(std::string_view octets);

}  // namespace drover::registration
