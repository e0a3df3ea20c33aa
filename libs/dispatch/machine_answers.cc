// What the SMSC answers to a submission, and what it reports of one later.
#include <algorithm>

#include "libs/dispatch/machine.h"

namespace drover::dispatch {
namespace {

constexpr uint8_t kThrice = 3;
constexpr int64_t kFullRemembered = 10'000'000;

// Of two submissions' numbers, which may have wrapped.
bool IsBefore(uint16_t attempt, uint16_t other) {
  return static_cast<int16_t>(attempt - other) < 0;
}

}  // namespace

// --- Submissions that are settled --------------------------------------------------------------

// Whether this submission was waited for; it is not any more.
bool Machine::Settle(uint32_t slot, uint8_t i, uint16_t attempt) {
  Group& group = groups_[slot];
  if ((group.in_flight & Bit(i)) == 0 || IsBefore(attempt, group.live_from)) return false;
  if (Bind* bind = FindBind(group.bind)) {
    --bind->outstanding;
    dirty_ |= Bit(bind->smsc);
  }
  group.in_flight &= ~Bit(i);
  if (group.in_flight == 0) Unlink(slot);
  return true;
}

// Nothing in flight is waited for any more. How many that were.
uint32_t Machine::ForgetFlight(uint32_t slot) {
  Group& group = groups_[slot];
  const auto count = static_cast<uint32_t>(std::popcount(group.in_flight));
  if (Bind* bind = FindBind(group.bind)) {
    bind->outstanding -= count;
    dirty_ |= Bit(bind->smsc);
  }
  Unlink(slot);
  group.maybe |= group.in_flight;
  group.in_flight = 0;
  group.live_from = static_cast<uint16_t>(group.attempt + 1);
  return count;
}

// No answer will come: k is sent once more, with the same reference number.
void Machine::Lost(uint32_t slot) {
  Group& group = groups_[slot];
  group.fault = Fault::kNoAnswer;
  group.pending = std::max(group.pending, Pending::kMaybeSent);
  Advance(slot);
}

// An answer that came after T_resp, and before the segment was sent again.
bool Machine::IsLateNews(const Group& group, uint8_t i, uint16_t attempt) const {
  const bool waits = group.state == GroupState::kBackoff || group.state == GroupState::kSending ||
                     group.state == GroupState::kAlertWait;
  return waits && (group.maybe & ~group.in_flight & Bit(i)) != 0 &&
         !IsBefore(attempt, group.epoch_from);
}

// --- Answers -----------------------------------------------------------------------------------

void Machine::MarkAccepted(uint32_t slot, uint8_t i, MessageId id) {
  Group& group = groups_[slot];
  group.fast = group.thrice = 0;
  group.maybe &= ~Bit(i);
  group.accepted |= Bit(i);
  const bool delivered = group.gate == Gate::kTransaction;
  if (delivered) {
    id = {};
    group.delivered |= Bit(i);
    if (group.first_delivered == 0) group.first_delivered = now_;
  }
  if (delivered || !HasReceipts(group)) group.backoff = 0;
  ids_.Add(slot, i, id);
  base::Packer& record = Record(RecordKind::kAccepted, group);
  record.Number(i);
  record.Number(static_cast<uint64_t>(now_));
  record.Text(id.id);
  record.Text(id.key);
  Write();
}

void Machine::Accepted(const Ticket& ticket, MessageId id, TimePoint now, Effects& out) {
  Begin(now, out);
  id.id = id.id.substr(0, MessageIds::kMostOctets);
  id.key = id.key.substr(0, MessageIds::kMostOctets);
  const uint32_t slot = SlotOf(ticket.group);
  const auto i =
      static_cast<uint8_t>(slot == kNoSlot ? 0 : ticket.segment - 1 - groups_[slot].first);
  const bool known = slot != kNoSlot && i < groups_[slot].pdus();
  const bool awaited = known && Settle(slot, i, ticket.attempt);
  if (!awaited && !(known && IsLateNews(groups_[slot], i, ticket.attempt))) {
    ++counters_.late_answers;
    return Pump();
  }
  const SmscId smsc = groups_[slot].smsc;
  MarkAccepted(slot, i, id);
  std::optional<Report> early;  // The receipt may have been here first.
  if (groups_[slot].gate != Gate::kTransaction) {
    early = parked_.Take(smsc, id.key.empty() ? id.id : id.key);
  }
  if (early) ApplyReport(slot, i, *early);
  const Group& group = groups_[slot];
  const bool acted = early && early->arrival != Arrival::kDelivered;
  if (!acted && group.state != GroupState::kEnded && (!group.suspended || group.arrived())) {
    Advance(slot);
  }
  Pump();
}

void Machine::Throttle(Bind& bind) {
  bind.pacer.At(now_);
  const double before = bind.pacer.pace();
  bind.pacer.Throttle(now_);
  bind.wake = bind.pacer.rests_until();
  ++counters_.throttled;
  if (bind.pacer.pace() != before) Do(SlowDown{bind.id, bind.pacer.pace()});
}

// One number's queue is that number's matter; those of two are the bind's.
void Machine::QueueFull(Group& group, Bind& bind) {
  const bool again = now_ < bind.full_until && bind.full_lane != group.lane;
  bind.full_lane = group.lane;
  bind.full_until = now_ + kFullRemembered;
  if (again) Throttle(bind);
}

Pending Machine::PendingFor(Group& group, Bind* bind, const RefusedBy& by) {
  switch (by.refusal) {
    case Refusal::kThrottle:
    case Refusal::kSession:
      if (bind != nullptr) Throttle(*bind);
      return by.refusal == Refusal::kThrottle ? Pending::kShort : Pending::kMaybeSent;
    case Refusal::kQueueFull:
      if (bind != nullptr) QueueFull(group, *bind);
      return Pending::kShort;
    case Refusal::kTemporary:
    case Refusal::kTemporaryThrice:
      if (group.fast >= options_.fast_retries) return Pending::kSlow;
      ++group.fast;
      return Pending::kFastRetry;
    case Refusal::kTemporarySlow:
      return Pending::kSlow;
    case Refusal::kAbsent:
      return Pending::kAbsent;
    case Refusal::kConfiguration:
      smscs_[group.smsc].parked_until = now_ + options_.parked_for.count();
      ++counters_.parked_smscs;
      Do(SmscParked{group.smsc, by.status});
      return Pending::kParked;
    case Refusal::kPermanent:
    case Refusal::kNoSuchSubscriber:
    case Refusal::kTerminalRefused:
      break;
  }
  return Pending::kNothing;
}

void Machine::Refused(const Ticket& ticket, RefusedBy by, TimePoint now, Effects& out) {
  Begin(now, out);
  const uint32_t slot = SlotOf(ticket.group);
  const auto i =
      static_cast<uint8_t>(slot == kNoSlot ? 0 : ticket.segment - 1 - groups_[slot].first);
  if (slot == kNoSlot || i >= groups_[slot].pdus() || !Settle(slot, i, ticket.attempt)) {
    ++counters_.late_answers;
    return Pump();
  }
  Group& group = groups_[slot];
  group.fault = Fault::kStatus;
  group.status = by.status;
  group.network = by.network;
  if (by.refusal == Refusal::kTemporaryThrice && ++group.thrice >= kThrice) {
    by.refusal = Refusal::kPermanent;
  }
  const Pending pending = PendingFor(group, FindBind(group.bind), by);
  if (pending == Pending::kNothing) {
    Fail(slot, by.refusal);
  } else {
    group.pending = std::max(group.pending, pending);
    Advance(slot);
  }
  Pump();
}

void Machine::NoAnswer(const Ticket& ticket, TimePoint now, Effects& out) {
  Begin(now, out);
  const uint32_t slot = SlotOf(ticket.group);
  const auto i =
      static_cast<uint8_t>(slot == kNoSlot ? 0 : ticket.segment - 1 - groups_[slot].first);
  if (slot != kNoSlot && i < groups_[slot].pdus() && Settle(slot, i, ticket.attempt)) {
    groups_[slot].maybe |= Bit(i);
    ++counters_.no_answer;
    Lost(slot);
  }
  Pump();
}

// --- Reports -----------------------------------------------------------------------------------

void Machine::Receipt(SmscId smsc, std::string_view key, const Report& report, TimePoint now,
                      Effects& out) {
  Begin(now, out);
  ++counters_.receipts;
  const MessageIds::Place place = ids_.Find(smsc, key);
  if (place.slot != kNoSlot) {
    ApplyReport(place.slot, place.segment, report);
  } else if (report.arrival != Arrival::kUnderWay && !key.empty() && smsc < smscs_.size()) {
    const int64_t until = now_ + options_.receipt_parked_for.count();
    key = key.substr(0, MessageIds::kMostOctets);
    ++counters_.receipts_early;
    counters_.receipts_unmatched += parked_.Park(smsc, key, report, until);
    WriteParked(smsc, key, report, until);
  }
  Pump();
}

void Machine::QueryAnswer(GroupId id, uint8_t segment, const Report& report, TimePoint now,
                          Effects& out) {
  Begin(now, out);
  const uint32_t slot = SlotOf(id);
  if (slot != kNoSlot) {
    const auto i = static_cast<uint8_t>(segment - 1 - groups_[slot].first);
    if (i < groups_[slot].pdus()) ApplyReport(slot, i, report);
  }
  Pump();
}

void Machine::ApplyReport(uint32_t slot, uint8_t i, const Report& report) {
  const Group& group = groups_[slot];
  const bool open = (group.accepted & ~group.delivered & Bit(i)) != 0;
  if (group.state == GroupState::kEnded || !open) return;
  if (report.arrival == Arrival::kUnderWay) return;
  WriteReported(group, i, report);
  report.arrival == Arrival::kDelivered ? Arrived(slot, i, report) : NotArrived(slot, i, report);
}

void Machine::Arrived(uint32_t slot, uint8_t i, const Report&) {
  Group& group = groups_[slot];
  group.delivered |= Bit(i);
  group.asked &= ~Bit(i);
  group.backoff = 0;
  if (group.first_delivered == 0) group.first_delivered = now_;
  if (group.arrived()) return End(slot, EndState::kDelivered, 1000);
  if (group.state == GroupState::kWaitReceipt) return Advance(slot);
  if (group.state == GroupState::kCancelling && group.asked == 0) CancelFailed(slot);
}

void Machine::NotArrived(uint32_t slot, uint8_t i, const Report& report) {
  Group& group = groups_[slot];
  Unsend(slot, i);
  group.fault = Fault::kReceipt;
  group.status = report.message_state;
  group.network = report.network;
  switch (report.arrival) {
    case Arrival::kPermanent:
      return Fail(slot, Refusal::kPermanent);
    case Arrival::kNoSuchSubscriber:
      return Fail(slot, Refusal::kNoSuchSubscriber);
    case Arrival::kTerminalRefused:
      return Fail(slot, Refusal::kTerminalRefused);
    default:
      break;
  }
  if (group.state == GroupState::kCancelling) {  // The SMSC has given it up: as good as cancelled.
    if (group.asked == 0) CancelStep(slot);
    return;
  }
  if (group.suspended) return;  // It is sent again anyhow.
  const bool absent = report.arrival == Arrival::kAbsent;
  group.pending = std::max(group.pending, absent ? Pending::kAbsent : Pending::kSlow);
  if (group.state != GroupState::kBackoff) Advance(slot);
}

}  // namespace drover::dispatch
