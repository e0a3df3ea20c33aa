// Which messages go on to session when more come than the cluster can answer.
//
// Past its capacity a cluster that takes everything answers nobody in time. So sessions that have
// begun are finished and new ones are refused early, with the time at which there will be room. How
// much is too much is not configured but measured: as long as answers take longer than the target,
// fewer are admitted at a time; while they are quick and the limit is what holds terminals back,
// more (additive increase, multiplicative decrease over windows of a tenth of a second).
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "services/ingress/core/appointments.h"

namespace drover::ingress {

class Admission {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Config {
    std::chrono::milliseconds target_delay{50};  // Of an answer, on average. 0: no such limit.
    size_t min_in_flight = 256;                  // So many are always admitted;
    size_t max_in_flight = 4000;                 // more never, whoever they are.
    // Places a second for those who were refused: this share of the most sessions that were
    // admitted in a second, of late; until more is known, of the expected ones.
    double return_share = 0.5;
    double expected_per_s = 1000;
    std::chrono::seconds horizon{900};
  };

  explicit Admission(Config config);

  // Whether a message may go to session; then Done is to follow. first: it opens a session (MsgID
  // 1).
  bool Admit(bool first, Time now);
  // When a terminal whose first message was refused shall come back; a place is kept for it. One
  // whose session has begun comes back soon, while its session lasts.
  std::chrono::seconds ComeBack(Time now);
  // A message that was admitted has its answer, whatever it is, after this time.
  void Done(std::chrono::nanoseconds took, Time now);

  size_t in_flight() const { return in_flight_; }
  size_t limit() const { return limit_; }  // For messages that open a session.

 private:
  void Adapt(Time now);
  void LearnCapacity(Time now);

  const Config config_;
  Appointments appointments_;
  size_t in_flight_ = 0;
  size_t limit_;
  double capacity_;  // Sessions admitted a second: the most of the last minutes, fading.

  struct Window {
    Time begun;
    uint64_t answers = 0;
    std::chrono::nanoseconds took{};
    uint64_t sessions = 0;  // Admitted.
    bool pressed = false;   // Somebody was refused.
  };
  Window window_;
  struct Admitted {
    Time begun;
    uint64_t sessions = 0;
    bool pressed = false;
  };
  Time pressed_at_{};   // The end of the last window in which somebody was refused.
  bool known_ = false;  // The capacity, from a window under pressure.
  Admitted admitted_;   // The window that the capacity is learnt from.
};

}  // namespace drover::ingress
