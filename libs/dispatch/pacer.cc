#include "libs/dispatch/pacer.h"

#include <algorithm>
#include <cmath>

namespace drover::dispatch {
namespace {

constexpr double kSecond = 1e6;
constexpr double kSlower = 0.7;
constexpr double kEased = 0.9;
constexpr double kFaster = 1.02;  // A second.
constexpr double kLeastPace = 0.01;
constexpr int64_t kRest = 1'000'000;
constexpr uint8_t kNearLimit = 90;  // Of congestion_state.
constexpr uint8_t kCongested = 100;

}  // namespace

// A twentieth of a second's worth: what a busy loop may be late.
double Pacer::Most() const { return std::max(1.0, rate_ / 20); }

void Pacer::At(int64_t now) {
  if (now <= as_of_) return;
  const double seconds = static_cast<double>(now - as_of_) / kSecond;
  as_of_ = now;
  if (pace_ < 1) pace_ = std::min(1.0, pace_ * std::pow(kFaster, seconds));
  if (rate_ > 0) tokens_ = std::min(Most(), tokens_ + seconds * rate_ * pace_);
}

bool Pacer::MayStart(uint32_t segments) const {
  return rate_ <= 0 || tokens_ >= std::min(static_cast<double>(segments), Most());
}

uint32_t Pacer::window() const {
  return std::max(1u, static_cast<uint32_t>(static_cast<double>(window_) * pace_));
}

int64_t Pacer::MayStartAt(uint32_t segments, int64_t now) const {
  if (MayStart(segments)) return now;
  const double missing = std::min(static_cast<double>(segments), Most()) - tokens_;
  return now + static_cast<int64_t>(missing / (rate_ * pace_) * kSecond) + 1;
}

void Pacer::Throttle(int64_t now) {
  // All that was outstanding may be refused at once: that is one reason to slow down.
  if (!Resting(now)) pace_ = std::max(kLeastPace, pace_ * kSlower);
  rests_until_ = now + kRest;
}

bool Pacer::Congested(uint8_t state, int64_t now) {
  if (state < kNearLimit || Resting(now) || now < eased_at_ + kRest) return false;
  eased_at_ = now;
  if (state >= kCongested) {
    Throttle(now);
  } else {
    pace_ = std::max(kLeastPace, pace_ * kEased);
  }
  return true;
}

}  // namespace drover::dispatch
