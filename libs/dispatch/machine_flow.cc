// One group's way: from segment to segment, into waiting and back.
#include <algorithm>

#include "libs/dispatch/machine.h"

namespace drover::dispatch {
namespace {

constexpr uint8_t kMostDoublings = 6;  // Of T_rcpt between queries.

}  // namespace

void Machine::SetState(Group& group, GroupState state) {
  group.state = state;
  if (!group.counted || state == GroupState::kSending || state == GroupState::kWaitAccept) return;
  group.counted = false;
  if (Bind* bind = FindBind(group.bind)) {
    --bind->started;
    dirty_ |= Bit(bind->smsc);
  }
}

// --- Submitting --------------------------------------------------------------------------------

bool Machine::MaySubmit(Bind& bind) {
  bind.pacer.At(now_);
  return !bind.pacer.Resting(now_) && smscs_[bind.smsc].parked_until <= now_ &&
         bind.outstanding < bind.pacer.window();
}

// The group's bind; if that is gone the least busy one of its SMSC.
Machine::Bind* Machine::BindFor(Group& group) {
  if (Bind* bind = FindBind(group.bind)) return bind;
  Bind* best = nullptr;
  for (Bind* bind : smscs_[group.smsc].binds) {
    if (best == nullptr || bind->outstanding < best->outstanding) best = bind;
  }
  return best;
}

// The next segment is due: in this turn, unless its bind has no room.
void Machine::Continue(uint32_t slot) {
  Group& group = groups_[slot];
  SetState(group, GroupState::kSending);
  Bind* bind = BindFor(group);
  if (bind != nullptr && MaySubmit(*bind)) return Submit(slot, *bind);
  if (bind != nullptr) {
    if (group.bind != bind->id) group.counted = false;
    group.bind = bind->id;
    bind->continuing.emplace_back(slot, group.id);
    dirty_ |= Bit(bind->smsc);
    return Arm(slot, group.deadline);
  }
  smscs_[group.smsc].orphans.emplace_back(slot, group.id);
  group.counted = false;
  Arm(slot, std::min(group.deadline, now_ + options_.failover_after.count()));
}

void Machine::Submit(uint32_t slot, Bind& bind) {
  Group& group = groups_[slot];
  if (group.bind != bind.id) group.counted = false;
  group.bind = bind.id;
  group.live_from = static_cast<uint16_t>(group.attempt + 1);
  group.alerted = false;
  if (group.needs_ref() && !group.counted) {
    group.counted = true;
    ++bind.started;
  }
  const uint64_t unsent = group.unsent();
  const auto next = static_cast<uint8_t>(std::countr_zero(unsent));
  const uint64_t now = group.gate == Gate::kBurst ? unsent : Bit(next);
  group.segment = next;
  SetState(group, GroupState::kWaitAccept);
  ForEachBit(now, [&](uint8_t i) { SubmitSegment(slot, i, bind); });
  Link(slot, bind);
  const int64_t t_resp = OptionsOf(group).t_resp.count();
  Arm(slot, group.gate == Gate::kTransaction ? group.deadline + t_resp
                                             : std::min(group.deadline, now_ + t_resp));
}

void Machine::SubmitSegment(uint32_t slot, uint8_t i, Bind& bind) {
  Group& group = groups_[slot];
  ++group.attempt;
  Send send;
  send.ticket = {group.id, static_cast<uint8_t>(group.first + i + 1), group.attempt};
  send.bind = bind.id;
  send.smsc = bind.smsc;
  send.ref = group.ref;
  send.ref_bits = group.ref_8 ? 8 : 16;
  send.total = group.whole ? 1 : group.total;
  send.whole = group.whole;
  send.more_messages = (group.unsent() & ~Bit(i)) != 0;
  send.maybe_sent = (group.maybe & Bit(i)) != 0;
  send.gate = group.gate;
  send.validity = Duration(std::max<int64_t>(group.deadline - now_, 0));
  if ((group.tried & Bit(i)) != 0) {
    const uint32_t segments = group.whole ? group.segments : 1;
    bind.pacer.Take(segments);  // The first time's were taken at the start.
    total_.Take(segments);
    ++counters_.sent_again;
  }
  ++counters_.sent;
  ++bind.outstanding;
  group.in_flight |= Bit(i);
  group.tried |= Bit(i);
  base::Packer& record = Record(RecordKind::kSubmitted, group);
  record.Number(i);
  record.Number(group.attempt);
  record.Number(bind.id);
  Write();
  Do(send);
}

void Machine::Link(uint32_t slot, Bind& bind) {
  Group& group = groups_[slot];
  if (group.linked) return;
  group.linked = true;
  group.previous = kNoSlot;
  group.next = bind.in_flight;
  if (bind.in_flight != kNoSlot) groups_[bind.in_flight].previous = slot;
  bind.in_flight = slot;
}

void Machine::Unlink(uint32_t slot) {
  Group& group = groups_[slot];
  if (!group.linked) return;
  group.linked = false;
  if (group.next != kNoSlot) groups_[group.next].previous = group.previous;
  if (group.previous != kNoSlot) {
    groups_[group.previous].next = group.next;
  } else if (Bind* bind = FindBind(group.bind)) {
    bind->in_flight = group.next;
  }
  group.previous = group.next = kNoSlot;
}

// --- Steps -------------------------------------------------------------------------------------

// What follows once nothing is in flight.
void Machine::Advance(uint32_t slot) {
  Group& group = groups_[slot];
  if (group.arrived()) return End(slot, EndState::kDelivered, 1000);
  if (group.in_flight != 0) return;
  if (group.cancelling) return CancelStep(slot);
  if (now_ >= group.deadline) return Expire(slot);
  if (group.pending != Pending::kNothing) return Act(slot, std::exchange(group.pending, {}));
  if (group.unsent() == 0) return AwaitReports(slot);
  const bool gated = group.gate == Gate::kReceipt && (group.accepted & ~group.delivered) != 0;
  gated ? AwaitReports(slot) : Continue(slot);
}

void Machine::Act(uint32_t slot, Pending pending) {
  const auto up_to = [this](Duration most) {
    return Duration(static_cast<int64_t>(Random() % static_cast<uint64_t>(most.count() + 1)));
  };
  const Group& group = groups_[slot];
  switch (pending) {
    case Pending::kNothing:
      return;
    case Pending::kFastRetry:
      return WaitInLane(slot, options_.fast_retry_after);
    case Pending::kShort:
      return WaitInLane(slot, options_.throttled_for + up_to(options_.throttled_for));
    case Pending::kMaybeSent:
      return WaitInLane(slot, up_to(options_.maybe_sent_for));
    case Pending::kParked:
      return WaitInLane(slot, options_.parked_for);
    case Pending::kSlow:
      return Suspend(slot, GroupState::kBackoff);
    case Pending::kAbsent:
      if (OptionsOf(group).alert == AlertMode::kOff) return Suspend(slot, GroupState::kBackoff);
      return Suspend(slot, GroupState::kAlertWait);
  }
}

void Machine::AwaitReports(uint32_t slot) {
  Group& group = groups_[slot];
  const SmscOptions& options = OptionsOf(group);
  const bool receipts = HasReceipts(group);
  if (!receipts && group.unsent() == 0) {
    if (options.accept_is_delivered) return End(slot, EndState::kDelivered, 1000);
    return End(slot, EndState::kUnknown, 4000);
  }
  if (!receipts) return Continue(slot);  // Its gate cannot be waited for.
  const bool all = group.unsent() == 0 && (group.gate != Gate::kReceipt || group.segments == 1);
  SetState(group, all ? GroupState::kWaitAll : GroupState::kWaitReceipt);
  group.queries = 0;
  Arm(slot, std::min(group.deadline, now_ + options.t_rcpt.count()));
}

// T_rcpt has passed: asks, and asks again after twice the time.
void Machine::Query(uint32_t slot) {
  Group& group = groups_[slot];
  const SmscOptions& options = OptionsOf(group);
  if (!options.can_query) return Arm(slot, group.deadline);
  ForEachBit(group.accepted & ~group.delivered, [&](uint8_t i) {
    const std::string_view id = ids_.IdOf(slot, i);
    if (id.empty()) return;
    Do(QuerySm{group.id, static_cast<uint8_t>(group.first + i + 1), group.smsc, std::string(id)});
  });
  if (group.queries < kMostDoublings) ++group.queries;
  Arm(slot, std::min(group.deadline, now_ + (options.t_rcpt.count() << group.queries)));
}

// --- Waiting -----------------------------------------------------------------------------------

// A short wait that keeps the lane.
void Machine::WaitInLane(uint32_t slot, Duration delay) {
  Group& group = groups_[slot];
  SetState(group, GroupState::kBackoff);
  group.wake = now_ + delay.count();
  Arm(slot, std::min(group.wake, group.deadline));
}

void Machine::Suspend(uint32_t slot, GroupState state) {
  Group& group = groups_[slot];
  const size_t step = std::min<size_t>(group.backoff, options_.backoff.size() - 1);
  const int64_t delay = options_.backoff[step].count();
  const int64_t tenth = std::max<int64_t>(delay / 10, 1);
  const auto jitter = static_cast<int64_t>(Random() % static_cast<uint64_t>(2 * tenth + 1)) - tenth;
  if (group.backoff < UINT8_MAX) ++group.backoff;
  group.fast = 0;
  group.wake = now_ + delay + jitter;
  if (group.alerted && state == GroupState::kAlertWait) {  // It came back while we were told so.
    group.wake = std::min(group.wake, now_ + options_.alert_after.count());
  }
  SetState(group, state);
  group.suspended = lanes_.Suspend(slot);
  WriteSuspended(group);
  Arm(slot, std::min(group.wake, group.deadline));
  if (group.suspended) LaneFreed(group.lane);
}

// The wait is over: k is sent again, as soon as the lane is ours.
void Machine::Resume(uint32_t slot) {
  Group& group = groups_[slot];
  if (group.suspended) {
    group.wants_lane = lanes_.Active(group.lane) != kNoSlot;
    if (group.wants_lane) return Arm(slot, group.deadline);
    lanes_.Unsuspend(slot);
    group.suspended = false;
  }
  if (Outlived(group)) {
    StartOver(slot);
    AssignRef(group);
    WriteStarted(group);
  }
  Advance(slot);
}

// The terminal may have thrown away what it got of this group.
bool Machine::Outlived(const Group& group) const {
  return group.first_delivered != 0 && group.segments > 1 &&
         now_ - group.first_delivered > options_.t_reasm.count();
}

// All segments are unsent, and the reference number is not ours any more.
void Machine::StartOver(uint32_t slot) {
  Group& group = groups_[slot];
  if (group.needs_ref() && group.started) {
    references_.Release(PairOf(group), group.ref, QuarantinedUntil(group));
  }
  ids_.ForgetAll(slot);
  group.accepted = group.delivered = group.maybe = group.tried = 0;
  group.first_delivered = 0;
  group.epoch_from = static_cast<uint16_t>(group.attempt + 1);
  ++counters_.restarted;
}

// Its SMSC has no bind: another SMSC starts from the first segment, if one may and can.
void Machine::Failover(uint32_t slot) {
  Group& group = groups_[slot];
  uint64_t others = routes_.SmscsOf(group.route) & ~Bit(group.smsc);
  bool found = false;
  ForEachBit(others, [&](uint8_t s) { found |= s < smscs_.size() && !smscs_[s].binds.empty(); });
  if (!found || BindFor(group) != nullptr) {
    const int64_t again = now_ + options_.failover_after.count();
    return Arm(slot, std::min(group.deadline, again));
  }
  StartOver(slot);
  group.started = false;
  group.pending = Pending::kNothing;
  Record(RecordKind::kReset, group).Number(static_cast<uint64_t>(now_));
  Write();
  lanes_.Release(slot);
  BecomeReady(slot, /*first=*/true);
}

}  // namespace drover::dispatch
