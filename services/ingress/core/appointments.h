// When those who had to be turned away shall come back: not before there is room for them.
//
// A storm (a million terminals after an outage) would come back as the same storm if each were told
// the same pause. Every second of the future has as many places as its share of what is admitted
// today; who is refused gets the first second that still has one. Spec: RFC 9110, 10.2.3
// (Retry-After).
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace drover::ingress {

class Appointments {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // horizon: nobody is sent away for longer; a full calendar begins again at its front.
  explicit Appointments(std::chrono::seconds horizon);

  // The pause until the first second, earliest ones ahead, that has a place left of `places`
  // (at least 1) for each second. 1 s at least, the horizon at most.
  std::chrono::seconds Next(Time now, uint32_t places);

 private:
  void Forget(int64_t second);  // All before this one are over.

  std::vector<uint32_t> taken_;  // By second, modulo the horizon.
  int64_t first_ = 0;            // The earliest second that is still to come.
  int64_t cursor_ = 0;           // No second before it has a place.
};

}  // namespace drover::ingress
