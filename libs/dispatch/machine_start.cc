// Who may go: started groups that were held up first, then waiting ones by priority and order.
#include <algorithm>
#include <bit>

#include "libs/dispatch/machine.h"

namespace drover::dispatch {

void Machine::Pump() {
  while (dirty_ != 0) {
    const uint64_t ahead = dirty_ & ~(Bit(turn_) - 1);
    const auto s = static_cast<SmscId>(std::countr_zero(ahead != 0 ? ahead : dirty_));
    dirty_ &= ~Bit(s);
    PumpSmsc(s);
  }
}

void Machine::PumpSmsc(SmscId s) {
  if (s >= smscs_.size()) return;
  Smsc& smsc = smscs_[s];
  if (smsc.parked_until > now_) return;
  const size_t binds = smsc.binds.size();
  smsc.turn = binds == 0 ? 0 : (smsc.turn + 1) % binds;  // No bind is always the first.
  for (size_t i = 0; i < binds; ++i) PumpBind(*smsc.binds[(smsc.turn + i) % binds]);
}

void Machine::PumpBind(Bind& bind) {
  bind.wake = INT64_MAX;
  while (MaySubmit(bind)) {
    if (!ContinueOne(bind) && !StartOne(bind)) return;
  }
  if (bind.pacer.Resting(now_)) bind.wake = bind.pacer.rests_until();
}

// Continuing a started group beats starting anything.
bool Machine::ContinueOne(Bind& bind) {
  std::deque<std::pair<uint32_t, GroupId>>& orphans = smscs_[bind.smsc].orphans;
  for (auto* queue : {&bind.continuing, &orphans}) {
    while (!queue->empty()) {
      const auto [slot, id] = queue->front();
      queue->pop_front();
      Group& group = groups_[slot];
      if (group.id != id || group.state != GroupState::kSending) continue;
      const bool here = queue == &orphans ? FindBind(group.bind) == nullptr : group.bind == bind.id;
      if (!here || group.smsc != bind.smsc) continue;
      Submit(slot, bind);
      return true;
    }
  }
  return false;
}

bool Machine::MayStillStart(uint32_t slot, GroupId id) {
  Group& group = groups_[slot];
  if (group.id != id || !group.offered) return false;
  if (group.state == GroupState::kReady && lanes_.Next(group.lane) == slot) return true;
  group.offered = false;
  return false;
}

// Room and tokens for all of the group's segments; else when to look again.
bool Machine::FitsNow(Bind& bind, const Group& group) {
  const SmscOptions& options = options_.smscs[bind.smsc];
  const Gate gate =
      group.wished_gate == kNoGate ? options.gate : static_cast<Gate>(group.wished_gate);
  if (gate == Gate::kBurst && bind.outstanding > 0 &&
      bind.outstanding + group.segments > bind.pacer.window()) {
    return false;  // The next answer brings us here again.
  }
  total_.At(now_);
  if (bind.pacer.MayStart(group.segments) && total_.MayStart(group.segments)) return true;
  bind.wake = std::max(bind.pacer.MayStartAt(group.segments, now_),
                       total_.MayStartAt(group.segments, now_));
  return false;
}

bool Machine::StartOne(Bind& bind) {
  const auto may = [this](uint32_t slot, GroupId id) { return MayStillStart(slot, id); };
  const uint32_t slot = routes_.Best(bind.smsc, bind.started >= bind.most_started, may);
  if (slot == kNoSlot || !FitsNow(bind, groups_[slot])) return false;
  routes_.PopBest(groups_[slot]);
  Start(slot, bind);
  return true;
}

void Machine::AssignRef(Group& group) {
  if (group.part || !group.needs_ref()) return;
  group.ref = references_.Allocate(PairOf(group), group.ref_8 ? 8 : 16, now_, Random());
  references_.Sweep(now_, options_.ref_quarantine_16.count());
}

void Machine::Start(uint32_t slot, Bind& bind) {
  Group& group = groups_[slot];
  const SmscOptions& options = options_.smscs[bind.smsc];
  group.offered = false;
  lanes_.StopWaiting(slot);
  lanes_.Activate(slot);
  group.smsc = bind.smsc;
  group.gate = group.wished_gate == kNoGate ? options.gate : static_cast<Gate>(group.wished_gate);
  group.whole = options.whole_push && group.segments > 1;
  group.started = true;
  AssignRef(group);
  WriteStarted(group);
  bind.pacer.Take(group.segments);
  total_.Take(group.segments);
  turn_ = static_cast<SmscId>((bind.smsc + 1) % kMostSmscs);
  ++counters_.started;
  Submit(slot, bind);
}

void Machine::BecomeReady(uint32_t slot, bool first) {
  Group& group = groups_[slot];
  SetState(group, GroupState::kReady);
  first ? lanes_.WaitFirst(slot) : lanes_.Wait(slot);
  Arm(slot, group.deadline);
  Offer(group.lane);
}

void Machine::Offer(uint32_t lane) {
  const uint32_t slot = lanes_.Next(lane);
  if (slot == kNoSlot) return;
  Group& group = groups_[slot];
  if (!group.offered) {
    group.offered = true;
    routes_.Push(group, slot);
  }
  dirty_ |= routes_.SmscsOf(group.route);
}

void Machine::LaneFreed(uint32_t lane) {
  const uint32_t back =
      lanes_.FindSuspended(lane, [&](uint32_t slot) { return groups_[slot].wants_lane; });
  if (back != kNoSlot && lanes_.Active(lane) == kNoSlot) return Resume(back);
  Offer(lane);
}

}  // namespace drover::dispatch
