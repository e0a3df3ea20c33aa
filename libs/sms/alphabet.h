// Texts of short messages: the GSM 7-bit default alphabet with its extension table, and UCS-2.
//
// In memory a GSM text has one octet (0..127) a septet; characters of the extension table take two,
// the first being the escape. SMPP carries it so on most SMSCs; packed, eight septets share seven
// octets.
// Spec: 3GPP TS 23.038, 6.1.2.1 (packing), 6.2.1 and 6.2.1.1 (the tables), 6.2.3 (UCS-2).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/base/result.h"

namespace drover::sms {

// How content stands in a message: what data_coding tells.
enum class Coding : uint8_t {
  kOctets,
  kGsm7,  // One octet a septet.
  kUcs2,  // UTF-16, big-endian.
};

inline constexpr char kEscape = 0x1B;

// kGsm7 if every character of the UTF-8 text has its place there, else kUcs2.
Coding CodingFor(std::string_view utf8);

// kInvalidArgument: not UTF-8, or a character that the alphabet does not have, with its place.
Result<std::string> ToGsm7(std::string_view utf8);
// An escape before a character without extension shows the character itself, an escape before an
// escape or at the end a blank (6.2.1.1). kInvalidArgument: an octet over 127.
Result<std::string> FromGsm7(std::string_view septets);

// UTF-16, as terminals read UCS-2. kInvalidArgument: not UTF-8.
Result<std::string> ToUcs2(std::string_view utf8);
// A surrogate without its other half becomes U+FFFD. kInvalidArgument: an odd count of octets.
Result<std::string> FromUcs2(std::string_view octets);

// The text in the coding named, which is not kOctets.
Result<std::string> EncodeText(std::string_view utf8, Coding coding);
Result<std::string> DecodeText(std::string_view content, Coding coding);

// Appends septets packed, the first behind fill_bits (0..6) zero bits: after a header of h octets
// that is (7 - h * 8 % 7) % 7.
void AppendPacked(std::string_view septets, unsigned fill_bits, std::string& out);
// count septets. kInvalidArgument: fewer octets than they need.
Result<std::string> Unpack(std::string_view octets, size_t count, unsigned fill_bits = 0);
constexpr unsigned FillBits(size_t header_octets) {
  return static_cast<unsigned>((7 - header_octets * 8 % 7) % 7);
}

}  // namespace drover::sms
