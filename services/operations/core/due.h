// What time does to operations: wake-ups again, expiry, giving up.
//
// Before an operation that the terminal accepted (202) is given up for want of an alert, how far it
// is is read, once (progress.h).
//
// Each open operation has a due_at: the earliest time at which it may need something. It is not
// moved when an operation is handed out (that would cost the hot path an index entry): who finds it
// due decides by its state, and puts it off if there is nothing to do yet.
#pragma once
#include <chrono>

#include "services/operations/core/stored.h"

namespace drover::operations {

struct Patience {
  std::chrono::milliseconds session{60 * 60 * 1000};  // RUNNING for longer: the session broke.
  std::chrono::milliseconds async{7 * 24 * 60 * 60 * 1000};   // WAITING for longer: no alert came.
  std::chrono::milliseconds read_state{24 * 60 * 60 * 1000};  // For the terminal to come and tell.
};

// The wake-up after `attempts` ones: 1, 5, 15, then every 60 minutes, each a fifth more or less by
// jitter (0..1), so that terminals that were woken together are not all woken together again.
std::chrono::milliseconds WakeAfter(int attempts, double jitter);

struct Due {
  enum class Action : uint8_t {
    kPutOff,   // Nothing yet: only due_at moves.
    kWake,     // Ask for a wake-up; attempts moves on.
    kExpire,   // -> EXPIRED
    kRelease,  // -> PENDING, uncertain
    kGiveUp,   // -> FAILED
    kAsk,      // WAITING -> PENDING: how far it is will be read; wakes.
    kBlocked,  // What it waits for is to be looked at (dependencies.h); no change.
  };
  Action action = Action::kPutOff;
  Change change;
};

// operation: open, and its due_at has passed. The change has a due_at if it is open afterwards.
Due WhenDue(const Stored& operation, TimePoint now, const Patience& patience, double jitter);

}  // namespace drover::operations
