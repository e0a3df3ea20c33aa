// The simulated message centre: takes messages, carries them over the radio, answers, sends
// receipts and alerts. Pure: submissions and the time in, effects out.
//
// - Store and forward (esm_class mode 0 and 3): accepted at once, tried again and again until the
//   message expires or the attempts are used up; the end is told in a receipt, if one was wanted.
// - Transaction (mode 2): the answer is held until the outcome of the one attempt; a message that
//   had to be cut here goes segment by segment, each with fast retries.
// - Datagram (mode 1): accepted at once, tried once.
// Messages to one terminal are not kept from meeting: whoever sends two at a time finds it busy.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "libs/base/clock.h"
#include "libs/smpp/receipt.h"
#include "loadtest/radio/radio.h"
#include "loadtest/smsc/journal.h"
#include "loadtest/smsc/ledger.h"
#include "loadtest/smsc/message.h"
#include "loadtest/smsc/settings.h"

namespace drover::smsc {

// The answer to a submission.
struct Answer {
  Sender sender;
  smpp::CommandStatus status = smpp::CommandStatus::kRok;
  std::string message_id;  // Empty unless accepted.
  Failure failure = Failure::kNone;
  bool dpf = false;  // An alert will follow.
};
struct SendReceipt {
  uint64_t id = 0;  // For Receipted.
  Sender sender;
  Number terminal;  // Its source
  Number source;    // and destination.
  std::string message_id;
  smpp::MessageState state = smpp::MessageState::kDelivered;
  Failure failure = Failure::kNone;
  TimePoint submitted;
  TimePoint done;
  std::string text;  // The beginning of the message.
};
struct SendAlert {
  Sender sender;
  Number terminal;
  Number source;
};
using Effect = std::variant<Answer, SendReceipt, SendAlert>;

struct CenterCounts {
  uint64_t submitted = 0;
  uint64_t throttled = 0;
  uint64_t queue_full = 0;
  uint64_t refused = 0;  // By prefix.
  uint64_t attempts = 0;
  uint64_t delivered = 0;  // Messages as they were submitted: segments, for the most part.
  uint64_t expired = 0;
  uint64_t undeliverable = 0;
  uint64_t cancelled = 0;
  uint64_t failed = 0;  // Transactions.
  uint64_t receipts = 0;
  uint64_t alerts = 0;
};

class Center {
 public:
  // settings, ledger: outlive it. origin: no time is before it.
  Center(const Settings& settings, Ledger& ledger, TimePoint origin);

  void Submit(Submission&& submission, TimePoint now);
  struct State {
    smpp::MessageState state = smpp::MessageState::kEnroute;
    std::optional<TimePoint> done;
    Failure failure = Failure::kNone;
  };
  // nullopt: no such message, or one forgotten by now.
  std::optional<State> Query(std::string_view message_id) const;
  // ESME_ROK, ESME_RINVMSGID or ESME_RCANCELFAIL (it came to its end, or is being delivered).
  smpp::CommandStatus Cancel(std::string_view message_id, TimePoint now);
  // A message from the terminal: it is there.
  void HeardFrom(std::string_view terminal, TimePoint now);

  // Does what is due.
  void Advance(TimePoint now);
  // When something is due next; nullopt: nothing is under way.
  std::optional<TimePoint> Due() const;
  // What is to be sent since the last call.
  std::vector<Effect> TakeEffects() { return std::exchange(effects_, {}); }

  // From now on writes its journal, to be taken and kept before the effects are performed.
  void WriteJournal() { journalling_ = true; }
  std::string TakeJournal() { return std::exchange(journal_, {}); }
  // The ESME has taken a receipt.
  void Receipted(uint64_t id);
  // Before anything else: goes on from a journal.
  struct RestoredTo {
    TimePoint now;              // Not before anything in the journal.
    uint64_t highest_bind = 0;  // In it.
  };
  RestoredTo Restore(std::string_view journal, TimePoint now);

