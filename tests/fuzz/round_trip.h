// What must hold of any message that was decoded from anywhere.
#pragma once
#include <string>

#include "libs/base/check.h"
#include "libs/syncml/debug.h"
#include "libs/syncml/document.h"

// What we send, we read; and sent on it stays the same. (The first encoding may change forms: a
// sub-document becomes text, octets become base64, what is unknown is left out.)
inline void CheckSendable(const drover::syncml::Message& message,
                          drover::syncml::Encoding encoding) {
  using namespace drover::syncml;
  std::string first;
  Encode(encoding, message, first);
  const Decoded once = Decode(encoding, first);
  DROVER_CHECK(once.ok);
  std::string second;
  Encode(encoding, once.document.message(), second);
  const Decoded twice = Decode(encoding, second);
  DROVER_CHECK(twice.ok);
  DROVER_CHECK(DebugString(twice.document.message()) == DebugString(once.document.message()));
}
