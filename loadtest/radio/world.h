// The scheduler in virtual time: jobs come, an SMSC answers, the journal is committed in groups,
// the process may die. What the terminals get is kept beside.
#pragma once
#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <unordered_map>
#include <vector>

#include "libs/dispatch/held_effects.h"
#include "libs/dispatch/scheduler.h"
#include "loadtest/radio/radio.h"

namespace drover::radio {

// An answer of the SMSC, and what follows it.
struct Answer {
  Us at = 0;
  bool accepted = true;
  dispatch::RefusedBy by;
  bool reached_terminal = false;
  Us receipt_at = -1;  // A receipt of delivery; -1: none.
  Us alert_at = -1;    // An alert_notification; -1: none.
};

class Smsc {
 public:
  virtual ~Smsc() = default;
  // When the message's turn comes, and what becomes of it then.
  virtual Us TurnAt(const dispatch::Send& send, Mobile mobile, Us now) = 0;
  virtual Answer Serve(const dispatch::Send& send, Mobile mobile, Us now) = 0;
};

struct Push {
  Us at = 0;
  Mobile mobile = 0;
  uint8_t segments = 1;
  dispatch::Priority priority = dispatch::Priority::kMedium;
  // Filled in as it goes:
  Us ended_at = -1, accepted_at = -1;
  dispatch::EndState end = dispatch::EndState::kUnknown;
  uint8_t delivered = 0;
  uint32_t outcomes = 0;
  uint64_t reached = 0;  // Segments that the terminal got: bit k - 1.
  uint32_t copies = 0;   // .. and those that it got again.
};

class World {
 public:
  // commit_every: how long the journal takes to be durable. 0: no time, and no crash is survived.
  World(dispatch::Options options, Smsc& smsc, Us commit_every = 0);

  size_t Add(Push push);
  void BindUp(uint32_t window, dispatch::SmscId smsc = 0);
  void CrashAt(Us at) { Later(at, {.kind = Event::kCrash}); }
  void BindDownAt(Us at) { Later(at, {.kind = Event::kBindDown}); }
  // Until nothing is left to happen.
  void Run();

  const std::vector<Push>& pushes() const { return pushes_; }
  const dispatch::Scheduler& scheduler() const { return *scheduler_; }
  Us now() const { return now_; }
  uint64_t sent() const { return sent_; }
  uint64_t journal_octets() const { return journal_octets_; }
  // Looks on at every submission.
  std::function<void(const dispatch::Send&, const Push&)> on_send;

 private:
  struct Event {
    enum Kind : uint8_t { kAdmit, kTurn, kAnswer, kReceipt, kAlert, kCommit, kCrash, kBindDown };
    Kind kind = kAdmit;
    size_t push = 0;
    dispatch::Send send;
    Answer answer;
    uint64_t message = 0;
  };
  struct Entry {
    Us at;
    uint64_t order;
    size_t event;
    bool operator>(const Entry& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };
  void Later(Us at, Event event);
  void Happen(const Event& event);
  void Admit(size_t push);
  void AnswerTo(const Event& event);
  void Flush();
  void Commit();
  void CarryOut(const dispatch::Effect& effect);
  void Crash();
  void BindsUp();
  size_t PushOf(dispatch::GroupId group) const;
  TimePoint Now() const;

  dispatch::Options options_;
  Smsc& smsc_;
  Us commit_every_;
  std::unique_ptr<dispatch::Scheduler> scheduler_;
  dispatch::Effects out_;
  dispatch::HeldEffects held_;
  std::vector<Push> pushes_;
  std::vector<Event> events_;
  std::vector<size_t> free_events_;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue_;
  std::vector<std::pair<dispatch::SmscId, uint32_t>> windows_;
  std::vector<dispatch::BindId> binds_;
  std::unordered_map<dispatch::GroupId, size_t> push_of_;
  std::string log_;  // Kept only if commits take time.
  size_t durable_ = 0, written_ = 0, base_ = 0;
  bool commit_due_ = false;
  dispatch::BindId last_bind_ = 0;
  uint64_t order_ = 0, last_message_ = 0, sent_ = 0, journal_octets_ = 0;
  Us now_ = 0;
};

}  // namespace drover::radio
