// The hashes of digest authentication, by OpenSSL.
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>

#include "libs/sip/digest.h"

namespace drover::sip {

// Over the parts, one after the other; lower-case hex.
std::string HashHex(DigestAlgorithm algorithm, std::initializer_list<std::string_view> parts);
// HMAC-SHA-256: 32 octets.
std::string HmacSha256(std::string_view key, std::string_view text);
// In a time that does not tell where they differ.
bool SameSecret(std::string_view a, std::string_view b);
constexpr bool IsSession(DigestAlgorithm algorithm) {
  return static_cast<uint8_t>(algorithm) % 2 == 1;
}

}  // namespace drover::sip
