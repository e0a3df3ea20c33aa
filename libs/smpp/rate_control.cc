#include "libs/smpp/rate_control.h"

#include <algorithm>
#include <cmath>

namespace drover::smpp {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr uint32_t kOptimum = 80;  // SMPP v5.0, section 4.8.4.18
constexpr uint32_t kNearLimit = 90;
constexpr uint32_t kCongested = 100;
constexpr double kGentleCut = 0.9;
constexpr std::chrono::seconds kSecond{1};
constexpr double kHair = 1e-6;  // So much less than a whole token is one: times are rounded.

}  // namespace

RateControl::RateControl(const RateSettings& settings, size_t window)
    : settings_(settings), window_(std::max<size_t>(1, window)) {}

double RateControl::capacity() const {
  return std::max(1.0, settings_.tps * Seconds(settings_.burst).count());
}

// Counts what has come since the last look: the share in its growth, tokens at the share.
void RateControl::Advance(Time now) {
  if (!begun_) {
    begun_ = true;
    at_ = now;
    tokens_ = capacity();
  }
  if (now <= at_) return;
  if (now > steady_until_) {
    const Time from = std::max(at_, steady_until_);
    share_ = std::min(1.0, share_ + settings_.recovery * Seconds(now - from).count());
  }
  if (now > held_until_) {
    const Time from = std::max(at_, held_until_);
    const double more = settings_.tps * share_ * Seconds(now - from).count();
    tokens_ = std::min(capacity(), tokens_ + more);
  }
  at_ = now;
}

bool RateControl::Take(uint32_t segments, Time now) {
  Advance(now);
  if (now < held_until_) return false;
  if (settings_.tps <= 0 || segments == 0) return true;
  if (tokens_ + kHair < std::min<double>(segments, capacity())) return false;
  tokens_ -= segments;
  return true;
}

Time RateControl::ReadyAt(uint32_t segments, Time now) {
  Advance(now);
  const Time from = std::max({now, at_, held_until_});
  if (settings_.tps <= 0 || segments == 0) return from;
  const double lacking = std::min<double>(segments, capacity()) - tokens_;
  if (lacking <= kHair) return from;
  const Seconds wait(lacking / (settings_.tps * share_));
  return from + std::chrono::ceil<Time::duration>(wait);
}

void RateControl::Cut(double factor, Time now) {
  share_ = std::max(settings_.least_share, share_ * factor);
  last_cut_ = now;
  steady_until_ = std::max(steady_until_, now + settings_.hold);
}

void RateControl::Throttled(Time sent, Time now) {
  if (!settings_.adapts) return;
  Advance(now);
  if (sent >= last_cut_) Cut(settings_.cut, now);
  held_until_ = std::max(held_until_, now + settings_.hold);
}

void RateControl::QueueFull(Time sent, Time now) {
  if (now - queue_full_since_ > kSecond) {
    queue_full_since_ = now;
    queue_full_ = 0;
  }
  if (++queue_full_ >= settings_.queue_full_limit) Throttled(sent, now);
}

void RateControl::Congested(uint32_t state, Time sent, Time now) {
  if (state < kOptimum || !settings_.adapts) return;
  if (state >= kCongested) return Throttled(sent, now);
  Advance(now);
  steady_until_ = std::max(steady_until_, now + kSecond);
  if (state >= kNearLimit && now - last_cut_ >= kSecond) Cut(kGentleCut, now);
}

double RateControl::share(Time now) {
  Advance(now);
  return share_;
}

size_t RateControl::window(Time now) {
  Advance(now);
  return std::max<size_t>(
      1, static_cast<size_t>(std::floor(static_cast<double>(window_) * share_ + 1e-9)));
}

}  // namespace drover::smpp
