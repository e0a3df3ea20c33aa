#include "services/ingress/core/appointments.h"

#include <algorithm>

namespace drover::ingress {

Appointments::Appointments(std::chrono::seconds horizon)
    : taken_(static_cast<size_t>(std::max<int64_t>(2, horizon.count()))) {}

void Appointments::Forget(int64_t second) {
  const auto size = static_cast<int64_t>(taken_.size());
  if (second - first_ >= size) std::fill(taken_.begin(), taken_.end(), 0);
  for (first_ = std::max(first_, second - size); first_ < second; ++first_) {
    taken_[static_cast<size_t>(first_ % size)] = 0;
  }
  cursor_ = std::max(cursor_, first_);
}

std::chrono::seconds Appointments::Next(Time now, uint32_t places) {
  const auto size = static_cast<int64_t>(taken_.size());
  const int64_t today =
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  Forget(today + 1);
  const auto taken = [this, size](int64_t second) -> uint32_t& {
    return taken_[static_cast<size_t>(second % size)];
  };
  while (cursor_ < first_ + size && taken(cursor_) >= std::max(1U, places)) ++cursor_;
  if (cursor_ >= first_ + size) {  // Everything is taken: another round on top.
    std::fill(taken_.begin(), taken_.end(), 0);
    cursor_ = first_;
  }
  ++taken(cursor_);
  return std::chrono::seconds(cursor_ - today);
}

}  // namespace drover::ingress
