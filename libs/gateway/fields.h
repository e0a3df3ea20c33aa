// The forms and limits of what stands in an element. For the .cc files of this library.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace drover::gateway {

enum class Form : uint8_t {
  kDecimal,     // "2", "2.0"
  kText64,      // Any text.
  kToken64,     // Visible ASCII, no blanks.
  kIpLiteral,   // 192.0.2.1, 2001:db8::1, [2001:db8::1]
  kSipUri,      // sip:.., sips:.., with a host, no blanks.
  kFileName,    // 255 octets at most, no "/", "\", "..", no control characters.
  kAuthority,   // 255 visible ASCII at most: host[:port] or a URI.
  kPath,        // 2048 visible ASCII at most.
  kSha256,      // 64 hex digits.
  kDetail,      // 1024 octets at most.
  kParamName,   // 255 octets at most, not empty.
  kParamValue,  // 8192 octets at most.
};

// What is wrong with a value that is not empty; empty: nothing.
std::string_view Fault(Form form, std::string_view value);

}  // namespace drover::gateway
