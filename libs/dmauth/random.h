// Cryptographic randomness for nonces, secrets and keys.
#pragma once
#include <cstddef>
#include <string>

namespace drover::dmauth {

// n octets from the system's generator; ends the process if there is none. Not for both sides of a
// fork.
std::string SystemRandom(size_t n);

}  // namespace drover::dmauth
