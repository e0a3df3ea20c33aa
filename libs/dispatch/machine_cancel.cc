// Cancellation: of what has not left at once, of what has by cancel_sm.
#include <algorithm>

#include "libs/dispatch/machine.h"

namespace drover::dispatch {

CancelResult Machine::Cancel(const JobId& job, TimePoint now, Effects& out) {
  const uint32_t slot = SlotOf(job);
  if (slot == kNoSlot) return CancelResult::kUnknownJob;
  Begin(now, out);
  const CancelResult result = CancelSlot(slot, /*replaced=*/false);
  Pump();
  return result;
}

Result<GroupId> Machine::Replace(const JobId& old, const Job& job, TimePoint now, Effects& out) {
  const uint32_t slot = SlotOf(old);
  if (slot == kNoSlot || groups_[slot].state == GroupState::kEnded) {
    return NotFound("no such job, or it has ended");
  }
  DROVER_TRY(Check(job, now));
  if (SlotOf(job.id) != kNoSlot) return AlreadyExists("a job of this id has not ended");
  Begin(now, out);
  CancelSlot(slot, /*replaced=*/true);
  const GroupId id = AdmitAs(job, {}, false);
  Pump();
  return id;
}

void Machine::GiveUp(GroupId id, TimePoint now, Effects& out) {
  const uint32_t slot = SlotOf(id);
  if (slot == kNoSlot || groups_[slot].state == GroupState::kEnded) return;
  Begin(now, out);
  End(slot, EndState::kCancelled, 1000);
  Pump();
}

CancelResult Machine::CancelSlot(uint32_t slot, bool replaced) {
  Group& group = groups_[slot];
  if (group.state == GroupState::kEnded) return CancelResult::kNotPossible;
  if (group.cancelling) {
    group.replaced |= replaced;
    return CancelResult::kAsked;
  }
  const uint64_t left = group.accepted | group.in_flight | group.maybe;
  // One that is replaced may end in part: its terminal has shown nothing.
  if (left == 0 || (replaced && (group.all() & ~left) != 0)) {
    group.replaced = replaced;
    End(slot, EndState::kCancelled, 1000);
    return CancelResult::kCancelled;
  }
  const bool held = group.gate == Gate::kTransaction && group.in_flight != 0;
  if (group.delivered != 0 || group.maybe != 0 || held || !OptionsOf(group).can_cancel) {
    return CancelResult::kNotPossible;
  }
  group.cancelling = true;
  group.replaced = replaced;
  group.cancel_failed = false;
  if (group.in_flight == 0) CancelStep(slot);
  return CancelResult::kAsked;
}

// Nothing is in flight: what was accepted is asked back, unless some of it has arrived.
void Machine::CancelStep(uint32_t slot) {
  Group& group = groups_[slot];
  if (group.delivered != 0 || group.cancel_failed || group.maybe != 0) return CancelFailed(slot);
  if (group.accepted == 0) {
    if (!group.replaced) Do(CancelDone{group.job, 1000});
    return End(slot, EndState::kCancelled, 1000);
  }
  AskToCancel(slot);
}

void Machine::AskToCancel(uint32_t slot) {
  Group& group = groups_[slot];
  SetState(group, GroupState::kCancelling);
  group.asked = group.accepted;
  Arm(slot, std::min(group.deadline, now_ + OptionsOf(group).t_resp.count()));
  ForEachBit(group.asked, [&](uint8_t i) {
    Do(CancelSm{group.id, static_cast<uint8_t>(group.first + i + 1), group.smsc,
                std::string(ids_.IdOf(slot, i)), /*wanted=*/true});
  });
}

// 2008, and the group goes on with what is left of it.
void Machine::CancelFailed(uint32_t slot) {
  Group& group = groups_[slot];
  if (!group.replaced) Do(CancelDone{group.job, 2008});
  group.cancelling = group.cancel_failed = false;
  group.asked = 0;
  if (!group.suspended) return Advance(slot);
  SetState(group, GroupState::kBackoff);
  Arm(slot, std::min(std::max(group.wake, now_), group.deadline));
}

void Machine::CancelAnswer(GroupId id, uint8_t segment, bool cancelled, TimePoint now,
                           Effects& out) {
  Begin(now, out);
  const uint32_t slot = SlotOf(id);
  if (slot == kNoSlot) return Pump();
  Group& group = groups_[slot];
  const auto i = static_cast<uint8_t>(segment - 1 - group.first);
  if (i >= group.pdus()) return Pump();
  if (group.state != GroupState::kCancelling || (group.asked & Bit(i)) == 0) {
    // Given up waiting, but the SMSC does not have it any more.
    if (cancelled) ApplyReport(slot, i, {.arrival = Arrival::kTemporary});
    return Pump();
  }
  group.asked &= ~Bit(i);
  group.cancel_failed |= !cancelled;
  if (cancelled) {
    WriteReported(group, i, {.arrival = Arrival::kTemporary});
    Unsend(slot, i);
  }
  if (group.asked == 0) CancelStep(slot);
  Pump();
}

// The SMSC does not have it any more.
void Machine::Unsend(uint32_t slot, uint8_t i) {
  Group& group = groups_[slot];
  group.accepted &= ~Bit(i);
  group.asked &= ~Bit(i);
  ids_.Forget(slot, i);
}

}  // namespace drover::dispatch
