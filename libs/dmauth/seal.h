// Secrets at rest: AES-256-GCM under a key that can be rotated.
//
// sealed = key number (1 octet) | nonce (12) | ciphertext | tag (16). The context (for an account:
// its device id) is authenticated but not stored, so that a sealed secret cannot be moved to
// another row.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "libs/base/clock.h"
#include "libs/base/result.h"

namespace drover::dmauth {

class SealKeys {
 public:
  // text: one "<number 0..255> <64 hex digits>" a line, '#' comments; the last line's key seals,
  // every key opens. kInvalidArgument: nothing usable, with the line's number; never the key.
  static Result<SealKeys> Parse(std::string_view text);

  std::string Seal(std::string_view secret, std::string_view context,
                   const RandomOctets& random) const;
  // Whether it was sealed with the key that seals now. sealed: what Seal returned.
  bool IsCurrent(std::string_view sealed) const {
    return !sealed.empty() && static_cast<uint8_t>(sealed[0]) == current_;
  }
  uint8_t current() const { return current_; }  // The number of the key that seals.
  size_t count() const { return keys_.size(); }
  // kFailedPrecondition: sealed with a key that is not here. kInvalidArgument: damaged, or another
  // context.
  Result<std::string> Open(std::string_view sealed, std::string_view context) const;

 private:
  std::map<uint8_t, std::string> keys_;
  uint8_t current_ = 0;
};

}  // namespace drover::dmauth
