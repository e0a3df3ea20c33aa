// Messages for tests: random ones, and what a message becomes on its way.
#pragma once
#include <random>
#include <string>
#include <vector>

#include "libs/syncml/document.h"

namespace drover::syncml::testing {

// A message of any shape that the model allows and an encoding can carry, hostile texts included.
// The same seed gives the same message.
Document RandomMessage(uint64_t seed);

// The message as its receiver will see it, which differs from what was sent in forms only: kMarkup
// arrives as text (CDATA, inline string), octets in XML as base64 text with Format b64, text that
// the encoding cannot carry as octets, a raw NextNonce as base64, unknown commands not at all.
Document AsReceived(const Message& message, Encoding encoding);

std::string Encoded(Encoding encoding, const Message& message);

// A copy that shares nothing but the texts.
Document Copy(const Message& message);

// libs/syncml/testdata: name, and octets (of .xml as they are, of .hex decoded).
struct Vector {
  std::string name;
  Encoding encoding;
  std::string octets;
};
std::vector<Vector> AllVectors();
std::string ReadVector(const std::string& name);  // "challenge_1.xml", "generic_alert.hex"

}  // namespace drover::syncml::testing
