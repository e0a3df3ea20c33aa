// Numbers that look random and are none: the same for the same seed, terminal and purpose.
#pragma once
#include <cstdint>

namespace drover::fleet {

// What a number is drawn for: two purposes never share one.
enum class Purpose : uint64_t {
  kIdentity = 1,
  kPassword,
  kServerPassword,
  kClientNonce,
  kServerNonce,
  kEncoding,
  kVersion,
  kClientScheme,
  kServerScheme,
  kWork,
  kOrder,
  kArrival,
  kFault,
  kFaultPlace,
  kRandom,
  kReturn,
  kQuirk = 1000,  // And on, one for each quirk.
};

// The finaliser of SplitMix64: every bit of the answer hangs on every bit of the number.
constexpr uint64_t Mixed(uint64_t number) {
  number += 0x9e3779b97f4a7c15;
  number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
  number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
  return number ^ (number >> 31);
}

constexpr uint64_t Draw(uint64_t seed, uint64_t index, Purpose purpose) {
  return Mixed(Mixed(Mixed(seed) ^ static_cast<uint64_t>(purpose)) ^ index);
}

// Evenly in [0, 1).
constexpr double Fraction(uint64_t draw) { return static_cast<double>(draw >> 11) * 0x1.0p-53; }

}  // namespace drover::fleet
