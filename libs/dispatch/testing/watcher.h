// What must hold of everything the scheduler wants done, whatever it was told. A broken rule ends
// the process (DROVER_CHECK), so that property tests and fuzzing share it.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "libs/dispatch/scheduler.h"

namespace drover::dispatch::testing {

class Watcher {
 public:
  explicit Watcher(const Options& options) : options_(options) {}

  // Before the scheduler is told:
  void Answered(const Ticket& ticket, bool accepted);
  void Reported(GroupId group, uint8_t segment, Arrival arrival);
  void Withdrawn(GroupId group, uint8_t segment);  // cancel_sm succeeded.
  void BindUp(BindId bind, SmscId smsc) { binds_[bind] = smsc; }
  void BindDown(BindId bind);
  void Kept(GroupId group) { kept_.insert(group); }

  // After it was told:
  void Admitted(GroupId group, const Job& job);
  // As the effect is carried out, with so much of the journal durable. wanted_at: when the
  // scheduler said so.
  void Wanted(const Effect& effect, uint64_t durable, TimePoint wanted_at);

  bool IsAccepted(GroupId group, uint8_t segment) const;

  // The process died: binds are gone; groups that are not in `survived` were never admitted.
  void Crashed(const std::set<GroupId>& survived);
  void Restored() { retold_ = true; }
  // What is told from here on may be lost in a crash.
  void SetUnsure(bool unsure) { unsure_ = unsure; }

  const std::map<JobId, Outcome>& outcomes() const { return outcomes_; }
  // Jobs that were admitted and have no outcome.
  std::vector<JobId> Open() const;
  uint64_t sends() const { return sends_; }

 private:
  struct Seen {
    JobId job{};
    std::string originator, destination;
    uint8_t segments = 1;
    bool whole = false;
    bool receipts = true;
    bool ended = false;
    BindId bind = 0;
    SmscId smsc = 0;
    uint16_t ref = 0;
    bool has_ref = false;
    bool complete = false;
    Gate gate = Gate::kAccept;
    std::map<uint8_t, uint16_t> in_flight;  // Segment -> attempt.
    TimePoint awaited_until{};              // T_resp of the last.
    std::set<uint8_t> accepted, delivered;
    std::set<uint8_t> unsure;  // Whether the scheduler counts it as accepted.
    std::set<uint16_t> attempts;
  };
  void WantedSend(const Send& send);
  void CheckOrder(const Seen& seen, const Send& send) const;
  void CheckReference(GroupId group, Seen& seen, const Send& send);
  void CheckLane(GroupId group, const Seen& seen) const;
  void WantedOutcome(const Outcome& outcome);
  void ForgetRef(Seen& seen);
  static std::pair<std::string, std::string> PairOf(const Seen& seen) {
    return {seen.originator, seen.destination};
  }

  Options options_;
  std::map<GroupId, Seen> groups_;
  std::map<BindId, SmscId> binds_;
  std::map<JobId, Outcome> outcomes_;
  std::set<GroupId> kept_;
  // Numbers that no other group of the pair may have: in use, or of one that ended in part.
  std::map<std::pair<std::string, std::string>, std::map<uint16_t, TimePoint>> reserved_;
  uint64_t position_ = 0;
  uint64_t sends_ = 0;
  TimePoint now_{};
  bool retold_ = false;
  bool unsure_ = false;
};

}  // namespace drover::dispatch::testing
