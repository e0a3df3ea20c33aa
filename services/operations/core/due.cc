#include "services/operations/core/due.h"

#include <algorithm>
#include <array>

#include "libs/base/check.h"
#include "services/operations/core/states.h"

namespace drover::operations {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr std::array<minutes, 4> kWakeAfter = {minutes(1), minutes(5), minutes(15), minutes(60)};

Due Queued(const Stored& operation, TimePoint now, double jitter) {
  Change change(operation);
  if (operation.expires_at <= now) {
    change.Step(v1::EXPIRED, now,
                operation.uncertain
                    ? "its time passed; a session broke after it was sent, it may have been done"
                    : "its time passed before the terminal took it");
    return {Due::Action::kExpire, std::move(change)};
  }
  change.attempts = operation.attempts + 1;
  change.due_at = std::min(now + WakeAfter(change.attempts, jitter), operation.expires_at);
  return {Due::Action::kWake, std::move(change)};
}

// Puts it off until it has been in its state for `time`, else false.
bool PutOff(const Stored& operation, TimePoint now, milliseconds time, Change* change) {
  const TimePoint until = operation.updated_at + time;
  if (until <= now) return false;
  change->due_at = until;
  return true;
}

}  // namespace

milliseconds WakeAfter(int attempts, double jitter) {
  const size_t step = std::min<size_t>(static_cast<size_t>(std::max(attempts, 1)) - 1, 3);
  const double factor = 0.8 + 0.4 * std::clamp(jitter, 0.0, 1.0);
  return milliseconds(
      static_cast<int64_t>(static_cast<double>(milliseconds(kWakeAfter[step]).count()) * factor));
}

Due WhenDue(const Stored& operation, TimePoint now, const Patience& patience, double jitter) {
  DROVER_CHECK(IsOpen(operation.state));
  if (IsQueued(operation.state)) return Queued(operation, now, jitter);
  Change change(operation);
  if (operation.state == v1::RUNNING) {
    if (PutOff(operation, now, patience.session, &change)) {
      return {Due::Action::kPutOff, std::move(change)};
    }
    change.Step(v1::PENDING, now, "its session ended without a word");
    change.uncertain = true;
    change.due_at = std::min(now + WakeAfter(1, jitter), operation.expires_at);
    return {Due::Action::kRelease, std::move(change)};
  }
  if (PutOff(operation, now, patience.async, &change)) {
    return {Due::Action::kPutOff, std::move(change)};
  }
  change.Step(v1::FAILED, now, "the terminal accepted it (202), but no alert came");
  return {Due::Action::kGiveUp, std::move(change)};
}

}  // namespace drover::operations
