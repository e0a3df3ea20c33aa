// How groups end: once, with one outcome.
#include <cstdio>

#include "libs/dispatch/machine.h"

namespace drover::dispatch {
namespace {

constexpr std::string_view kMessageStates[] = {"SCHEDULED", "ENROUTE", "DELIVRD", "EXPIRED",
                                               "DELETED",   "UNDELIV", "ACCEPTD", "UNKNOWN",
                                               "REJECTD",   "SKIPPED"};

template <typename... Args>
std::string Printed(const char* format, Args... args) {
  char text[64];
  std::snprintf(text, sizeof text, format, args...);
  return text;
}

std::string FaultOf(const Group& group) {
  std::string text;
  if (group.fault == Fault::kNoAnswer) return "; no answer";
  if (group.fault == Fault::kStatus) text = Printed("; SMPP 0x%08x", group.status);
  if (group.fault == Fault::kReceipt) {
    text = "; receipt ";
    text += group.status < std::size(kMessageStates) ? kMessageStates[group.status] : "?";
  }
  if (group.network != 0) text += Printed(", network %u", group.network);
  return text;
}

}  // namespace

std::string Machine::CauseOf(const Group& group) const {
  if (group.end == EndState::kDelivered) return group.arrived() ? "" : "handed to bearer";
  if (group.end == EndState::kUnknown) return "no receipt";
  std::string text;
  if (group.end == EndState::kCancelled) text = group.replaced ? "replaced; " : "cancelled; ";
  text += Printed("%u of %u delivered", group.CountOf(group.delivered), group.segments);
  return text + FaultOf(group);
}

void Machine::Fail(uint32_t slot, Refusal refusal) {
  switch (refusal) {
    case Refusal::kNoSuchSubscriber:
      return End(slot, EndState::kUndeliverable, 2003);
    case Refusal::kTerminalRefused:
      return End(slot, EndState::kAborted, 5000);
    default:
      return End(slot, EndState::kUndeliverable, 4000);
  }
}

// Unknown if all were accepted and not one receipt came.
void Machine::Expire(uint32_t slot) {
  const Group& group = groups_[slot];
  const bool no_word = group.started && group.accepted == group.all() && group.delivered == 0;
  End(slot, no_word ? EndState::kUnknown : EndState::kExpired, 4000);
}

void Machine::LeaveLane(uint32_t slot) {
  Group& group = groups_[slot];
  const uint32_t lane = group.lane;
  if (group.state == GroupState::kReady) lanes_.StopWaiting(slot);
  lanes_.Release(slot);
  group.lane = kNoSlot;
  group.offered = group.suspended = group.wants_lane = false;
  SetState(group, GroupState::kEnded);
  LaneFreed(lane);
  lanes_.Leave(lane);
}

int64_t Machine::QuarantinedUntil(const Group& group) const {
  return now_ + (group.ref_8 ? options_.ref_quarantine_8 : options_.ref_quarantine_16).count();
}

void Machine::End(uint32_t slot, EndState end, uint16_t code) {
  Group& group = groups_[slot];
  if (group.in_flight != 0) ForgetFlight(slot);
  if (group.cancelling && end != EndState::kCancelled && !group.replaced) {
    Do(CancelDone{group.job, 2008});
  }
  group.cancelling = false;
  group.end = end;
  group.code = code;
  group.ended_at = now_;
  // What was accepted and nobody wants confirmed goes on: the SMSC may still deliver it.
  const bool left_to_smsc = end == EndState::kUnknown && group.unconfirmed;
  const bool can_cancel = group.started && OptionsOf(group).can_cancel;
  if (end != EndState::kDelivered && !left_to_smsc && can_cancel) {
    ForEachBit(group.accepted & ~group.delivered, [&](uint8_t i) {
      const std::string_view id = ids_.IdOf(slot, i);
      if (id.empty()) return;
      const auto segment = static_cast<uint8_t>(group.first + i + 1);
      Do(CancelSm{group.id, segment, group.smsc, std::string(id), /*wanted=*/false});
    });
  }
  ids_.ForgetAll(slot);
  if (group.started && group.needs_ref()) {
    references_.Release(PairOf(group), group.ref, group.arrived() ? 0 : QuarantinedUntil(group));
  }
  timers_.Remove(slot);
  ++counters_.ended[static_cast<size_t>(end)];
  if (!group.arrived() && group.delivered != 0) ++counters_.ended_in_part;
  WriteEnded(group);
  TellOutcome(slot);
  LeaveLane(slot);
}

void Machine::TellOutcome(uint32_t slot) {
  const Group& group = groups_[slot];
  Outcome outcome;
  outcome.group = group.id;
  outcome.job = group.job;
  outcome.state = group.end;
  outcome.code = group.code;
  outcome.delivered = group.CountOf(group.delivered);
  outcome.segments = group.segments;
  outcome.cause = CauseOf(group);
  outcome.at = TimePoint(Duration(group.ended_at));
  Do(std::move(outcome));
}

}  // namespace drover::dispatch
