#include "libs/smpp/redial.h"

#include <algorithm>

#include "libs/smpp/status_class.h"

namespace drover::smpp {

using std::chrono::milliseconds;

// 1, 2, 4 .. 60 s.
milliseconds Redial::Doubling() {
  const int doublings = std::min(attempts_++, 30);
  const double wait =
      static_cast<double>(settings_.first.count()) * static_cast<double>(1 << doublings);
  return std::min(settings_.longest, milliseconds(static_cast<int64_t>(std::min(wait, 1e12))));
}

milliseconds Redial::After(const End& end, milliseconds bound_for) {
  if (bound_for >= settings_.stable) attempts_ = 0;
  milliseconds wait = end.cause == EndCause::kPeerUnbound ? settings_.peer_unbound : Doubling();
  if (end.cause == EndCause::kBindRefused) {
    if (end.status == CommandStatus::kRalyBnd) wait = std::max(wait, settings_.already_bound);
    if (end.status == CommandStatus::kRbindFail) wait = std::max(wait, settings_.bind_failed);
    if (NeedsOperator(end)) wait = std::max(wait, settings_.refused);
  }
  const double longer = std::uniform_real_distribution<double>(0, settings_.jitter)(random_);
  return wait + milliseconds(static_cast<int64_t>(static_cast<double>(wait.count()) * longer));
}

bool Redial::NeedsOperator(const End& end) {
  return end.cause == EndCause::kBindRefused &&
         DefaultVerdict(end.status).status_class == StatusClass::kConfiguration;
}

}  // namespace drover::smpp
