// Global tokens of WBXML, which mean the same on every code page.
// Spec: WAP-192-WBXML 1.3, section 7.1 "Global Tokens".
#pragma once
#include <cstdint>

namespace drover::wbxml {

enum Token : uint8_t {
  kSwitchPage = 0x00,  // u_int8 page
  kEnd = 0x01,
  kEntity = 0x02,   // mb_u_int32 code point
  kStrI = 0x03,     // octets, then NUL
  kLiteral = 0x04,  // mb_u_int32 index of the name
  kExtI0 = 0x40,    // to 0x42; octets, then NUL
  kPi = 0x43,
  kLiteralC = 0x44,
  kExtT0 = 0x80,  // to 0x82; mb_u_int32
  kStrT = 0x83,   // mb_u_int32 index
  kLiteralA = 0x84,
  kExt0 = 0xC0,    // to 0xC2; nothing
  kOpaque = 0xC3,  // mb_u_int32 length, octets
  kLiteralAC = 0xC4,
};

// A tag octet: two flags and the tag's number on its page.
constexpr uint8_t kHasAttributes = 0x80;
constexpr uint8_t kHasContent = 0x40;
constexpr uint8_t kTagMask = 0x3F;
constexpr uint8_t kFirstTag = 0x05;  // Lower numbers are global tokens.

constexpr uint32_t kCharsetUnspecified = 0;
constexpr uint32_t kCharsetUsAscii = 3;  // IANA MIBenum numbers.
constexpr uint32_t kCharsetUtf8 = 106;

}  // namespace drover::wbxml
