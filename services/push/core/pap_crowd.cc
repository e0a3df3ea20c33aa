#include "services/push/core/pap_crowd.h"

namespace drover::push {

void PapCrowd::Turn(TimePoint now) {
  const auto since = now - window_began_;
  if (since >= TimePoint::duration::zero() && since < config_.window) return;
  const bool last_window = since >= config_.window && since < 2 * config_.window;
  const bool was_crowded = crowded_;
  crowded_ = last_window && pushes_ >= config_.least && pressed_ > pushes_ / 2;
  if (crowded_ && !was_crowded) crowd_began_ = now;
  window_began_ = now;
  pushes_ = pressed_ = 0;
}

void PapCrowd::Accepted(size_t pushes, size_t batch, TimePoint now) {
  Turn(now);
  pushes_ += pushes;
  if (batch >= config_.together) pressed_ += pushes;
}

bool PapCrowd::GoesBefore(TimePoint now) {
  Turn(now);
  return crowded_ && (now - crowd_began_) % (2 * config_.longest) < config_.longest;
}

}  // namespace drover::push
