#include "services/push/core/pap_crowd.h"

namespace drover::push {

void PapCrowd::Turn(TimePoint now) {
  const auto since = now - window_began_;
  if (since >= TimePoint::duration::zero() && since < config_.window) return;
  before_ = since >= config_.window && since < 2 * config_.window ? here_ : 0;
  here_ = 0;
  window_began_ = now;
}

void PapCrowd::Accepted(size_t pushes, TimePoint now) {
  Turn(now);
  here_ += pushes;
  behind_ += pushes;
}

bool PapCrowd::GoesBefore(TimePoint now) {
  Turn(now);
  return (before_ > config_.most || here_ > config_.most) && behind_ < config_.behind;
}

}  // namespace drover::push
