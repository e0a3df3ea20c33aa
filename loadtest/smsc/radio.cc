#include "loadtest/smsc/radio.h"

#include <cmath>

#include "loadtest/fleet/draw.h"

namespace drover::smsc {
namespace {

uint64_t Fnv(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace

Draws::Draws(uint64_t seed, std::string_view terminal)
    : state_(fleet::Mixed(fleet::Mixed(seed) ^ Fnv(terminal))) {}

double Draws::Fraction() { return fleet::Fraction(fleet::Mixed(state_++)); }

Span Draws::Exponential(Span mean) {
  if (mean <= Span{0}) return Span{0};
  return Span(static_cast<int64_t>(-std::log(1 - Fraction()) * static_cast<double>(mean.count())));
}

Span Draws::Around(Span middle) {
  return Span(static_cast<int64_t>((0.9 + 0.2 * Fraction()) * static_cast<double>(middle.count())));
}

Radio::Radio(const RadioSettings& settings, uint64_t seed, std::string_view terminal)
    : settings_(settings), draws_(seed, terminal) {}

Attempt Radio::Begin(TimePoint now) {
  const bool follows = link_kept(now);
  if (under_way_ > 0 && draws_.Fraction() < settings_.busy_refusal) {
    ++under_way_;
    return {Outcome::kBusy, settings_.busy_found};
  }
  ++under_way_;
  if (!Present(now)) return {Outcome::kAbsent, settings_.absence_found};
  if (settings_.loss > 0 && draws_.Fraction() < settings_.loss) {
    return {Outcome::kLost, settings_.loss_found};
  }
  if (settings_.ack_loss > 0 && draws_.Fraction() < settings_.ack_loss) {
    return {Outcome::kUnheard, settings_.loss_found};
  }
  return {Outcome::kDelivered, follows ? settings_.followed : settings_.paged};
}

void Radio::End(const Attempt& attempt, TimePoint now, bool more) {
  --under_way_;
  if (attempt.outcome == Outcome::kBusy) return;
  const bool kept = attempt.outcome == Outcome::kDelivered && more;
  kept_until_ = kept ? now + settings_.link_kept : TimePoint{};
}

Span Radio::QueueWait(TimePoint now) {
  return link_kept(now) ? Span{0} : draws_.Exponential(settings_.queue_mean);
}

// Begins somewhere in its turns, as if it had always been.
void Radio::Turn(TimePoint now) {
  const auto mean = [this] { return present_ ? settings_.present_mean : settings_.absent_mean; };
  if (until_ == TimePoint{}) {
    const auto there = static_cast<double>(settings_.present_mean.count());
    const auto away = static_cast<double>(settings_.absent_mean.count());
    present_ = draws_.Fraction() * (there + away) < there;
    until_ = now + draws_.Exponential(mean());
  }
  while (until_ <= now) {
    present_ = !present_;
    until_ += draws_.Exponential(mean()) + Span{1};
  }
}

bool Radio::Present(TimePoint now) {
  if (settings_.absent_mean <= Span{0}) return true;
  Turn(now);
  return present_;
}

TimePoint Radio::ReturnsAt(TimePoint now) { return Present(now) ? now : until_; }

}  // namespace drover::smsc
