#include "libs/dispatch/testing/watcher.h"

#include <algorithm>

#include "libs/base/check.h"

namespace drover::dispatch::testing {

void Watcher::Admitted(GroupId group, const Job& job) {
  Seen& seen = groups_[group];
  DROVER_CHECK(seen.job == JobId{});  // A number of its own.
  seen.job = job.id;
  seen.originator = job.originator;
  seen.destination = job.destination;
  seen.segments = job.segments;
  seen.receipts = job.receipts;
}

void Watcher::Answered(const Ticket& ticket, bool accepted) {
  if (options_.mode == Mode::kNaive) return;  // Its segments are groups of their own.
  Seen& seen = groups_[ticket.group];
  const auto out = seen.in_flight.find(ticket.segment);
  const bool current = out != seen.in_flight.end() && out->second == ticket.attempt;
  if (current) seen.in_flight.erase(out);
  if (!accepted) return;
  if (!current || unsure_) seen.unsure.insert(ticket.segment);
  seen.accepted.insert(ticket.segment);
  if (seen.gate == Gate::kTransaction) seen.delivered.insert(ticket.segment);
}

bool Watcher::IsAccepted(GroupId group, uint8_t segment) const {
  const auto known = groups_.find(group);
  return known != groups_.end() && known->second.accepted.contains(segment);
}

void Watcher::Reported(GroupId group, uint8_t segment, Arrival arrival) {
  if (options_.mode == Mode::kNaive) return;
  Seen& seen = groups_[group];
  if (arrival == Arrival::kUnderWay || seen.delivered.contains(segment)) return;
  if (arrival == Arrival::kDelivered) {
    seen.delivered.insert(segment);
  } else if (unsure_) {
    seen.unsure.insert(segment);
  } else {
    seen.accepted.erase(segment);
  }
}

void Watcher::Withdrawn(GroupId group, uint8_t segment) {
  if (options_.mode != Mode::kNaive) groups_[group].accepted.erase(segment);
}

void Watcher::BindDown(BindId bind) {
  binds_.erase(bind);
  for (auto& [id, seen] : groups_) {
    if (seen.bind == bind) seen.in_flight.clear();
  }
}

void Watcher::Wanted(const Effect& effect, uint64_t durable, TimePoint wanted_at) {
  DROVER_CHECK(effect.after >= position_ && effect.after <= durable);
  position_ = effect.after;
  now_ = wanted_at;
  const auto* send = std::get_if<Send>(&effect.what);
  if (send != nullptr && options_.mode != Mode::kNaive) WantedSend(*send);
  if (const auto* outcome = std::get_if<Outcome>(&effect.what)) WantedOutcome(*outcome);
}

void Watcher::WantedSend(const Send& send) {
  ++sends_;
  const GroupId group = send.ticket.group;
  DROVER_CHECK(groups_.contains(group));
  Seen& seen = groups_[group];
  DROVER_CHECK(!seen.ended);
  DROVER_CHECK(binds_.contains(send.bind) && binds_[send.bind] == send.smsc);
  DROVER_CHECK(send.total == (send.whole ? 1 : seen.segments));
  DROVER_CHECK(send.ticket.segment >= 1 && send.ticket.segment <= send.total);
  DROVER_CHECK(seen.attempts.insert(send.ticket.attempt).second);
  // One bind, for as long as that lives; one SMSC, for as long as the reference is the same.
  if (seen.bind != 0 && seen.bind != send.bind) {
    DROVER_CHECK(!binds_.contains(seen.bind));
    seen.in_flight.clear();
  }
  const bool again =
      seen.bind != 0 && seen.smsc == send.smsc && (!seen.has_ref || seen.ref == send.ref);
  if (!again) {  // From the first segment.
    seen.accepted.clear();
    seen.delivered.clear();
    seen.unsure.clear();
  }
  if (seen.awaited_until <= now_) seen.in_flight.clear();  // T_resp has passed.
  seen.bind = send.bind;
  seen.smsc = send.smsc;
  seen.gate = send.gate;
  seen.whole = send.whole;
  CheckReference(group, seen, send);
  CheckLane(group, seen);
  CheckOrder(seen, send);
  const bool held = send.gate == Gate::kTransaction;
  seen.awaited_until =
      now_ + options_.smscs[send.smsc].t_resp + (held ? send.validity : Duration(0));
  seen.in_flight[send.ticket.segment] = send.ticket.attempt;
}

// Strictly in order: k + 1 leaves when k has passed its gate, and nothing twice at a time.
void Watcher::CheckOrder(const Seen& seen, const Send& send) const {
  const uint8_t k = send.ticket.segment;
  DROVER_CHECK(!seen.accepted.contains(k) || seen.unsure.contains(k));
  if (send.gate == Gate::kBurst) return;
  for (const auto& [other, attempt] : seen.in_flight) DROVER_CHECK(other == k);
  for (uint8_t before = 1; before < k; ++before) {
    DROVER_CHECK(seen.accepted.contains(before) || seen.unsure.contains(before));
    if (send.gate == Gate::kReceipt && options_.smscs[send.smsc].receipts && seen.receipts) {
      DROVER_CHECK(seen.delivered.contains(before) || seen.unsure.contains(before));
    }
  }
}

void Watcher::CheckReference(GroupId, Seen& seen, const Send& send) {
  if (send.total == 1) return;
  DROVER_CHECK(send.ref_bits == 16 || send.ref < 256);
  if (seen.has_ref && seen.ref == send.ref) return;
  if (seen.has_ref) ForgetRef(seen);
  auto& reserved = reserved_[PairOf(seen)];
  const auto other = reserved.find(send.ref);
  DROVER_CHECK(other == reserved.end() || other->second <= now_);
  reserved[send.ref] = TimePoint::max();
  seen.ref = send.ref;
  seen.has_ref = true;
}

void Watcher::ForgetRef(Seen& seen) {
  auto& reserved = reserved_[PairOf(seen)];
  if (seen.complete) {
    reserved.erase(seen.ref);
  } else {
    reserved[seen.ref] = now_ + options_.ref_quarantine_8;
  }
}

// Nothing else of this destination is under way, but what waits for its time.
void Watcher::CheckLane(GroupId group, const Seen& seen) const {
  for (const auto& [id, other] : groups_) {
    if (id == group || other.ended || other.destination != seen.destination) continue;
    DROVER_CHECK(other.in_flight.empty() || other.awaited_until <= now_);
  }
}

void Watcher::WantedOutcome(const Outcome& outcome) {
  const auto known = groups_.find(outcome.group);
  // Of an admission that was not acknowledged all segments may be there nevertheless.
  if (known == groups_.end() && options_.mode == Mode::kNaive) return;
  DROVER_CHECK(known != groups_.end());
  Seen& seen = known->second;
  DROVER_CHECK(seen.job == outcome.job && !kept_.contains(outcome.group));
  DROVER_CHECK(outcome.segments == seen.segments && outcome.delivered <= outcome.segments);
  const auto [told, is_new] = outcomes_.emplace(outcome.job, outcome);
  if (!is_new) {  // Again, after a restart, and then the same.
    DROVER_CHECK(retold_ && told->second.state == outcome.state);
    DROVER_CHECK(told->second.code == outcome.code && told->second.cause == outcome.cause);
    DROVER_CHECK(told->second.delivered == outcome.delivered);
  }
  if (seen.ended) return;
  seen.ended = true;
  seen.in_flight.clear();
  seen.complete = outcome.state == EndState::kDelivered;
  if (seen.has_ref) ForgetRef(seen);
}

void Watcher::Crashed(const std::set<GroupId>& survived) {
  kept_.clear();  // Perhaps not durably so.
  binds_.clear();
  position_ = 0;
  std::erase_if(groups_, [&](const auto& entry) { return !survived.contains(entry.first); });
  for (auto& [id, seen] : groups_) {
    seen.in_flight.clear();
    seen.attempts.clear();
  }
}

std::vector<JobId> Watcher::Open() const {
  std::vector<JobId> open;
  for (const auto& [id, seen] : groups_) {
    if (!outcomes_.contains(seen.job)) open.push_back(seen.job);
  }
  return open;
}

}  // namespace drover::dispatch::testing
