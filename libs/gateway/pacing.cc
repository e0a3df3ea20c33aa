#include "libs/gateway/pacing.h"

#include <algorithm>

#include "libs/base/check.h"

namespace drover::gateway {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

constexpr double kSlower = 0.7;
constexpr double kRecovered = 0.05;  // Of the configured rate, a second.
constexpr seconds kAgain{1};

int64_t SecondOf(TimePoint time) {
  return std::chrono::floor<seconds>(time).time_since_epoch().count();
}

bool Holds(const BusyHours& hours, int64_t minute) {
  const int64_t from = hours.from_minute, to = hours.to_minute;
  return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
}

}  // namespace

Pacing::Pacing(const PacingOptions& options, TimePoint now)
    : options_(options), as_of_(now), oldest_(SecondOf(now)) {
  DROVER_CHECK(options.per_second > 0);
  options_.owed_for = std::clamp(options_.owed_for, seconds(1), seconds(kSlots - 4));
}

double Pacing::Most(TimePoint now) const {
  using std::chrono::minutes;
  const auto local = std::chrono::floor<minutes>(now) + options_.utc_offset;
  const int64_t minute = (local - std::chrono::floor<std::chrono::days>(local)) / minutes(1);
  for (const BusyHours& hours : options_.busy) {
    if (Holds(hours, minute)) return hours.per_second;
  }
  return options_.per_second;
}

double Pacing::rate(TimePoint now) const { return Most(now) * share_; }

void Pacing::At(TimePoint now) {
  if (now <= as_of_) return;
  const double elapsed = std::chrono::duration<double>(now - as_of_).count();
  as_of_ = now;
  share_ = std::min(1.0, share_ + kRecovered * elapsed);
  const double per_second = rate(now);
  // A twentieth of a second's worth: what a busy loop may be late.
  tokens_ = std::min(std::max(1.0, per_second / 20), tokens_ + per_second * elapsed);
  DropOld(SecondOf(now));
}

void Pacing::DropOld(int64_t second) {
  const int64_t first = second - options_.owed_for.count() + 1;
  if (first - oldest_ >= static_cast<int64_t>(kSlots)) oldest_ = first - kSlots;
  for (; oldest_ < first; ++oldest_) {
    uint32_t& slot = owed_since_[static_cast<size_t>(oldest_) % kSlots];
    owed_ -= slot;
    slot = 0;
  }
}

bool Pacing::Admit(TimePoint now) {
  At(now);
  if (unanswered_ >= options_.most_unanswered || owed_ >= options_.most_owed) return false;
  if (tokens_ < 1 || Most(now) <= 0) return false;
  tokens_ -= 1;
  ++unanswered_;
  return true;
}

TimePoint Pacing::AdmitAt(TimePoint now) {
  At(now);
  const double per_second = rate(now);
  if (unanswered_ >= options_.most_unanswered || owed_ >= options_.most_owed || per_second <= 0) {
    return now + kAgain;
  }
  if (tokens_ >= 1) return now;
  const double wait = std::min(60.0, (1 - tokens_) / per_second);
  return now + microseconds(static_cast<int64_t>(wait * 1e6) + 1);
}

void Pacing::Answered(TimePoint now, bool accepted) {
  At(now);
  if (unanswered_ > 0) --unanswered_;
  if (!accepted) return;
  ++owed_;
  ++owed_since_[static_cast<size_t>(SecondOf(as_of_)) % kSlots];
}

void Pacing::RequestSeen(TimePoint now) {
  At(now);
  for (int64_t second = oldest_; owed_ > 0 && second <= SecondOf(as_of_); ++second) {
    uint32_t& slot = owed_since_[static_cast<size_t>(second) % kSlots];
    if (slot == 0) continue;
    --slot;
    --owed_;
    return;
  }
}

void Pacing::Overloaded(TimePoint now) {
  At(now);
  if (now < slowed_at_ + kAgain) return;  // All that was under way is refused at once.
  slowed_at_ = now;
  share_ = std::max(options_.least_share, share_ * kSlower);
  tokens_ = std::min(tokens_, 1.0);
}

void RestingHops::Rest(std::string_view hop, TimePoint until) {
  const auto found = until_.find(std::string(hop));
  if (found != until_.end()) {
    found->second = std::max(found->second, until);
  } else if (until_.size() < most_) {
    until_.emplace(hop, until);
  }
}

TimePoint RestingHops::Until(std::string_view hop) const {
  const auto found = until_.find(std::string(hop));
  return found == until_.end() ? TimePoint{} : found->second;
}

void RestingHops::Forget(TimePoint now) {
  std::erase_if(until_, [now](const auto& entry) { return entry.second <= now; });
}

}  // namespace drover::gateway
