#include "libs/sip/transaction_server.h"

#include <utility>

namespace drover::sip {
namespace {

constexpr uint32_t kAnsweredRing = 0;

}  // namespace

ServerTransactions::ServerTransactions(TransactionTimers timers, Limits limits, Sink& sink,
                                       Time start)
    : timers_(timers), limits_(limits), sink_(sink), wheel_(start), rings_(1) {}

ServerTransactions::Received ServerTransactions::Receive(const TransactionKey& key,
                                                         const Hop& reply_to, Time now) {
  const uint32_t known = table_.Find(key);
  if (known != kNoRow) {
    ++counters_.repeated;
    const Row& row = table_[known];
    if (row.answer.empty()) return {Verdict::kRepeated, table_.IdOf(known)};
    ++counters_.sent_again;
    sink_.Transmit(row.reply_to, row.answer);
    return {Verdict::kRepeated, table_.IdOf(known)};
  }
  if (open_ >= limits_.open) {
    ++counters_.refused;
    return {};
  }
  ++counters_.begun;
  ++open_;
  const uint32_t index = table_.Add(key);
  table_[index].reply_to = reply_to;
  table_[index].forget = now + timers_.timer_f();
  wheel_.Arm(index, now + timers_.provisional_after());
  return {Verdict::kNew, table_.IdOf(index)};
}

bool ServerTransactions::Respond(Id id, uint16_t status, std::string octets, Time now) {
  const uint32_t index = table_.RowOf(id);
  if (index == kNoRow || table_[index].state == State::kCompleted) return false;
  Row& row = table_[index];
  sink_.Transmit(row.reply_to, octets);
  if (status >= 200) {
    Complete(index, std::move(octets), now);
    return true;
  }
  row.state = State::kProceeding;
  answer_octets_ += octets.size() - row.answer.size();
  row.answer = std::move(octets);
  wheel_.Arm(index, row.forget);
  return true;
}

void ServerTransactions::Complete(uint32_t index, std::string octets, Time now) {
  Row& row = table_[index];
  ++counters_.answered;
  if (IsReliable(row.reply_to.transport)) return Remove(index);
  --open_;
  answer_octets_ += octets.size() - row.answer.size();
  row.answer = std::move(octets);
  row.state = State::kCompleted;
  rings_.Append(kAnsweredRing, index);
  wheel_.Arm(index, now + timers_.timer_j());
  StayWithinLimits();
}

void ServerTransactions::StayWithinLimits() {
  while (answered() > 0 && (answered() > limits_.answered || answer_octets_ > limits_.octets)) {
    ++counters_.forgotten_early;
    Remove(rings_.First(kAnsweredRing));
  }
}

void ServerTransactions::Remove(uint32_t index) {
  if (table_[index].state == State::kCompleted) {
    rings_.Remove(index);
  } else {
    --open_;
  }
  answer_octets_ -= table_[index].answer.size();
  wheel_.Cancel(index);
  table_.Remove(index);
}

void ServerTransactions::Advance(Time now) {
  wheel_.Advance(now, [this, now](uint32_t row) { Expire(row, now); });
}

void ServerTransactions::Expire(uint32_t index, Time now) {
  const Row& row = table_[index];
  if (row.state == State::kCompleted) return Remove(index);
  const Id id = table_.IdOf(index);
  if (row.state == State::kTrying && now < row.forget) {
    wheel_.Arm(index, row.forget);
    return sink_.WantsProvisional(id);
  }
  ++counters_.unanswered;
  Remove(index);
  sink_.Forgotten(id);
}

size_t ServerTransactions::octets() const {
  return table_.octets() + wheel_.octets() + answer_octets_;
}

}  // namespace drover::sip
