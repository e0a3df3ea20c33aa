// The state machine behind Scheduler. Its parts are in files of their own: machine.cc (work, binds,
// turns), machine_start.cc (who may go), machine_flow.cc (one group's way), machine_answers.cc,
// machine_cancel.cc, machine_end.cc, machine_journal.cc and machine_restore.cc.
#pragma once
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "libs/dispatch/group.h"
#include "libs/dispatch/lanes.h"
#include "libs/dispatch/message_ids.h"
#include "libs/dispatch/pacer.h"
#include "libs/dispatch/parked_receipts.h"
#include "libs/dispatch/records.h"
#include "libs/dispatch/references.h"
#include "libs/dispatch/routes.h"
#include "libs/dispatch/scheduler.h"
#include "libs/dispatch/slab.h"
#include "libs/dispatch/timer_heap.h"

namespace drover::dispatch {

class Machine final : public Scheduler {
 public:
  explicit Machine(Options options);
  ~Machine() override;

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
  TimePoint NextDeadline() const override;
  Result<void> Restore(std::string_view record) override;
  void Restored(TimePoint now, Effects& out) override;
  void BeginSnapshot(Effects& out) override;
  bool SnapshotSome(size_t most_groups, Effects& out) override;
  std::optional<GroupView> Find(const JobId& job) const override;
  std::optional<GroupView> View(GroupId group) const override;
  std::string_view PayloadOf(GroupId group) const override;
  std::string DestinationOf(GroupId group) const override;
  Counters counters() const override;

  // --- For the naive scheduler: groups that are each one segment of a job -----------------------
  struct Part {
    uint8_t first = 0;  // Segments before it,
    uint8_t total = 1;  // and in all.
    uint16_t ref = 0;
  };
  // In a lane of its own, and not to be found by its job.
  Result<GroupId> AdmitPart(const Job& job, Part part, TimePoint now, Effects& out);
  uint16_t AllocateRef(const Job& job, TimePoint now);
  // ref of a part of this group's job; incomplete: quarantined.
  void ReleaseRef(GroupId group, bool complete, TimePoint now);
  Result<void> Check(const Job& job, TimePoint now) const;
  // The group ends as cancelled, whatever it is doing. Nothing if it has ended.
  void GiveUp(GroupId group, TimePoint now, Effects& out);
  struct PartView {
    GroupView view;
    uint8_t first = 0, total = 1;
  };
  std::vector<PartView> Parts() const;
  uint64_t journal_position() const { return journal_.position(); }

 private:
  struct Bind {
    BindId id = 0;
    SmscId smsc = 0;
    uint32_t most_started = 1;
    uint32_t outstanding = 0;
    uint32_t started = 0;  // Groups of more than one segment on their way to acceptance.
    Pacer pacer;
    int64_t wake = INT64_MAX;      // When it may submit again, if that is a matter of time.
    uint32_t in_flight = kNoSlot;  // The first of a list of groups.
    uint32_t full_lane = kNoSlot;  // Whose queue was full last,
    int64_t full_until = 0;        // and how long that is remembered.
    std::deque<std::pair<uint32_t, GroupId>> continuing;
  };
  struct Smsc {
    std::vector<Bind*> binds;
    size_t turn = 0;
    int64_t parked_until = 0;
    std::deque<std::pair<uint32_t, GroupId>> orphans;  // Groups in need of a bind.
  };
  struct TimerPlace {
    Slab<Group>* groups;
    uint32_t& operator()(uint32_t slot) const { return (*groups)[slot].timer; }
  };

  // --- machine.cc ---
  void Begin(TimePoint now, Effects& out);
  void Do(decltype(Effect::what) what) { out_->effects.push_back({journal_.position(), what}); }
  uint64_t Random();
  uint32_t SlotOf(GroupId id) const;
  uint32_t SlotOf(const JobId& job) const;
  Bind* FindBind(BindId id);
  SmscOptions& OptionsOf(const Group& group) { return options_.smscs[group.smsc]; }
  bool HasReceipts(const Group& group) { return OptionsOf(group).receipts && !group.unconfirmed; }
  uint64_t KnownSmscs() const;
  References::Of PairOf(const Group& group) const;
  int64_t QuarantinedUntil(const Group& group) const;
  uint16_t Originator(std::string_view name);
  GroupId AdmitAs(const Job& job, Part part, bool is_part);
  uint32_t NewRow(GroupId id, const JobId& job, uint64_t destination, bool is_part);
  void FreeRow(uint32_t slot);
  void Arm(uint32_t slot, int64_t due);
  void OnTimer(uint32_t slot);
  void TickSmscs();
  GroupView ViewOf(uint32_t slot) const;
  void Shown(std::string_view msisdn, AlertMode by);

  // --- machine_start.cc ---
  void Pump();
  void PumpSmsc(SmscId s);
  void PumpBind(Bind& bind);
  bool ContinueOne(Bind& bind);
  bool StartOne(Bind& bind);
  bool MayStillStart(uint32_t slot, GroupId id);
  bool FitsNow(Bind& bind, const Group& group);
  void Start(uint32_t slot, Bind& bind);
  void AssignRef(Group& group);
  void BecomeReady(uint32_t slot, bool first = false);
  void Offer(uint32_t lane);
  void LaneFreed(uint32_t lane);

