// The scheduler that transaction mode is measured against: every segment is a message of its own,
// with its own place in the queue and its own retry clock, over any bind, in any order, beside any
// other message to the same terminal. The job ends when all of its segments have.
#pragma once
#include <map>
#include <vector>

#include "libs/dispatch/machine.h"

namespace drover::dispatch {

class NaiveScheduler final : public Scheduler {
 public:
  explicit NaiveScheduler(Options options);

  Result<GroupId> Admit(const Job& job, TimePoint now, Effects& out) override;
  CancelResult Cancel(const JobId& job, TimePoint now, Effects& out) override;
  Result<GroupId> Replace(const JobId& old, const Job& job, TimePoint now, Effects& out) override;
  void OutcomeKept(GroupId group, Effects& out) override;
  void BindUp(BindId bind, SmscId smsc, uint32_t window, TimePoint now, Effects& out) override;
  void BindDown(BindId bind, TimePoint now, Effects& out) override;
  void Congestion(BindId bind, uint8_t state, TimePoint now, Effects& out) override;
  void Accepted(const Ticket& ticket, MessageId id, TimePoint now, Effects& out) override;
  void Refused(const Ticket& ticket, RefusedBy by, TimePoint now, Effects& out) override;
  void NoAnswer(const Ticket& ticket, TimePoint now, Effects& out) override;
  void Receipt(SmscId smsc, std::string_view key, const Report& report, TimePoint now,
               Effects& out) override;
  void CancelAnswer(GroupId group, uint8_t segment, bool cancelled, TimePoint now,
                    Effects& out) override;
  void QueryAnswer(GroupId group, uint8_t segment, const Report& report, TimePoint now,
                   Effects& out) override;
  void Alert(std::string_view msisdn, TimePoint now, Effects& out) override;
  void MobileOriginated(std::string_view msisdn, TimePoint now, Effects& out) override;
  void Tick(TimePoint now, Effects& out) override;
  TimePoint NextDeadline() const override { return machine_.NextDeadline(); }
  Result<void> Restore(std::string_view record) override { return machine_.Restore(record); }
  void Restored(TimePoint now, Effects& out) override;
  void BeginSnapshot(Effects& out) override { machine_.BeginSnapshot(out); }
  bool SnapshotSome(size_t most, Effects& out) override { return machine_.SnapshotSome(most, out); }
  std::optional<GroupView> Find(const JobId& job) const override;
  std::optional<GroupView> View(GroupId group) const override;
  std::string_view PayloadOf(GroupId group) const override { return machine_.PayloadOf(group); }
  std::string DestinationOf(GroupId group) const override { return machine_.DestinationOf(group); }
  Counters counters() const override { return machine_.counters(); }

 private:
  struct Join {
    std::vector<GroupId> parts;
    uint8_t ended = 0, delivered = 0;
    Outcome worst;
  };
  // Runs the call, then puts the ends of segments together to those of jobs.
  template <typename F>
  auto Call(Effects& out, TimePoint now, F f);
  void Fold(size_t from, TimePoint now, Effects& out);
  void Count(Outcome& outcome, TimePoint now, std::vector<Effect>& done);
  void DropTorn(TimePoint now, Effects& out);

  Machine machine_;
  std::map<JobId, Join> joins_;
};

}  // namespace drover::dispatch
