// What is kept for a group from admission until its outcome is safe elsewhere: one row of a table,
// 192 octets, and its payload. Masks have bit i for segment i + 1. Times are microseconds since the
// epoch, 0 for none.
#pragma once
#include <bit>
#include <cstdint>

#include "libs/dispatch/blob.h"
#include "libs/dispatch/scheduler.h"
#include "libs/dispatch/slot_index.h"

namespace drover::dispatch {

inline constexpr SmscId kNoSmsc = UINT16_MAX;
inline constexpr uint8_t kNoGate = UINT8_MAX;

// What is to be done as soon as nothing of the group is in flight, the weakest first.
enum class Pending : uint8_t { kNothing, kFastRetry, kShort, kMaybeSent, kParked, kSlow, kAbsent };

// Where the last refusal came from, for the cause.
enum class Fault : uint8_t { kNone, kStatus, kReceipt, kNoAnswer };

struct Group {
  GroupId id = 0;  // 0: the row is free.
  JobId job{};
  uint64_t destination = 0;  // Digits after a leading 1.
  int64_t deadline = 0;
  int64_t wake = 0;             // kHeld: deliver-after; kBackoff, kAlertWait: k's next try.
  int64_t first_delivered = 0;  // For T_reasm.
  int64_t ended_at = 0;

  uint64_t accepted = 0;   // The SMSC has it and has not given it up.
  uint64_t delivered = 0;  // The terminal has it.
  uint64_t in_flight = 0;  // Submitted, no answer yet.
  uint64_t maybe = 0;      // Some submission was never answered.
  uint64_t tried = 0;      // Submitted at some time; the next time takes a token of its own.
  uint64_t asked = 0;      // cancel_sm is out.

  Blob payload;
  Blob ids;  // Of accepted segments: MessageIds.

  BindId bind = 0;
  uint32_t lane = kNoSlot;
  // In the lane's waiting list (kReady), or in the bind's list of what is in flight.
  uint32_t previous = kNoSlot, next = kNoSlot;
  uint32_t timer = kNoSlot;  // Place in the heap.
  uint32_t status = 0;       // Of the last refusal: command_status or message_state.
  uint16_t network = 0;

  uint16_t originator = 0;  // Machine's table of them.
  uint16_t route = 0;
  SmscId smsc = kNoSmsc;
  uint16_t ref = 0;
  uint16_t attempt = 0;     // The last submission's.
  uint16_t live_from = 1;   // Submissions before this one are not waited for;
  uint16_t epoch_from = 1;  // .. before this one had another reference number.
  uint16_t code = 0;        // If ended.

  uint8_t segments = 1;
  uint8_t first = 0;  // Segments of the job before the first of this group, and in all: a group of
  uint8_t total = 1;  // the naive scheduler is a part of its job.
  uint8_t segment = 0;  // k, 0-based.
  uint8_t fast = 0, thrice = 0, backoff = 0, queries = 0;

  GroupState state = GroupState::kReady;
  EndState end = EndState::kUnknown;
  Gate gate = Gate::kAccept;
  uint8_t wished_gate = kNoGate;
  Priority priority = Priority::kMedium;
  Pending pending = Pending::kNothing;
  Fault fault = Fault::kNone;
  bool ref_8 : 1 = false;
  bool started : 1 = false;     // Has an SMSC and, if it needs one, a reference number.
  bool whole : 1 = false;       // All segments in one PDU.
  bool offered : 1 = false;     // In its route's queue.
  bool suspended : 1 = false;   // Left the lane to urgent singles.
  bool wants_lane : 1 = false;  // .. and wants it back.
  bool counted : 1 = false;     // Among its bind's started groups.
  bool linked : 1 = false;      // In its bind's list.
  bool alerted : 1 = false;     // The terminal showed up while the submission was out.
  bool cancelling : 1 = false;  // Somebody asked for it,
  bool replaced : 1 = false;    // .. to send another one.
  bool cancel_failed : 1 = false;
  bool part : 1 = false;         // Of a job, see `first`.
  bool unconfirmed : 1 = false;  // No receipts are asked for.

  // PDUs, which are segments unless the SMSC cuts them.
  uint8_t pdus() const { return whole ? 1 : segments; }
  uint64_t all() const { return pdus() == 64 ? ~uint64_t{0} : (uint64_t{1} << pdus()) - 1; }
  uint64_t unsent() const { return all() & ~(accepted | in_flight); }
  bool arrived() const { return delivered == all(); }
  uint8_t CountOf(uint64_t mask) const {
    if (whole) return mask == 0 ? 0 : segments;
    return static_cast<uint8_t>(std::popcount(mask));
  }
  bool needs_ref() const { return segments > 1 && !whole; }
};

inline constexpr uint64_t Bit(unsigned i) { return uint64_t{1} << i; }
// Each i of the mask, the lowest first.
template <typename F>
void ForEachBit(uint64_t mask, F f) {
  for (; mask != 0; mask &= mask - 1) f(static_cast<uint8_t>(std::countr_zero(mask)));
}

}  // namespace drover::dispatch
