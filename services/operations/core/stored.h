// An operation as it is stored, and a change of it as a value.
//
// Values of the contract (proto/drover/operations/v1) are used as they are: an operation's
// commands, results and history are stored and handed out in that form.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "drover/operations/v1/operations.pb.h"
#include "libs/base/clock.h"

namespace drover::operations {

// What few operations have beside their state. Kept apart, so that the others pay nothing for it.
struct Standing {
  int32_t attempt = 1;
  std::optional<TimePoint> not_before;  // As submitted, or of the next attempt.
  bool cancel_requested = false;
  std::string cancel_reason;
  bool reading_state = false;  // Queued or RUNNING to read how far it is, not to be sent.
  std::optional<TimePoint> read_state_until;  // Set from the first time on.

  bool operator==(const Standing&) const = default;
};
// As a piece of a v1::Operation, serialised; empty if there is nothing.
std::string EncodeStanding(const Standing& standing);
bool DecodeStanding(std::string_view octets, Standing* standing);

struct Stored {
  std::string device_id;
  std::string id;
  int32_t version = 0;  // How often its state has changed.
  v1::State state = v1::PENDING;
  bool uncertain = false;
  std::string label;
  std::string session_key;    // The session that took it last; empty if none did.
  uint32_t taken_msg_id = 0;  // The terminal's MsgID that it was handed out on.
  int32_t attempts = 0;       // Wake-ups asked for.
  TimePoint expires_at;
  TimePoint updated_at;
  bool ready = true;  // Else it is PENDING and waits for its time, or for what it depends on.
  int32_t priority = 4;
  Standing standing;
  v1::Operation spec;  // commands, correlator, depends_on, retry, action
  // Pieces of its course, serialised, that are stored apart until it ends.
  std::string pending;
};

// When an operation that is queued is given up.
inline TimePoint GivenUpAt(const Stored& operation) {
  const Standing& standing = operation.standing;
  return standing.reading_state && standing.read_state_until ? *standing.read_state_until
                                                             : operation.expires_at;
}

// What becomes of an operation. It is written only if the operation still has `version`; it has
// version + added.history_size() afterwards.
struct Change {
  explicit Change(const Stored& stored)
      : device_id(stored.device_id),
        id(stored.id),
        label(stored.label),
        pending(stored.pending),
        version(stored.version),
        priority(stored.priority),
        from(stored.state),
        state(stored.state),
        uncertain(stored.uncertain),
        session_key(stored.session_key),
        taken_msg_id(stored.taken_msg_id),
        attempts(stored.attempts),
        at(stored.updated_at),
        ready(stored.ready),
        standing(stored.standing) {}

  // Takes the step to `to`, which the life of an operation must allow (states.h).
  void Step(v1::State to, TimePoint now, std::string why);
  // Adds a line to its history that changes no state.
  void Note(TimePoint now, std::string why);

  std::string device_id;
  std::string id;
  std::string label;
  std::string pending;  // As it was read.
  int32_t version;
  int32_t priority;
  v1::State from;  // As it was read.
  v1::State state;
  bool uncertain;
  std::string session_key;
  uint32_t taken_msg_id;
  int32_t attempts;
  TimePoint at;
  bool ready;
  Standing standing;
  std::string cause;                // Of an end.
  v1::Operation added;              // Appended to what is stored: history, results, alerts.
  std::optional<TimePoint> due_at;  // Unset: as it was (due.h).
};

// What of the operation's course is stored apart after the change. Results and alerts may be large
// and go to its own row at once, with all that was apart; else that grows by the history.
bool KeepsCourseApart(const Change& change);
std::string PendingAfter(const Change& change);

}  // namespace drover::operations
