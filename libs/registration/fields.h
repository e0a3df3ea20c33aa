// The fields of registration messages: this library's own helpers of the grammars.
#pragma once
#include <string>
#include <string_view>

#include "libs/registration/profile.h"
#include "libs/registration/registration.h"

namespace drover::registration {

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool AllDigits(std::string_view text);
bool AllHex(std::string_view text);

// Without blanks, tabs, line ends and NULs around it.
std::string_view Trim(std::string_view text);
// Whether text starts with prefix (lower case) in any case; if so takes it off.
bool TakePrefix(std::string_view& text, std::string_view prefix);

// One text field: trimmed, cut at kMaxFieldOctets (never inside a UTF-8 character of it), flagged.
std::string TextField(std::string_view octets, Flags& flags);

// Whether the check digit of 15 digits is right (3GPP TS 23.003, annex B).
bool LuhnIsRight(std::string_view digits15);

// Adds a trimmed IMEI of 14 to 16 digits as the profile has it.
std::optional<DeadLetter> AddImei(const Profile& profile, std::string_view digits,
                                  Registration& registration);
// Sets a trimmed IMSI, which may be empty, and looks whose it is.
std::optional<DeadLetter> SetImsi(const Profile& profile, std::string_view digits,
                                  Registration& registration);

}  // namespace drover::registration
