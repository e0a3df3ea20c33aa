// Time and randomness as values that can be passed in, so that cores stay pure.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace drover {

using TimePoint = std::chrono::sys_time<std::chrono::microseconds>;

// Where the wall clock is read. Production passes SystemNow; tests pass a clock ticked by hand.
using Clock = std::function<TimePoint()>;
inline TimePoint SystemNow() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

// Returns n octets; production passes a cryptographic source (libs/dmauth/random.h).
using RandomOctets = std::function<std::string(size_t n)>;

// "2026-11-22T03:49:11.123Z" (RFC 3339, milliseconds, UTC).
std::string Rfc3339(TimePoint time);

}  // namespace drover
