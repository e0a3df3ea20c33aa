// The scheduler of segment groups: a state machine without IO, clock or threads.
//
// Every call says what happened and when, and appends what is to be done to `out`: octets for the
// journal first, then effects, each of which may be carried out once the journal is durable up to
// its position. Time must not run backwards between calls; what is earlier counts as the last one.
//
//   scheduler->Admit(job, now, out);             // out.journal: append it, in groups
//   held.Take(out, ..); held.Durable(upto, ..);  // HeldEffects: effects as the log becomes durable
//   scheduler->Accepted(send.ticket, {id}, now, out);
//   scheduler->Tick(now, out);                   // at NextDeadline() or later
//
// States, timers and what is kept for a group: README.md. Memory: a pending group of 100 octets of
// payload takes about 440 octets; the payload lies in the group and in the journal.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "libs/base/result.h"
#include "libs/dispatch/effects.h"
#include "libs/dispatch/job.h"

namespace drover::dispatch {

enum class GroupState : uint8_t {
  kHeld,         // Until deliver-after.
  kReady,        // Waits for its lane, a bind and tokens.
  kSending,      // Segment k is due and waits for room on its bind.
  kWaitAccept,   // k was submitted.
  kWaitReceipt,  // k was accepted; its receipt opens the gate.
  kWaitAll,      // All were accepted; receipts are outstanding.
  kBackoff,      // k is tried again later.
  kAlertWait,    // .. or as soon as the terminal is back.
  kCancelling,   // cancel_sm is out.
  kEnded,        // The outcome was told; OutcomeKept has not come.
};
inline constexpr size_t kGroupStates = 10;
std::string_view Name(GroupState state);  // "held", ..

// A group as it stands, for status queries and tests.
struct GroupView {
  GroupId group = 0;
  JobId job{};
  GroupState state = GroupState::kHeld;
  EndState end = EndState::kUnknown;  // If kEnded.
  uint8_t segment = 0;                // k, 1..segments; 0 before the first.
  uint8_t segments = 0, accepted = 0, delivered = 0;
  uint16_t ref = 0;
  BindId bind = 0;  // 0: none yet.
  uint16_t attempts = 0;
  TimePoint deadline{}, next{};  // next: when something happens by itself.
};

struct Counters {
  uint64_t admitted = 0, started = 0, sent = 0, sent_again = 0, restarted = 0;
  uint64_t ended[kEndStates] = {};
  uint64_t ended_in_part = 0;  // Orphans: not delivered, but some of its segments were.
  uint64_t throttled = 0, parked_smscs = 0, no_answer = 0, alerts = 0, resumed_by_alert = 0;
  uint64_t ref_clashes_avoided = 0;
  uint64_t receipts = 0, receipts_early = 0, receipts_unmatched = 0;
  uint64_t late_answers = 0;  // To submissions that nobody waits for any more.
  // As of now.
  uint64_t pending = 0, lanes = 0, in_flight = 0, parked_receipts = 0, octets = 0;
};

enum class CancelResult : uint8_t {
  kCancelled,    // 1000; its Outcome is among the effects.
  kNotPossible,  // 2008
  kAsked,        // cancel_sm is out; CancelDone follows.
  kUnknownJob,   // 2004
};

class Scheduler {
 public:
  virtual ~Scheduler() = default;

  // --- Work ------------------------------------------------------------------------------------
  // kInvalidArgument: a field out of its range, or deliver_before not after deliver_after and now.
  // kAlreadyExists: a job of this id has not ended.
  virtual Result<GroupId> Admit(const Job& job, TimePoint now, Effects& out) = 0;
  virtual CancelResult Cancel(const JobId& job, TimePoint now, Effects& out) = 0;
  // Cancels the old job for the new one, which follows in its lane. Unlike after Cancel an old job
  // that arrived in part is given up as well: its terminal has shown nothing.
  // kNotFound: no such job, or it has ended (the new one is not admitted). Errors of Admit.
  virtual Result<GroupId> Replace(const JobId& old, const Job& job, TimePoint now,
                                  Effects& out) = 0;
  // The outcome is safe elsewhere: the group is forgotten.
  virtual void OutcomeKept(GroupId group, Effects& out) = 0;

