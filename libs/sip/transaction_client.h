// Non-INVITE client transactions: what we send until it is answered, or nobody answers.
//
// Pure: the time comes in, datagrams and failures go out through the sink. Timers E, F and K; over
// a reliable transport nothing is sent again and nothing is kept after the answer. A transaction
// takes 180 octets and the request's own while it waits for its answer, then 36 until timer K.
// Spec: RFC 3261, sections 17.1.2 and 17.1.4; RFC 4320, section 4.
#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/sip/timer_wheel.h"
#include "libs/sip/transaction_completed.h"
#include "libs/sip/transaction_hop.h"
#include "libs/sip/transaction_key.h"
#include "libs/sip/transaction_table.h"
#include "libs/sip/transaction_timers.h"

namespace drover::sip {

enum class TransactionFailure : uint8_t {
  kTimeout,    // Timer F, or the caller's own patience.
  kTransport,  // The address cannot be reached, or its connection is gone.
};

class ClientTransactions {
 public:
  class Sink {
   public:
    virtual ~Sink() = default;
    // Send the octets there. May not call the transactions.
    virtual void Transmit(const Hop& hop, std::string_view octets) = 0;
    // The transaction is over. May begin others.
    virtual void Failed(uint64_t token, TransactionFailure why) = 0;
  };
  struct Limits {
    size_t waiting = 250'000;             // Without a final response.
    size_t completed = 1'000'000;         // The oldest are forgotten before their time.
    size_t octets = 512UL * 1024 * 1024;  // Of requests that may have to be sent again.
  };
  struct Counters {
    uint64_t begun = 0;
    uint64_t refused = 0;     // For a limit, or a key that is taken.
    uint64_t sent_again = 0;  // Datagrams.
    uint64_t answered = 0;
    uint64_t timeouts = 0;
    uint64_t transport_failures = 0;
    uint64_t repeated = 0;  // Responses after the final one.
    uint64_t unknown = 0;   // Responses to nothing that we sent.
  };

  // sink outlives this.
  ClientTransactions(TransactionTimers timers, Limits limits, Sink& sink, Time start);

  struct Request {
    TransactionKey key;
    Hop hop;                     // Its transport says whether it is sent again.
    std::string octets;          // The whole message.
    uint64_t token = 0;          // Comes back with what becomes of it.
    Time give_up = Time::max();  // Timer F comes no later than this.
  };
  using Id = uint64_t;
  // Sends it. nullopt: refused and counted; nothing was sent.
  std::optional<Id> Begin(Request request, Time now);

  enum class Match : uint8_t {
    kUnknown,      // Drop it.
    kProvisional,  // Someone works on it.
    kFinal,        // The answer, once.
    kRepeated,     // Drop it.
  };
  struct Received {
    Match match = Match::kUnknown;
    uint64_t token = 0;  // Of kProvisional and kFinal.
  };
  // status: 100 to 699. Responses with other than one Via are not to be given here
  // (section 8.1.3.3).
  Received Receive(const TransactionKey& key, uint16_t status, Time now);

  // Fails what waits for that hop: same peer and same flow. How many that were.
  size_t FailHop(const Hop& hop);
  // Forgets it; nothing is told. False: it is over.
  bool Forget(Id id);

  // Sends again, fails and forgets what is due.
  void Advance(Time now);
  // When Advance is wanted.
  Time Next() const { return std::min(wheel_.Next(), completed_.Next()); }

  size_t waiting() const { return table_.size(); }
  size_t completed() const { return completed_.size(); }
  size_t octets() const;  // Memory held.
  const Counters& counters() const { return counters_; }

 private:
  struct Row {
    TransactionKey key;
    uint32_t next = kNoRow;
    uint32_t generation = 0;
    Hop hop;
    uint64_t token = 0;
    std::string octets;
    Time due;      // Of timer E.
    Time give_up;  // Timer F.
    std::chrono::duration<uint32_t, std::milli> interval{0};
    bool proceeding = false;  // Else Trying.
  };

  void Expire(uint32_t row, Time now);
  void SendAgain(uint32_t row, Time now);
  void ArmWaiting(uint32_t row);
  void Complete(uint32_t row, Time now);
  void Fail(uint32_t row, TransactionFailure why);
  void Remove(uint32_t row);

  const TransactionTimers timers_;
  const Limits limits_;
  Sink& sink_;
  TimerWheel wheel_;
  TransactionTable<Row> table_;
  TransactionRings rings_;  // By hop.
  CompletedTransactions completed_;
  size_t request_octets_ = 0;
  Counters counters_;
};

}  // namespace drover::sip
