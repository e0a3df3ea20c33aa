// The machine as its journal says it was. A record names a group that is not known if the group
// ended before the log begins, or if a snapshot is still to bring it: such records are skipped.
#include <algorithm>

#include "libs/dispatch/machine.h"

namespace drover::dispatch {
namespace {

constexpr uint64_t kMostTime = INT64_MAX / 4;  // So that sums of times do not overflow.
constexpr uint64_t kMostId = (uint64_t{1} << 61) - 1;

int64_t Time(base::Unpacker& in) { return static_cast<int64_t>(in.Number(kMostTime)); }

template <typename T>
T Enum(base::Unpacker& in, T last) {
  return static_cast<T>(in.Number(static_cast<uint64_t>(last)));
}
uint16_t Number16(base::Unpacker& in) { return static_cast<uint16_t>(in.Number(UINT16_MAX)); }
uint8_t Number8(base::Unpacker& in) { return static_cast<uint8_t>(in.Number(UINT8_MAX)); }

Report ReadReport(base::Unpacker& in) {
  Report report;
  report.arrival = Enum(in, Arrival::kTerminalRefused);
  report.message_state = Number8(in);
  report.network = Number16(in);
  return report;
}

void ReadFault(Group& group, base::Unpacker& in) {
  group.fault = Enum(in, Fault::kNoAnswer);
  group.status = in.Number32();
  group.network = Number16(in);
}

}  // namespace

Result<void> Machine::Restore(std::string_view octets) {
  base::Unpacker in(octets);
  const auto kind = static_cast<RecordKind>(in.Number(static_cast<uint64_t>(RecordKind::kReset)));
  bool good = in.ok();
  switch (kind) {
    case RecordKind::kHeader:
      good = good && RestoreHeader(in);
      break;
    case RecordKind::kAdmitted:
      good = good && RestoreAdmitted(in);
      break;
    case RecordKind::kGroup:
      good = good && RestoreGroup(in);
      break;
    case RecordKind::kReferences:
      good = good && RestoreReferences(in);
      break;
    case RecordKind::kParked:
      good = good && RestoreParked(in);
      break;
    default:
      good = good && RestoreStep(kind, in);
  }
  if (good && in.at_end()) return {};
  return Error{Code::kDataLoss, "a record of the dispatch journal that this release cannot read"};
}

bool Machine::RestoreHeader(base::Unpacker& in) {
  const uint64_t last_id = in.Number(kMostId);
  const uint64_t count = in.Number(kMostSmscs);
  std::vector<SmscId> smscs;
  for (uint64_t i = 0; i < count && in.ok(); ++i) {
    const std::string_view name = in.View();
    const auto found = std::find_if(options_.smscs.begin(), options_.smscs.end(),
                                    [&](const SmscOptions& smsc) { return smsc.name == name; });
    const bool known = found != options_.smscs.end();
    smscs.push_back(known ? static_cast<SmscId>(found - options_.smscs.begin()) : kNoSmsc);
  }
  if (!in.ok()) return false;
  last_id_ = std::max(last_id_, last_id);
  journal_smscs_ = std::move(smscs);
  return true;
}

SmscId Machine::SmscOfJournal(uint64_t number) const {
  return number < journal_smscs_.size() ? journal_smscs_[number] : kNoSmsc;
}

// --- Whole groups ------------------------------------------------------------------------------

// The row of a group with the identity that follows; kNoSlot if that is not well formed.
uint32_t Machine::RestoreIdentity(base::Unpacker& in) {
  const GroupId id = in.Number(kMostId);
  JobId job{};
  const std::string_view name = in.Octets(job.size());
  const uint64_t destination = in.Number(INT64_MAX);
  const std::string_view originator = in.View();
  const uint64_t smscs = in.Number();
  const uint64_t flags = in.Number(27);
  Group read;
  read.wished_gate = Number8(in);
  read.segments = static_cast<uint8_t>(in.Number(kMostSegments));
  read.first = static_cast<uint8_t>(in.Number(kMostSegments - 1));
  read.total = static_cast<uint8_t>(in.Number(kMostSegments));
  read.ref = Number16(in);
  read.wake = Time(in);
  read.deadline = Time(in);
  const std::string_view payload = in.View();
  const bool gate =
      read.wished_gate <= static_cast<uint8_t>(Gate::kReceipt) || read.wished_gate == kNoGate;
  if (!in.ok() || id == 0 || destination == 0 || !gate || read.segments == 0 || read.total == 0 ||
      payload.size() > kMostPayloadOctets || originator.size() > kMostOriginatorOctets) {
    return kNoSlot;
  }
  uint64_t known = 0;
  ForEachBit(smscs, [&](uint8_t s) {
    if (SmscOfJournal(s) != kNoSmsc) known |= Bit(SmscOfJournal(s));
  });
  const size_t route = routes_.Find(known);
  if (route == Routes::kMost) return kNoSlot;
  std::copy(name.begin(), name.end(), job.begin());
  if (const uint32_t old = SlotOf(id); old != kNoSlot) DropRow(old);
  const uint32_t slot = NewRow(id, job, destination, (flags & 1) != 0);
  Group& group = groups_[slot];
  group.wished_gate = read.wished_gate;
  group.segments = group.part ? 1 : read.segments;
  group.first = group.part ? read.first : 0;
  group.total = group.part ? read.total : group.segments;
  group.ref = read.ref;
  group.wake = read.wake;
  group.deadline = read.deadline;
  group.priority = static_cast<Priority>(std::min<uint64_t>(flags >> 2 & 3, kPriorities - 1));
  group.unconfirmed = (flags & 16) != 0;
  group.ref_8 = (flags & 2) != 0;
  group.route = static_cast<uint16_t>(route);
  group.originator = Originator(originator);
  group.payload.Set(payload);
  payload_octets_ += group.payload.octets();
  return slot;
}

void Machine::DropRow(uint32_t slot) {
  Group& group = groups_[slot];
  ids_.ForgetAll(slot);
  if (group.lane != kNoSlot) lanes_.Leave(group.lane);
  FreeRow(slot);
}

bool Machine::RestoreAdmitted(base::Unpacker& in) { return RestoreIdentity(in) != kNoSlot; }

bool Machine::RestoreGroup(base::Unpacker& in) {
  const uint32_t slot = RestoreIdentity(in);
  return slot != kNoSlot && RestoreProgress(slot, in);
}

bool Machine::RestoreProgress(uint32_t slot, base::Unpacker& in) {
  Group& group = groups_[slot];
  const uint64_t flags = in.Number(63);
  group.smsc = SmscOfJournal(in.Number());
  group.started = (flags & 1) != 0 && group.smsc != kNoSmsc;
  group.whole = (flags & 2) != 0 && group.segments > 1;
  group.suspended = group.started && (flags & 4) != 0;
  group.state = (flags & 8) != 0 ? GroupState::kAlertWait : GroupState::kBackoff;
  group.replaced = (flags & 32) != 0;
  group.gate = Enum(in, Gate::kReceipt);
  group.attempt = Number16(in);
  group.epoch_from = Number16(in);
  const uint64_t keep = group.started ? group.all() : 0;
  group.accepted = in.Number() & keep;
  group.delivered = in.Number() & keep;
  group.in_flight = in.Number() & keep & ~group.accepted;
  group.tried = in.Number() & keep;
  group.first_delivered = Time(in);
  group.backoff = Number8(in);
  ReadFault(group, in);
  const auto end = Enum(in, EndState::kUnknown);
  const uint16_t code = Number16(in);
  const int64_t ended_at = Time(in);
  const uint64_t ids = in.Number(kMostSegments);
  for (uint64_t n = 0; n < ids && in.ok(); ++n) {
    const auto i = Number8(in);
    const MessageId id{in.View(), in.View()};
    if (group.started && i < group.pdus()) ids_.Add(slot, i, id);
  }
  if (group.started) Reserve(group, ended_at);
  if ((flags & 16) != 0) RestoreEnd(slot, end, code, ended_at);
  return in.ok();
}

// --- Steps -------------------------------------------------------------------------------------

bool Machine::RestoreStep(RecordKind kind, base::Unpacker& in) {
  const uint32_t slot = SlotOf(in.Number(kMostId));
  if (!in.ok()) return false;
  if (slot == kNoSlot || (groups_[slot].state == GroupState::kEnded && kind != RecordKind::kKept)) {
    in.Rest();
    return true;
  }
  switch (kind) {
    case RecordKind::kStarted:
      return RestoreStarted(slot, in);
    case RecordKind::kReset:
      return RestoreReset(slot, in);
    case RecordKind::kSubmitted:
      return RestoreSubmitted(slot, in);
    case RecordKind::kAccepted:
      return RestoreAccepted(slot, in);
    case RecordKind::kReported:
      return RestoreReported(slot, in);
    case RecordKind::kSuspended:
      return RestoreSuspended(slot, in);
    case RecordKind::kEnded:
      return RestoreEnded(slot, in);
    case RecordKind::kKept:
      if (groups_[slot].state == GroupState::kEnded) FreeRow(slot);
      return true;
    default:
      return false;
  }
}

bool Machine::RestoreStarted(uint32_t slot, base::Unpacker& in) {
  Group& group = groups_[slot];
  const SmscId smsc = SmscOfJournal(in.Number());
  const auto gate = Enum(in, Gate::kReceipt);
  const bool whole = in.Number(1) == 1;
  const uint16_t ref = Number16(in);
  const int64_t at = Time(in);
  if (!in.ok()) return false;
  now_ = std::max(now_, at);
  if (group.started) StartOver(slot);
  ids_.ForgetAll(slot);
  group.accepted = group.delivered = group.in_flight = group.tried = 0;
  group.suspended = false;
  group.smsc = smsc;
  group.started = smsc != kNoSmsc;
  group.gate = gate;
  group.whole = whole && group.segments > 1;
  group.ref = ref;
  if (group.started) Reserve(group, at);
  if (group.started && group.needs_ref()) references_.Count(PairOf(group), ref);
  return true;
}

bool Machine::RestoreReset(uint32_t slot, base::Unpacker& in) {
  Group& group = groups_[slot];
  now_ = std::max(now_, Time(in));
  if (group.started) StartOver(slot);
  group.in_flight = 0;
  group.started = group.suspended = false;
  return in.ok();
}

bool Machine::RestoreSubmitted(uint32_t slot, base::Unpacker& in) {
  Group& group = groups_[slot];
  const uint8_t i = Number8(in);
  const uint16_t attempt = Number16(in);
  in.Number32();  // The bind, which is no more.
  if (!in.ok()) return false;
  if (!group.started || i >= group.pdus()) return true;
  group.attempt = attempt;
  group.segment = i;
  group.in_flight |= Bit(i) & ~group.accepted;
  group.tried |= Bit(i);
  group.suspended = false;
  return true;
}

bool Machine::RestoreAccepted(uint32_t slot, base::Unpacker& in) {
  Group& group = groups_[slot];
  const uint8_t i = Number8(in);
  const int64_t at = Time(in);
  const MessageId id{in.View(), in.View()};
  if (!in.ok()) return false;
  if (!group.started || i >= group.pdus()) return true;
  group.in_flight &= ~Bit(i);
  group.accepted |= Bit(i);
  ids_.Add(slot, i, id);
  const bool delivered = group.gate == Gate::kTransaction;
  if (delivered) {
    group.delivered |= Bit(i);
    if (group.first_delivered == 0) group.first_delivered = at;
  }
  if (delivered || !HasReceipts(group)) group.backoff = 0;
  return true;
}

bool Machine::RestoreReported(uint32_t slot, base::Unpacker& in) {
  Group& group = groups_[slot];
  const uint8_t i = Number8(in);
  const Report report = ReadReport(in);
  const int64_t at = Time(in);
  if (!in.ok()) return false;
  if (!group.started || i >= group.pdus() || (group.accepted & Bit(i)) == 0) return true;
  if (report.arrival == Arrival::kDelivered) {
    group.delivered |= Bit(i);
    group.backoff = 0;
    if (group.first_delivered == 0) group.first_delivered = at;
  } else {
    Unsend(slot, i);
  }
  return true;
}

bool Machine::RestoreSuspended(uint32_t slot, base::Unpacker& in) {
  Group& group = groups_[slot];
  const bool alert = in.Number(1) == 1;
  group.backoff = Number8(in);
  group.wake = Time(in);
  ReadFault(group, in);
  group.state = alert ? GroupState::kAlertWait : GroupState::kBackoff;
  group.suspended = group.started;
  group.in_flight = 0;  // It was refused.
  return in.ok();
}

bool Machine::RestoreEnded(uint32_t slot, base::Unpacker& in) {
  Group& group = groups_[slot];
  const auto end = Enum(in, EndState::kUnknown);
  const uint16_t code = Number16(in);
  const int64_t at = Time(in);
  ReadFault(group, in);
  group.replaced = in.Number(1) == 1;
  if (!in.ok()) return false;
  now_ = std::max(now_, at);
  RestoreEnd(slot, end, code, at);
  return true;
}

void Machine::RestoreEnd(uint32_t slot, EndState end, uint16_t code, int64_t at) {
  Group& group = groups_[slot];
  group.end = end;
  group.code = code;
  group.ended_at = at;
  group.state = GroupState::kEnded;
  group.in_flight = 0;
  ids_.ForgetAll(slot);
  if (group.started && group.needs_ref()) {
    references_.Release(PairOf(group), group.ref, group.arrived() ? 0 : QuarantinedUntil(group));
  }
  lanes_.Leave(group.lane);
  group.lane = kNoSlot;
}

void Machine::Reserve(const Group& group, int64_t at) {
  if (group.needs_ref()) references_.Reserve(PairOf(group), group.ref, References::kInUse, at);
}

bool Machine::RestoreReferences(base::Unpacker& in) {
  const std::string_view originator = in.View();
  References::Kept kept;
  kept.of.destination = in.Number(INT64_MAX);
  kept.last = Number16(in);
  kept.used_at = Time(in);
  kept.reserved = in.View();
  if (!in.ok() || kept.of.destination == 0 || originator.size() > kMostOriginatorOctets) {
    return false;
  }
  kept.of.originator = Originator(originator);
  return references_.Restore(kept);
}

bool Machine::RestoreParked(base::Unpacker& in) {
  const SmscId smsc = SmscOfJournal(in.Number());
  const int64_t until = Time(in);
  const Report report = ReadReport(in);
  const std::string_view key = in.View();
  if (!in.ok()) return false;
  if (smsc != kNoSmsc) parked_.Park(smsc, key.substr(0, MessageIds::kMostOctets), report, until);
  return true;
}

// --- Going on ----------------------------------------------------------------------------------

void Machine::Restored(TimePoint now, Effects& out) {
  Begin(now, out);
  std::vector<uint32_t> slots;
  for (uint32_t slot = 0; slot < groups_.end(); ++slot) {
    if (groups_[slot].id != 0) slots.push_back(slot);
  }
  std::sort(slots.begin(), slots.end(),
            [this](uint32_t a, uint32_t b) { return groups_[a].id < groups_[b].id; });
  for (const uint32_t slot : slots) {
    if (groups_[slot].state == GroupState::kEnded) TellOutcome(slot);
  }
  const auto ended = [this](uint32_t slot) { return groups_[slot].state == GroupState::kEnded; };
  slots.erase(std::remove_if(slots.begin(), slots.end(), ended), slots.end());
  counters_.admitted += slots.size();
  for (const uint32_t slot : slots) {
    if (groups_[slot].started) ReenterStarted(slot);
  }
  for (const uint32_t slot : slots) {
    if (!ended(slot) && !groups_[slot].started) Reenter(slot);
  }
  Pump();
}

// What never started waits for its turn.
void Machine::Reenter(uint32_t slot) {
  Group& group = groups_[slot];
  if (group.wake <= now_) return BecomeReady(slot);
  SetState(group, GroupState::kHeld);
  Arm(slot, group.wake);
}

bool Machine::ReenterSuspended(uint32_t slot) {
  Group& group = groups_[slot];
  group.suspended = group.suspended && lanes_.Suspend(slot);
  if (group.suspended) Arm(slot, std::min(group.wake, group.deadline));
  return group.suspended;
}

void Machine::ReenterStarted(uint32_t slot) {
  Group& group = groups_[slot];
  group.maybe = group.in_flight;
  group.in_flight = 0;
  group.live_from = static_cast<uint16_t>(group.attempt + 1);
  Reserve(group, now_);
  if (ReenterSuspended(slot)) return;
  if (lanes_.Active(group.lane) != kNoSlot) {  // Not in a journal of ours.
    StartOver(slot);
    group.started = false;
    group.state = GroupState::kReady;
    return;
  }
  lanes_.Activate(slot);
  group.state = GroupState::kBackoff;
  if (!group.arrived() && group.unsent() != 0) group.pending = Pending::kMaybeSent;
  Advance(slot);
}

}  // namespace drover::dispatch
