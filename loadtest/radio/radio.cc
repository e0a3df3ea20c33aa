#include "loadtest/radio/radio.h"

#include <algorithm>
#include <cmath>

namespace drover::radio {
namespace {

// The finaliser of SplitMix64.
uint64_t Mixed(uint64_t number) {
  number += 0x9e3779b97f4a7c15;
  number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
  number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
  return number ^ (number >> 31);
}

}  // namespace

// Evenly in [0, 1).
double Radio::Fraction(Mobile mobile, uint64_t n, Draw draw) const {
  const uint64_t stream = Mixed(Mixed(seed_ ^ mobile) ^ static_cast<uint64_t>(draw) << 56);
  return static_cast<double>(Mixed(stream ^ n) >> 11) * 0x1.0p-53;
}

Us Radio::Exponential(double mean_s, double fraction) const {
  return static_cast<Us>(-mean_s * std::log(1 - fraction) * static_cast<double>(kSecond));
}

Radio::State& Radio::At(Mobile mobile, Us now) {
  State& state = mobiles_[mobile];
  if (profile_.present_s <= 0) return state;
  if (state.until < 0) {
    const double share = profile_.present_s / (profile_.present_s + profile_.absent_s);
    state.present = Fraction(mobile, 0, Draw::kFirst) < share;
    state.until = 0;
    const double mean = state.present ? profile_.present_s : profile_.absent_s;
    state.until = Exponential(mean, Fraction(mobile, state.periods++, Draw::kPeriod));
  }
  while (state.until <= now) {
    state.present = !state.present;
    const double mean = state.present ? profile_.present_s : profile_.absent_s;
    state.until += Exponential(mean, Fraction(mobile, state.periods++, Draw::kPeriod)) + 1;
  }
  return state;
}

Us Radio::TurnAt(Mobile mobile, Us now) {
  State& state = At(mobile, now);
  if (now <= state.link_until || now <= state.place_until) return now;
  return now + Exponential(timing_.queue_s, Fraction(mobile, state.draws++, Draw::kQueue));
}

Attempt Radio::Try(Mobile mobile, bool more_messages, Us now) {
  State& state = At(mobile, now);
  ++attempts_;
  const uint64_t n = state.draws++;
  if (now < state.busy_until && Fraction(mobile, n, Draw::kBusy) < profile_.busy) {
    return {Outcome::kBusy, now + timing_.busy_detected};
  }
  const bool kept = now <= state.link_until;
  state.link_until = -1;
  Attempt attempt{Outcome::kDelivered, now + (kept ? timing_.kept_link : timing_.paging)};
  if (!state.present) {
    attempt = {Outcome::kAbsent, now + timing_.absence_detected};
  } else if (Fraction(mobile, n, Draw::kLoss) < profile_.loss) {
    attempt = {Outcome::kLost, now + timing_.loss_detected};
  } else if (more_messages) {
    state.link_until = attempt.done_at + timing_.link_held;
  }
  state.busy_until = std::max(state.busy_until, attempt.done_at);
  state.place_until = std::max(state.place_until, attempt.done_at + timing_.place_held);
  return attempt;
}

bool Radio::IsPresent(Mobile mobile, Us now) { return At(mobile, now).present; }

Us Radio::ReturnsAt(Mobile mobile, Us now) {
  const State& state = At(mobile, now);
  return state.present ? now : state.until;
}

}  // namespace drover::radio
