#include "services/ingress/core/admission.h"

#include <algorithm>

namespace drover::ingress {
namespace {

constexpr std::chrono::milliseconds kWindow{100};
constexpr std::chrono::seconds kCapacityWindow{2};
constexpr std::chrono::seconds kForgetting{60};  // After so long without pressure it is unknown.
constexpr size_t kStart = 64;          // Below min_in_flight it does not go; doubles quickly.
constexpr double kSmallestCut = 0.98;  // In a window.
constexpr double kLargestCut = 0.7;
constexpr double kCarefulStep = 1.05;
constexpr double kBoldStep = 1.5;  // While answers take less than half the target.
constexpr double kFading = 0.1;    // Of the capacity that was seen, a window of it under pressure.

double RateOf(uint64_t count, std::chrono::nanoseconds length) {
  return static_cast<double>(count) / std::chrono::duration<double>(length).count();
}

}  // namespace

Admission::Admission(Config config)
    : config_(config),
      appointments_(config.horizon),
      limit_(config.target_delay.count() == 0
                 ? config.max_in_flight
                 : std::clamp(kStart, std::min(config.min_in_flight, config.max_in_flight),
                              config.max_in_flight)),
      capacity_(config.expected_per_s) {}

bool Admission::Admit(bool first, Time now) {
  Adapt(now);
  if (in_flight_ >= (first ? limit_ : config_.max_in_flight)) {
    window_.pressed = true;
    return false;
  }
  ++in_flight_;
  if (first) ++window_.sessions;
  return true;
}

void Admission::Done(std::chrono::nanoseconds took, Time now) {
  --in_flight_;
  ++window_.answers;
  window_.took += took;
  Adapt(now);
}

void Admission::Adapt(Time now) {
  const auto length = now - window_.begun;
  if (length < kWindow) return;
  admitted_.sessions += window_.sessions;
  admitted_.pressed = admitted_.pressed || window_.pressed;
  LearnCapacity(now);
  if (config_.target_delay.count() != 0 && window_.answers != 0) {
    using Ms = std::chrono::duration<double, std::milli>;
    const double slowness = Ms(window_.took).count() / static_cast<double>(window_.answers) /
                            Ms(config_.target_delay).count();
    double step = 1;
    if (slowness > 1) {
      step = std::clamp(1 / slowness, kLargestCut, kSmallestCut);
    } else if (window_.pressed) {
      step = slowness < 0.5 ? kBoldStep : kCarefulStep;
    }
    const auto least = static_cast<double>(std::min(config_.min_in_flight, config_.max_in_flight));
    const auto most = static_cast<double>(config_.max_in_flight);
    limit_ = static_cast<size_t>(
        std::clamp(static_cast<double>(limit_) * step + (step > 1 ? 1 : 0), least, most));
  }
  window_ = {.begun = now};
}

// Not the rate of the moment: a storm whose refusals take all of the time would be told to come
// back in an hour. So what was admitted in the first moments counts until more is known, however
// much of it was a burst; that fades, down to what was admitted over seconds. And only who is
// pressed learns what is too much.
void Admission::LearnCapacity(Time now) {
  if (!known_) capacity_ = std::max(capacity_, RateOf(window_.sessions, now - window_.begun));
  const auto length = now - admitted_.begun;
  if (length < kCapacityWindow) return;
  if (admitted_.pressed) capacity_ *= 1 - kFading;
  capacity_ = std::max(capacity_, RateOf(admitted_.sessions, length));
  if (admitted_.pressed) pressed_at_ = now;
  known_ = now - pressed_at_ < kForgetting;
  admitted_ = {.begun = now};
}

std::chrono::seconds Admission::ComeBack(Time now) {
  const double places = capacity_ * config_.return_share;
  return appointments_.Next(now, static_cast<uint32_t>(std::max(1.0, places)));
}

}  // namespace drover::ingress