  // --- Binds -----------------------------------------------------------------------------------
  // Ready to submit. window: 1 and more.
  virtual void BindUp(BindId bind, SmscId smsc, uint32_t window, TimePoint now, Effects& out) = 0;
  // Nothing is submitted there any more; what was outstanding is 'maybe sent'.
  virtual void BindDown(BindId bind, TimePoint now, Effects& out) = 0;
  // congestion_state of SMPP 5.0, 0..100.
  virtual void Congestion(BindId bind, uint8_t state, TimePoint now, Effects& out) = 0;

  // --- Answers to Send -------------------------------------------------------------------------
  virtual void Accepted(const Ticket& ticket, MessageId id, TimePoint now, Effects& out) = 0;
  virtual void Refused(const Ticket& ticket, RefusedBy by, TimePoint now, Effects& out) = 0;
  // Never will be answered. Not needed for T_resp, which Tick watches, nor at BindDown.
  virtual void NoAnswer(const Ticket& ticket, TimePoint now, Effects& out) = 0;

  // --- News from the SMSC ----------------------------------------------------------------------
  // key: see MessageId. Acknowledge the deliver_sm when the journal is durable up to what this
  // call appended.
  virtual void Receipt(SmscId smsc, std::string_view key, const Report& report, TimePoint now,
                       Effects& out) = 0;
  virtual void CancelAnswer(GroupId group, uint8_t segment, bool cancelled, TimePoint now,
                            Effects& out) = 0;
  virtual void QueryAnswer(GroupId group, uint8_t segment, const Report& report, TimePoint now,
                           Effects& out) = 0;
  // alert_notification for this number; a message from it.
  virtual void Alert(std::string_view msisdn, TimePoint now, Effects& out) = 0;
  virtual void MobileOriginated(std::string_view msisdn, TimePoint now, Effects& out) = 0;

  // --- Time ------------------------------------------------------------------------------------
  virtual void Tick(TimePoint now, Effects& out) = 0;
  // When Tick has something to do; TimePoint::max() if never.
  virtual TimePoint NextDeadline() const = 0;

  // --- Journal ---------------------------------------------------------------------------------
  // On a new scheduler, before anything else: each record of the log in its order
  // (FrameReader), then Restored once. kDataLoss: the record is none of ours; start over without
  // it.
  virtual Result<void> Restore(std::string_view record) = 0;
  // Outcomes that were not kept are told again; groups whose submission was not answered are
  // resent with the same reference and number, as 'maybe sent'.
  virtual void Restored(TimePoint now, Effects& out) = 0;
  // Compaction while work goes on: begin a new log file, call BeginSnapshot, then SnapshotSome now
  // and then until it returns true. When what it appended is durable, older files may go.
  virtual void BeginSnapshot(Effects& out) = 0;
  virtual bool SnapshotSome(size_t most_groups, Effects& out) = 0;

  // --- Looking ---------------------------------------------------------------------------------
  virtual std::optional<GroupView> Find(const JobId& job) const = 0;
  virtual std::optional<GroupView> View(GroupId group) const = 0;
  // Job::payload; empty once OutcomeKept was told. Valid until the next call that changes anything.
  virtual std::string_view PayloadOf(GroupId group) const = 0;
  // Job::destination; empty likewise.
  virtual std::string DestinationOf(GroupId group) const = 0;
  virtual Counters counters() const = 0;
};

std::unique_ptr<Scheduler> MakeScheduler(Options options);

// The naive scheduler with a store-and-forward retry schedule, without fast retries (N1) or with
// those of `options` (N2).
Options NaiveOptions(Options options, bool fast_retries);

}  // namespace drover::dispatch