  // --- machine_flow.cc ---
  void SetState(Group& group, GroupState state);
  void Continue(uint32_t slot);
  bool MaySubmit(Bind& bind);
  Bind* BindFor(Group& group);
  void Submit(uint32_t slot, Bind& bind);
  void SubmitSegment(uint32_t slot, uint8_t i, Bind& bind);
  void Link(uint32_t slot, Bind& bind);
  void Unlink(uint32_t slot);
  void Advance(uint32_t slot);
  void Act(uint32_t slot, Pending pending);
  void AwaitReports(uint32_t slot);
  void WaitInLane(uint32_t slot, Duration delay);
  void Suspend(uint32_t slot, GroupState state);
  void Resume(uint32_t slot);
  void Query(uint32_t slot);
  void Failover(uint32_t slot);
  void StartOver(uint32_t slot);
  bool Outlived(const Group& group) const;

  // --- machine_answers.cc ---
  bool Settle(uint32_t slot, uint8_t i, uint16_t attempt);
  uint32_t ForgetFlight(uint32_t slot);
  void Lost(uint32_t slot);
  bool IsLateNews(const Group& group, uint8_t i, uint16_t attempt) const;
  void MarkAccepted(uint32_t slot, uint8_t i, MessageId id);
  Pending PendingFor(Group& group, Bind* bind, const RefusedBy& by);
  void Throttle(Bind& bind);
  void QueueFull(Group& group, Bind& bind);
  void ApplyReport(uint32_t slot, uint8_t i, const Report& report);
  void Arrived(uint32_t slot, uint8_t i, const Report& report);
  void NotArrived(uint32_t slot, uint8_t i, const Report& report);

  // --- machine_cancel.cc ---
  CancelResult CancelSlot(uint32_t slot, bool replaced);
  void AskToCancel(uint32_t slot);
  void CancelStep(uint32_t slot);
  void CancelFailed(uint32_t slot);
  void Unsend(uint32_t slot, uint8_t i);

  // --- machine_end.cc ---
  void Fail(uint32_t slot, Refusal refusal);
  void Expire(uint32_t slot);
  void End(uint32_t slot, EndState end, uint16_t code);
  void LeaveLane(uint32_t slot);
  void TellOutcome(uint32_t slot);
  std::string CauseOf(const Group& group) const;

  // --- machine_journal.cc ---
  void WriteHeader();
  base::Packer& Record(RecordKind kind, const Group& group);
  void Write() { journal_.End(*out_); }
  void WriteAdmitted(uint32_t slot);
  void WriteStarted(const Group& group);
  void WriteReported(const Group& group, uint8_t i, const Report& report);
  void WriteSuspended(const Group& group);
  void WriteEnded(const Group& group);
  void WriteGroup(uint32_t slot);
  void WriteReferences(uint32_t slot);
  void WriteParked(SmscId smsc, std::string_view key, const Report& report, int64_t until);
  void PackIdentity(uint32_t slot, base::Packer& out) const;
  void PackProgress(const Group& group, base::Packer& out) const;

  // --- machine_restore.cc ---
  bool RestoreHeader(base::Unpacker& in);
  uint32_t RestoreIdentity(base::Unpacker& in);
  bool RestoreGroup(base::Unpacker& in);
  bool RestoreAdmitted(base::Unpacker& in);
  bool RestoreProgress(uint32_t slot, base::Unpacker& in);
  void RestoreEnd(uint32_t slot, EndState end, uint16_t code, int64_t at);
  bool RestoreSubmitted(uint32_t slot, base::Unpacker& in);
  void DropRow(uint32_t slot);
  void Reserve(const Group& group, int64_t at);
  bool RestoreReferences(base::Unpacker& in);
  bool RestoreParked(base::Unpacker& in);
  bool RestoreStep(RecordKind kind, base::Unpacker& in);
  bool RestoreStarted(uint32_t slot, base::Unpacker& in);
  bool RestoreReset(uint32_t slot, base::Unpacker& in);
  bool RestoreAccepted(uint32_t slot, base::Unpacker& in);
  bool RestoreReported(uint32_t slot, base::Unpacker& in);
  bool RestoreSuspended(uint32_t slot, base::Unpacker& in);
  bool RestoreEnded(uint32_t slot, base::Unpacker& in);
  SmscId SmscOfJournal(uint64_t number) const;
  void Reenter(uint32_t slot);
  void ReenterStarted(uint32_t slot);
  bool ReenterSuspended(uint32_t slot);

  Options options_;
  Slab<Group> groups_;
  Lanes lanes_{groups_};
  Routes routes_;
  References references_;
  MessageIds ids_;
  ParkedReceipts parked_;
  TimerHeap<TimerPlace> timers_{TimerPlace{&groups_}};
  SlotIndex by_id_, by_job_;
  std::unordered_map<BindId, std::unique_ptr<Bind>> binds_;
  std::vector<Smsc> smscs_;
  std::vector<std::string> originators_;
  std::unordered_map<std::string, uint16_t> originator_numbers_;
  JournalWriter journal_;
  bool header_written_ = false;
  std::vector<SmscId> journal_smscs_;  // What the journal's numbers mean.

  Effects* out_ = nullptr;  // Of the call under way.
  int64_t now_ = 0;
  uint64_t dirty_ = 0;  // SMSCs where something may start or go on.
  SmscId turn_ = 0;     // Which of them goes first, for what they share.
  Pacer total_;         // Of all binds together.
  uint64_t random_ = 0;
  GroupId last_id_ = 0;
  uint32_t snapshot_group_ = 0, snapshot_pair_ = 0;
  size_t payload_octets_ = 0;
  Counters counters_;
};

}  // namespace drover::dispatch
