// What must hold of any message that was decoded from anywhere.
#pragma once
#include <iostream>
#include <string>
#include <utility>

#include "libs/base/check.h"
#include "libs/syncml/debug.h"
#include "libs/syncml/document.h"

// What we send, we read; and sent on and on it soon stays the same. Not at once: what is unknown is
// left out, a sub-document becomes text, octets that came in pieces may turn out to be a
// sub-document when they come in one.
inline void CheckSendable(const drover::syncml::Message& message,
                          drover::syncml::Encoding encoding) {
  using namespace drover::syncml;
  constexpr int kGenerations = 4;
  std::string octets;
  Encode(encoding, message, octets);
  std::string last;
  for (int i = 0; i < kGenerations; ++i) {
    const Decoded decoded = Decode(encoding, octets);
    if (!decoded) {
      std::cerr << octets << '\n' << decoded.error.offset << ": " << decoded.error.message << '\n';
      // Elements without content shrink in the other encoding, and the decoders bound what a
      // message may hold by its size.
      DROVER_CHECK(decoded.error.cause == DecodeError::Cause::kLimit);
      return;
    }
    const std::string text = DebugString(decoded.document.message());
    if (text == last) return;
    last = text;
    std::string next;  // The message views octets.
    Encode(encoding, decoded.document.message(), next);
    octets = std::move(next);
  }
  DROVER_CHECK(!"a message that goes on changing");
}