  const CenterCounts& counts() const { return counts_; }
  size_t pending() const { return pending_.size(); }

 private:
  struct Terminal;
  struct Pending {
    Submission submission;
    Terminal* terminal = nullptr;
    TimePoint submitted;
    TimePoint expires;
    size_t next_part = 0;
    uint32_t attempts = 0;      // Of the message.
    uint32_t fast_retries = 0;  // Of this part.
    bool on_air = false;
    bool held = false;  // Its answer is.
    Failure last = Failure::kNone;
    radio::Outcome outcome = radio::Outcome::kDelivered;  // Of the attempt on air.
    bool unheard = false;                                 // Delivered, but taken for lost.
    uint32_t turn = 0;  // Counts its timers: an older one means nothing.
  };
  struct Waiting {  // For the terminal to return.
    Sender sender;
    Number source;
  };
  struct Terminal {
    std::string digits;
    radio::Mobile mobile = 0;
    uint32_t pending = 0;
    std::vector<Waiting> alerts;
    std::vector<uint64_t> resume;  // Messages
    bool return_timer = false;
  };
  enum class TimerKind : uint8_t { kArrive, kBegin, kEnd, kReturn, kEffect };
  struct Timer {
    TimePoint at;
    uint64_t order = 0;
    TimerKind kind = TimerKind::kBegin;
    uint32_t turn = 0;
    uint64_t id = 0;                            // Message, or index into delayed_.
    Terminal* terminal = nullptr;               // kReturn
    bool operator<(const Timer& other) const {  // The earliest is the greatest.
      return at != other.at ? at > other.at : order > other.order;
    }
  };

  struct Restored;
  void Replay(Restored& restored, const Record& record);
  void GoOn(SubmittedRecord&& record, size_t next_part, TimePoint now);
  smpp::CommandStatus Admit(const Submission& submission, TimePoint now);
  bool Throttled(TimePoint now);
  Terminal& TerminalOf(const std::string& digits);
  void Schedule(uint64_t id, Pending& pending, TimePoint at, TimerKind kind);
  void Emit(Effect effect, TimePoint at, TimePoint now);
  void Fire(const Timer& timer);
  void Arrive(uint64_t id, Pending& pending, TimePoint now);
  void Begin(uint64_t id, Pending& pending, TimePoint now);
  void End(uint64_t id, Pending& pending, TimePoint now);
  void Succeeded(uint64_t id, Pending& pending, TimePoint now);
  void Failed(uint64_t id, Pending& pending, Failure failure, TimePoint now);
  void Retry(uint64_t id, Pending& pending, TimePoint now);
  void Finish(uint64_t id, smpp::MessageState state, Failure failure, TimePoint now);
  void Tell(uint64_t id, Pending& pending, const State& state, bool dpf, TimePoint now);
  bool AwaitAlert(const Pending& pending, const State& state, TimePoint now);
  void AwaitReturn(Terminal& terminal, TimePoint now);
  void Returned(Terminal& terminal, TimePoint now);
  void Remember(uint64_t id, const State& state);

  radio::Us Us(TimePoint time) const { return (time - origin_).count(); }
  TimePoint At(radio::Us us) const { return origin_ + Span(us); }
  double Fraction();  // Drawn from the seed, evenly in [0, 1).

  const Settings& settings_;
  Ledger& ledger_;
  const TimePoint origin_;
  radio::Radio radio_;
  uint64_t draws_ = 0;
  std::unordered_map<std::string, Terminal> terminals_;
  std::unordered_map<uint64_t, Pending> pending_;
  std::unordered_map<uint64_t, State> final_;
  std::deque<uint64_t> final_order_;
  std::priority_queue<Timer> timers_;
  std::unordered_map<uint64_t, Effect> delayed_;
  std::vector<Effect> effects_;
  CenterCounts counts_;
  uint64_t next_id_;
  uint64_t order_ = 0;
  double tokens_ = 1;
  TimePoint filled_;
  bool journalling_ = false;
  std::string journal_;
};

}  // namespace drover::smsc
