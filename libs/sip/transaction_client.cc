#include "libs/sip/transaction_client.h"

#include <algorithm>
#include <utility>

namespace drover::sip {
namespace {

constexpr uint32_t kHopRings = 4096;  // So many lists for all hops.

uint32_t RingOf(const Hop& hop) {
  uint64_t words[2];
  std::memcpy(words, hop.address.data(), sizeof words);
  uint64_t mixed = words[0] ^ words[1] ^ uint64_t { hop.port } << 17 ^ uint64_t { hop.flow } << 33 ^
                   static_cast<uint64_t>(hop.transport);
  mixed *= 0x9e3779b97f4a7c15;
  return static_cast<uint32_t>(mixed >> 52) % kHopRings;
}

}  // namespace

ClientTransactions::ClientTransactions(TransactionTimers timers, Limits limits, Sink& sink,
                                       Time start)
    : timers_(timers), limits_(limits), sink_(sink), wheel_(start), rings_(kHopRings) {}

std::optional<ClientTransactions::Id> ClientTransactions::Begin(Request request, Time now) {
  const bool reliable = IsReliable(request.hop.transport);
  const size_t kept = reliable ? 0 : request.octets.size();
  const bool taken = table_.Find(request.key) != kNoRow;
  if (taken || waiting() >= limits_.waiting || request_octets_ + kept > limits_.octets) {
    ++counters_.refused;
    return std::nullopt;
  }
  ++counters_.begun;
  request_octets_ += kept;
  const uint32_t index = table_.Add(request.key);
  Row& row = table_[index];
  row.hop = request.hop;
  row.token = request.token;
  row.give_up = std::min(request.give_up, now + timers_.timer_f());
  row.interval = timers_.t1;
  row.due = reliable ? Time::max() : now + timers_.t1;
  rings_.Append(RingOf(row.hop), index);
  ArmWaiting(index);
  sink_.Transmit(request.hop, request.octets);
  if (!reliable) row.octets = std::move(request.octets);
  return table_.IdOf(index);
}

ClientTransactions::Received ClientTransactions::Receive(const TransactionKey& key, uint16_t status,
                                                         Time now) {
  const uint32_t index = table_.Find(key);
  if (index == kNoRow) {
    const bool repeated = completed_.Holds(key);
    ++(repeated ? counters_.repeated : counters_.unknown);
    return {.match = repeated ? Match::kRepeated : Match::kUnknown};
  }
  const uint64_t token = table_[index].token;
  if (status < 200) {
    table_[index].proceeding = true;
    return {Match::kProvisional, token};
  }
  ++counters_.answered;
  Complete(index, now);
  return {Match::kFinal, token};
}

void ClientTransactions::Complete(uint32_t index, Time now) {
  const bool kept = !IsReliable(table_[index].hop.transport) && timers_.t4.count() != 0;
  if (kept) completed_.Add(table_[index].key, now + timers_.t4);
  Remove(index);
  if (completed_.size() > limits_.completed) completed_.RemoveFirst();
}

void ClientTransactions::Remove(uint32_t index) {
  request_octets_ -= table_[index].octets.size();
  rings_.Remove(index);
  wheel_.Cancel(index);
  table_.Remove(index);
}

void ClientTransactions::Fail(uint32_t index, TransactionFailure why) {
  const uint64_t token = table_[index].token;
  ++(why == TransactionFailure::kTimeout ? counters_.timeouts : counters_.transport_failures);
  Remove(index);
  sink_.Failed(token, why);
}

size_t ClientTransactions::FailHop(const Hop& hop) {
  std::vector<Id> lost;
  for (uint32_t row = rings_.First(RingOf(hop)); row != kNoRow; row = rings_.After(row)) {
    if (table_[row].hop == hop) lost.push_back(table_.IdOf(row));
  }
  for (const Id id : lost) {
    const uint32_t row = table_.RowOf(id);  // Perhaps one that failed has had others forgotten.
    if (row != kNoRow) Fail(row, TransactionFailure::kTransport);
  }
  return lost.size();
}

bool ClientTransactions::Forget(Id id) {
  const uint32_t row = table_.RowOf(id);
  if (row == kNoRow) return false;
  Remove(row);
  return true;
}

void ClientTransactions::Advance(Time now) {
  completed_.Advance(now);
  wheel_.Advance(now, [this, now](uint32_t row) { Expire(row, now); });
}

void ClientTransactions::Expire(uint32_t index, Time now) {
  const Row& row = table_[index];
  if (now >= row.give_up) return Fail(index, TransactionFailure::kTimeout);
  SendAgain(index, now);
}

// The next instant follows from the last one due, not from when the timer was looked at; after a
// standstill nothing is made up for.
void ClientTransactions::SendAgain(uint32_t index, Time now) {
  Row& row = table_[index];
  ++counters_.sent_again;
  const auto doubled = std::min<std::chrono::milliseconds>(2 * row.interval, timers_.t2);
  row.interval = row.proceeding ? timers_.t2 : doubled;
  row.due += row.interval;
  if (row.due <= now) row.due = now + row.interval;
  ArmWaiting(index);
  sink_.Transmit(row.hop, row.octets);
}

void ClientTransactions::ArmWaiting(uint32_t index) {
  wheel_.Arm(index, std::min(table_[index].due, table_[index].give_up));
}

size_t ClientTransactions::octets() const {
  return table_.octets() + wheel_.octets() + completed_.octets() + request_octets_;
}

}  // namespace drover::sip
