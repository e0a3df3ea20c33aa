#include "services/operations/core/due.h"

#include <algorithm>
#include <array>

#include "libs/base/check.h"
#include "services/operations/core/conclude.h"
#include "services/operations/core/progress.h"
#include "services/operations/core/states.h"

namespace drover::operations {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr std::array<minutes, 4> kWakeAfter = {minutes(1), minutes(5), minutes(15), minutes(60)};

Due Expire(const Stored& operation, TimePoint now) {
  Change change(operation);
  if (operation.standing.reading_state) {
    change.standing.reading_state = false;
    change.Step(v1::FAILED, now,
                "the terminal accepted it (202), but no alert came, nor did it come to tell how "
                "far it is");
    return {Due::Action::kGiveUp, std::move(change)};
  }
  const char* why = "its time passed before the terminal took it";
  if (!operation.ready) why = "its time passed while it waited";
  if (operation.uncertain) {
    why = "its time passed; a session broke after it was sent, it may have been done";
  }
  change.Step(v1::EXPIRED, now, why);
  return {Due::Action::kExpire, std::move(change)};
}

Due Queued(const Stored& operation, TimePoint now, double jitter) {
  if (GivenUpAt(operation) <= now) return Expire(operation, now);
  Change change(operation);
  if (!operation.ready) return {Due::Action::kBlocked, std::move(change)};
  change.attempts = operation.attempts + 1;
  change.due_at = std::min(now + WakeAfter(change.attempts, jitter), GivenUpAt(operation));
  return {Due::Action::kWake, std::move(change)};
}

// No alert came: the terminal is asked, once.
Due Ask(const Stored& operation, TimePoint now, const Patience& patience, double jitter) {
  Change change(operation);
  change.Step(v1::PENDING, now, "no alert came; how far it is will be read");
  change.standing.reading_state = true;
  change.standing.read_state_until = now + patience.read_state;
  change.attempts = 1;
  change.due_at = std::min(now + WakeAfter(1, jitter), *change.standing.read_state_until);
  return {Due::Action::kAsk, std::move(change)};
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
    GiveBack(operation, /*uncertain=*/true, "its session ended without a word", now, &change);
    if (change.due_at) change.due_at = std::min(now + WakeAfter(1, jitter), GivenUpAt(operation));
    return {Due::Action::kRelease, std::move(change)};
  }
  if (PutOff(operation, now, patience.async, &change)) {
    return {Due::Action::kPutOff, std::move(change)};
  }
  const bool asked = operation.standing.read_state_until.has_value();
  if (!asked && !StateReads(operation.spec.commands()).empty()) {
    return Ask(operation, now, patience, jitter);
  }
  change.Step(v1::FAILED, now,
              std::string("the terminal accepted it (202), but no alert came") +
                  (asked ? "; how far it is was read before" : ""));
  return {Due::Action::kGiveUp, std::move(change)};
}

}  // namespace drover::operations
