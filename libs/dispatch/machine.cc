#include "libs/dispatch/machine.h"

#include <algorithm>

#include "libs/base/check.h"

namespace drover::dispatch {
namespace {

int64_t Us(TimePoint time) { return time.time_since_epoch().count(); }
TimePoint At(int64_t us) { return us == INT64_MAX ? TimePoint::max() : TimePoint(Duration(us)); }

uint64_t HashOfJob(const JobId& job) {
  return HashOf({reinterpret_cast<const char*>(job.data()), job.size()}, 0);
}

// Digits as a number, with a 1 before them for the sake of leading zeros; 0 if they are not 1 to
// kMostDestinationDigits.
uint64_t PackMsisdn(std::string_view digits) {
  if (digits.empty() || digits.size() > kMostDestinationDigits) return 0;
  uint64_t packed = 1;
  for (const char c : digits) {
    if (c < '0' || c > '9') return 0;
    packed = packed * 10 + static_cast<uint64_t>(c - '0');
  }
  return packed;
}

// A part's lane is its own: no destination has this bit.
constexpr uint64_t kOwnLane = uint64_t{1} << 63;

Duration GroupTime(const Options& options, PushClass push_class) {
  switch (push_class) {
    case PushClass::kNotification:
      return options.t_group_notification;
    case PushClass::kBootstrap:
      return options.t_group_bootstrap;
    case PushClass::kService:
      return options.t_group_service;
  }
  return options.t_group_notification;
}

}  // namespace

Machine::Machine(Options options)
    : options_(std::move(options)),
      ids_(groups_, Mixed(options_.seed)),
      parked_(options_.most_parked_receipts),
      smscs_(options_.smscs.size()),
      total_(options_.segments_per_second, 1, 0),
      random_(options_.seed) {
  DROVER_CHECK(options_.smscs.size() <= kMostSmscs);
  if (options_.backoff.empty()) options_.backoff.push_back(std::chrono::seconds(60));
}

Machine::~Machine() = default;

void Machine::Begin(TimePoint now, Effects& out) {
  now_ = std::max(now_, Us(now));
  out_ = &out;
  if (!header_written_) WriteHeader();
}

uint64_t Machine::Random() { return Mixed(random_ += 0x9e3779b97f4a7c15); }

// --- Work --------------------------------------------------------------------------------------

Result<void> Machine::Check(const Job& job, TimePoint now) const {
  const int64_t after = std::max({Us(job.deliver_after), Us(now), now_});
  if (PackMsisdn(job.destination) == 0) {
    return InvalidArgument("destination: 1 to 18 digits are needed");
  }
  if (job.originator.size() > kMostOriginatorOctets) {
    return InvalidArgument("originator: more than 21 octets");
  }
  if (job.segments == 0 || job.segments > kMostSegments) {
    return InvalidArgument("segments: 1 to 64");
  }
  if (job.ref_bits != 8 && job.ref_bits != 16) return InvalidArgument("ref_bits: 8 or 16");
  if (job.payload.size() > kMostPayloadOctets) return InvalidArgument("payload: too long");
  if ((job.smscs & KnownSmscs()) == 0) return InvalidArgument("smscs: no SMSC may carry it");
  if (job.deliver_before != TimePoint() && Us(job.deliver_before) <= after) {
    return InvalidArgument("deliver_before: not after deliver_after and now");
  }
  return {};
}

uint16_t Machine::Originator(std::string_view name) {
  const auto [it, is_new] = originator_numbers_.try_emplace(
      std::string(name), static_cast<uint16_t>(originators_.size()));
  if (is_new && originators_.size() < UINT16_MAX) originators_.emplace_back(name);
  return std::min(it->second, static_cast<uint16_t>(originators_.size() - 1));
}

uint32_t Machine::NewRow(GroupId id, const JobId& job, uint64_t destination, bool is_part) {
  const uint32_t slot = groups_.Take();
  Group& group = groups_[slot];
  group.id = id;
  group.job = job;
  group.destination = destination;
  group.part = is_part;
  group.lane = lanes_.Join(is_part ? kOwnLane | id : destination);
  by_id_.Insert(Mixed(id), slot);
  if (!is_part) by_job_.Insert(HashOfJob(job), slot);
  last_id_ = std::max(last_id_, id);
  return slot;
}

void Machine::FreeRow(uint32_t slot) {
  Group& group = groups_[slot];
  by_id_.Erase(Mixed(group.id), slot);
  if (!group.part) by_job_.Erase(HashOfJob(group.job), slot);
  payload_octets_ -= group.payload.octets();
  group.payload.Set({});
  groups_.Give(slot);
}

GroupId Machine::AdmitAs(const Job& job, Part part, bool is_part) {
  const uint32_t slot = NewRow(last_id_ + 1, job.id, PackMsisdn(job.destination), is_part);
  Group& group = groups_[slot];
  group.originator = Originator(job.originator);
  group.route = static_cast<uint16_t>(routes_.Find(job.smscs & KnownSmscs()));
  group.priority = job.priority;
  group.segments = is_part ? 1 : job.segments;
  group.first = part.first;
  group.total = is_part ? part.total : job.segments;
  group.ref = part.ref;
  group.ref_8 = job.ref_bits == 8;
  group.unconfirmed = !job.receipts;
  if (job.gate_given) group.wished_gate = static_cast<uint8_t>(job.gate);
  group.wake = std::max(Us(job.deliver_after), now_);
  group.deadline = group.wake + GroupTime(options_, job.push_class).count();
  if (job.deliver_before != TimePoint()) {
    group.deadline = std::min(group.deadline, Us(job.deliver_before));
  }
  group.payload.Set(job.payload);
  payload_octets_ += group.payload.octets();
  ++counters_.admitted;
  WriteAdmitted(slot);
  const GroupId id = group.id;
  if (group.wake > now_) {
    SetState(group, GroupState::kHeld);
    Arm(slot, group.wake);
  } else {
    BecomeReady(slot);
  }
  return id;
}

Result<GroupId> Machine::Admit(const Job& job, TimePoint now, Effects& out) {
  DROVER_TRY(Check(job, now));
  if (SlotOf(job.id) != kNoSlot) return AlreadyExists("a job of this id has not ended");
  if (routes_.Find(job.smscs & KnownSmscs()) == Routes::kMost) {
    return ResourceExhausted("too many different sets of SMSCs");
  }
  Begin(now, out);
  const GroupId id = AdmitAs(job, {}, false);
  Pump();
  return id;
}

Result<GroupId> Machine::AdmitPart(const Job& job, Part part, TimePoint now, Effects& out) {
  DROVER_TRY(Check(job, now));
  if (routes_.Find(job.smscs & KnownSmscs()) == Routes::kMost) {
    return ResourceExhausted("too many different sets of SMSCs");
  }
  Begin(now, out);
  const GroupId id = AdmitAs(job, part, true);
  Pump();
  return id;
}

void Machine::OutcomeKept(GroupId id, Effects& out) {
  const uint32_t slot = SlotOf(id);
  if (slot == kNoSlot || groups_[slot].state != GroupState::kEnded) return;
  Begin(At(now_), out);
  Record(RecordKind::kKept, groups_[slot]);
  Write();
  FreeRow(slot);
}

uint16_t Machine::AllocateRef(const Job& job, TimePoint now) {
  now_ = std::max(now_, Us(now));
  return references_.Allocate({Originator(job.originator), PackMsisdn(job.destination)},
                              job.ref_bits, now_, Random());
}

void Machine::ReleaseRef(GroupId id, bool complete, TimePoint now) {
  const uint32_t slot = SlotOf(id);
  if (slot == kNoSlot) return;
  now_ = std::max(now_, Us(now));
  const Group& group = groups_[slot];
  references_.Release(PairOf(group), group.ref, complete ? 0 : QuarantinedUntil(group));
}

// --- Binds -------------------------------------------------------------------------------------

void Machine::BindUp(BindId id, SmscId smsc, uint32_t window, TimePoint now, Effects& out) {
  if (id == 0 || smsc >= smscs_.size() || binds_.contains(id)) return;
  Begin(now, out);
  auto bind = std::make_unique<Bind>();
  const SmscOptions& options = options_.smscs[smsc];
  window = std::max(window, 1u);
  bind->id = id;
  bind->smsc = smsc;
  bind->most_started =
      options.max_started_groups > 0 ? options.max_started_groups : std::max(window / 2, 1u);
  bind->pacer = Pacer(options.segments_per_second, window, now_);
  smscs_[smsc].binds.push_back(bind.get());
  binds_.emplace(id, std::move(bind));
  dirty_ |= Bit(smsc);
  Pump();
}

void Machine::BindDown(BindId id, TimePoint now, Effects& out) {
  const auto found = binds_.find(id);
  if (found == binds_.end()) return;
  Begin(now, out);
  const std::unique_ptr<Bind> bind = std::move(found->second);
  std::vector<uint32_t> lost;
  for (uint32_t slot = bind->in_flight; slot != kNoSlot; slot = groups_[slot].next) {
    lost.push_back(slot);
  }
  for (const uint32_t slot : lost) counters_.no_answer += ForgetFlight(slot);
  std::erase(smscs_[bind->smsc].binds, bind.get());
  binds_.erase(found);
  for (const uint32_t slot : lost) Lost(slot);
  for (const auto& [slot, group] : bind->continuing) {
    const bool waits = groups_[slot].id == group && groups_[slot].state == GroupState::kSending;
    if (waits && groups_[slot].bind == id) Continue(slot);
  }
  Pump();
}

void Machine::Congestion(BindId id, uint8_t state, TimePoint now, Effects& out) {
  Bind* bind = FindBind(id);
  if (bind == nullptr) return;
  Begin(now, out);
  bind->pacer.At(now_);
  if (bind->pacer.Congested(state, now_)) Do(SlowDown{id, bind->pacer.pace()});
  dirty_ |= Bit(bind->smsc);
  Pump();
}

// --- Time --------------------------------------------------------------------------------------

void Machine::Arm(uint32_t slot, int64_t due) { timers_.Set(slot, due); }

void Machine::OnTimer(uint32_t slot) {
  Group& group = groups_[slot];
  // The SMSC of a transaction answers at the deadline; that it does is waited for a little longer.
  const bool held = group.state == GroupState::kWaitAccept && group.gate == Gate::kTransaction &&
                    now_ < group.deadline + OptionsOf(group).t_resp.count();
  if (now_ >= group.deadline && !held) return Expire(slot);
  switch (group.state) {
    case GroupState::kHeld:
      return BecomeReady(slot);
    case GroupState::kSending:
      return Failover(slot);
    case GroupState::kWaitAccept:
      if (held) return Arm(slot, group.deadline + OptionsOf(group).t_resp.count());
      counters_.no_answer += ForgetFlight(slot);
      return Lost(slot);
    case GroupState::kWaitReceipt:
    case GroupState::kWaitAll:
      return Query(slot);
    case GroupState::kBackoff:
    case GroupState::kAlertWait:
      return Resume(slot);
    case GroupState::kCancelling:
      return CancelFailed(slot);
    case GroupState::kReady:
    case GroupState::kEnded:
      return;
  }
}

void Machine::TickSmscs() {
  for (auto& [id, bind] : binds_) {
    if (bind->wake > now_) continue;
    bind->wake = INT64_MAX;
    dirty_ |= Bit(bind->smsc);
  }
  for (size_t s = 0; s < smscs_.size(); ++s) {
    if (smscs_[s].parked_until == 0 || smscs_[s].parked_until > now_) continue;
    smscs_[s].parked_until = 0;
    dirty_ |= Bit(s);
  }
}

void Machine::Tick(TimePoint now, Effects& out) {
  Begin(now, out);
  TickSmscs();
  while (!timers_.empty() && timers_.due() <= now_) {
    const uint32_t slot = timers_.slot();
    timers_.Remove(slot);
    OnTimer(slot);
    if (groups_[slot].timer == kNoSlot && groups_[slot].state != GroupState::kEnded) {
      Arm(slot, std::max(groups_[slot].deadline, now_ + 1));
    }
  }
  counters_.receipts_unmatched += parked_.Expire(now_);
  Pump();
}

TimePoint Machine::NextDeadline() const {
  int64_t next = timers_.empty() ? INT64_MAX : timers_.due();
  for (const auto& [id, bind] : binds_) next = std::min(next, bind->wake);
  for (const Smsc& smsc : smscs_) {
    if (smsc.parked_until != 0) next = std::min(next, smsc.parked_until);
  }
  return At(std::min(next, parked_.NextExpiry()));
}

// --- Looking -----------------------------------------------------------------------------------

uint32_t Machine::SlotOf(GroupId id) const {
  return by_id_.Find(Mixed(id), [&](uint32_t slot) { return groups_[slot].id == id; });
}

uint32_t Machine::SlotOf(const JobId& job) const {
  return by_job_.Find(HashOfJob(job), [&](uint32_t slot) { return groups_[slot].job == job; });
}

Machine::Bind* Machine::FindBind(BindId id) {
  const auto found = binds_.find(id);
  return found == binds_.end() ? nullptr : found->second.get();
}

uint64_t Machine::KnownSmscs() const {
  return smscs_.size() == kMostSmscs ? ~uint64_t{0} : Bit(static_cast<unsigned>(smscs_.size())) - 1;
}

References::Of Machine::PairOf(const Group& group) const {
  return {group.originator, group.destination};
}

GroupView Machine::ViewOf(uint32_t slot) const {
  const Group& group = groups_[slot];
  GroupView view;
  view.group = group.id;
  view.job = group.job;
  view.state = group.state;
  view.end = group.end;
  view.segment = group.started ? group.segment + group.first + 1 : 0;
  view.segments = group.segments;
  view.accepted = group.CountOf(group.accepted);
  view.delivered = group.CountOf(group.delivered);
  view.ref = group.ref;
  view.bind = group.bind;
  view.attempts = group.attempt;
  view.deadline = At(group.deadline);
  view.next = At(timers_.DueOf(slot));
  return view;
}

std::optional<GroupView> Machine::Find(const JobId& job) const {
  const uint32_t slot = SlotOf(job);
  if (slot == kNoSlot) return std::nullopt;
  return ViewOf(slot);
}

std::optional<GroupView> Machine::View(GroupId group) const {
  const uint32_t slot = SlotOf(group);
  if (slot == kNoSlot) return std::nullopt;
  return ViewOf(slot);
}

std::vector<Machine::PartView> Machine::Parts() const {
  std::vector<PartView> parts;
  for (uint32_t slot = 0; slot < groups_.end(); ++slot) {
    const Group& group = groups_[slot];
    if (group.id != 0 && group.part) parts.push_back({ViewOf(slot), group.first, group.total});
  }
  return parts;
}

std::string_view Machine::PayloadOf(GroupId group) const {
  const uint32_t slot = SlotOf(group);
  return slot == kNoSlot ? std::string_view() : groups_[slot].payload.view();
}

std::string Machine::DestinationOf(GroupId group) const {
  const uint32_t slot = SlotOf(group);
  return slot == kNoSlot ? std::string() : std::to_string(groups_[slot].destination).substr(1);
}

Counters Machine::counters() const {
  Counters counters = counters_;
  counters.ref_clashes_avoided = references_.clashes_avoided();
  for (const uint64_t ended : counters.ended) counters.pending -= ended;
  counters.pending += counters.admitted;
  counters.lanes = lanes_.size();
  for (const auto& [id, bind] : binds_) counters.in_flight += bind->outstanding;
  counters.parked_receipts = parked_.size();
  counters.octets = groups_.octets() + lanes_.octets() + routes_.octets() + references_.octets() +
                    ids_.octets() + timers_.octets() + by_id_.octets() + by_job_.octets() +
                    payload_octets_;
  return counters;
}

// --- News of terminals -------------------------------------------------------------------------

void Machine::Shown(std::string_view msisdn, AlertMode by) {
  const uint64_t destination = PackMsisdn(msisdn);
  const uint32_t lane = destination == 0 ? kNoSlot : lanes_.Find(destination);
  if (lane == kNoSlot) return;
  const auto heeds = [&](uint32_t slot) {
    return groups_[slot].smsc != kNoSmsc && OptionsOf(groups_[slot]).alert >= by;
  };
  const uint32_t active = lanes_.Active(lane);
  if (active != kNoSlot && heeds(active)) groups_[active].alerted = true;
  lanes_.ForEachSuspended(lane, [&](uint32_t slot) {
    Group& group = groups_[slot];
    if (group.state != GroupState::kAlertWait || !heeds(slot)) return;
    ++counters_.resumed_by_alert;
    group.wake = std::min(group.wake, now_ + options_.alert_after.count());
    Arm(slot, std::min(group.wake, group.deadline));
  });
}

void Machine::Alert(std::string_view msisdn, TimePoint now, Effects& out) {
  Begin(now, out);
  ++counters_.alerts;
  Shown(msisdn, AlertMode::kDeliveryPendingFlag);
  Pump();
}

void Machine::MobileOriginated(std::string_view msisdn, TimePoint now, Effects& out) {
  Begin(now, out);
  Shown(msisdn, AlertMode::kMobileOriginated);
  Pump();
}

}  // namespace drover::dispatch
