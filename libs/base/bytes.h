// Octets as text and back: hex, base64 (RFC 4648, section 4), big-endian integers.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/base/result.h"

namespace drover::base {

// Lower-case hex, two characters an octet.
std::string Hex(std::string_view octets);
// Upper or lower case, white space skipped. kInvalidArgument: an odd count of digits, or another
// character.
Result<std::string> FromHex(std::string_view text);

// With padding.
std::string Base64(std::string_view octets);
// Strict but for two things that terminals do: white space inside is skipped, missing padding is
// forgiven. kInvalidArgument: another character, padding in the middle, a lone last character.
Result<std::string> FromBase64(std::string_view text);

// 8 octets, the most significant first.
std::string BigEndian64(uint64_t value);
// Reads 8 octets; the view must hold that many.
uint64_t ReadBigEndian64(std::string_view octets);

// Whether the octets are well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms).
bool IsUtf8(std::string_view octets);
// How many octets from the start are well-formed UTF-8: all of them, or up to the first offence.
size_t Utf8Prefix(std::string_view octets);

}  // namespace drover::base
