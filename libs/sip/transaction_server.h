// Non-INVITE server transactions: a request is given up once, and answered as often as it comes.
//
// Pure: the time comes in, what is to be sent goes out through the sink. Timer J; over a reliable
// transport nothing is kept after the answer. A request that has no answer when its client's timer
// E has come to T2 wants a 100; one without an answer for 64 * T1 is forgotten, for no 408 may be
// sent. A transaction takes 130 octets, and its answer while that is kept.
// Spec: RFC 3261, section 17.2.2; RFC 4320, section 4.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/sip/timer_wheel.h"
#include "libs/sip/transaction_hop.h"
#include "libs/sip/transaction_key.h"
#include "libs/sip/transaction_table.h"
#include "libs/sip/transaction_timers.h"

namespace drover::sip {

class ServerTransactions {
 public:
  using Id = uint64_t;
  class Sink {
   public:
    virtual ~Sink() = default;
    // Send the octets there. May not call the transactions.
    virtual void Transmit(const Hop& hop, std::string_view octets) = 0;
    // It has no answer yet and should have a 100 now: Respond with one.
    virtual void WantsProvisional(Id id) = 0;
    // Nobody waits for its answer any more; Respond would say false.
    virtual void Forgotten(Id id) = 0;
  };
  struct Limits {
    size_t open = 250'000;                // Without a final answer: more are refused.
    size_t answered = 500'000;            // The oldest are forgotten before their time.
    size_t octets = 256UL * 1024 * 1024;  // Of answers kept; likewise.
  };
  struct Counters {
    uint64_t begun = 0;
    uint64_t refused = 0;
    uint64_t repeated = 0;    // Requests that had come before.
    uint64_t sent_again = 0;  // Answers to them.
    uint64_t answered = 0;
    uint64_t unanswered = 0;       // Forgotten without an answer.
    uint64_t forgotten_early = 0;  // Answers, for a limit.
  };

  // sink outlives this.
  ServerTransactions(TransactionTimers timers, Limits limits, Sink& sink, Time start);

  enum class Verdict : uint8_t {
    kNew,       // Answer it by its id.
    kRepeated,  // Dealt with.
    kRefused,   // Too many are open. Answer 503 without a transaction, or drop it.
  };
  struct Received {
    Verdict verdict = Verdict::kRefused;
    Id id = 0;
  };
  // reply_to: where its answers go; its transport says whether they are kept. No ACK.
  Received Receive(const TransactionKey& key, const Hop& reply_to, Time now);

  // Sends it, and keeps it for repeated requests. status: 100 to 699; octets: the whole message.
  // False: it has a final answer, or is forgotten; nothing was sent.
  bool Respond(Id id, uint16_t status, std::string octets, Time now);

  void Advance(Time now);
  Time Next() const { return wheel_.Next(); }  // When Advance is wanted.

  size_t open() const { return open_; }
  size_t answered() const { return table_.size() - open_; }
  size_t octets() const;  // Memory held.
  const Counters& counters() const { return counters_; }

 private:
  enum class State : uint8_t { kTrying, kProceeding, kCompleted };
  struct Row {
    TransactionKey key;
    uint32_t next = kNoRow;
    uint32_t generation = 0;
    Hop reply_to;
    std::string answer;
    Time forget;
    State state = State::kTrying;
  };

  void Expire(uint32_t row, Time now);
  void Complete(uint32_t row, std::string octets, Time now);
  void Remove(uint32_t row);
  void StayWithinLimits();

  const TransactionTimers timers_;
  const Limits limits_;
  Sink& sink_;
  TimerWheel wheel_;
  TransactionTable<Row> table_;
  TransactionRings rings_;  // The answered ones, in the order of their answers.
  size_t open_ = 0;
  size_t answer_octets_ = 0;
  Counters counters_;
};

}  // namespace drover::sip
