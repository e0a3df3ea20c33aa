#include "libs/dispatch/testing/play.h"

#include <algorithm>

#include "libs/base/check.h"
#include "libs/dispatch/journal_frames.h"

namespace drover::dispatch::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

JobId JobOf(uint64_t number) {
  JobId job{};
  for (size_t i = 0; i < 8; ++i) job[i] = static_cast<uint8_t>(number >> (8 * i));
  return job;
}

constexpr std::string_view kOriginators[] = {"10654040", "10655459"};

}  // namespace

Play::Play(Options options, Choose choose)
    : options_(std::move(options)), choose_(std::move(choose)), watcher_(options_) {
  Begin();
}

void Play::Begin() {
  scheduler_ = MakeScheduler(options_);
  out_.Clear();
  held_ = {};
  base_ = log_.size();
}

// --- Effects -----------------------------------------------------------------------------------

// What the scheduler said becomes durable, and is done.
void Play::Carry() {
  log_ += out_.journal;
  out_.journal.clear();
  held_.Take(out_);
  durable_ = log_.size();
  CarryOutHeld(durable_);
}

void Play::CarryOutHeld(size_t upto) {
  std::vector<Effect> due;
  held_.Durable(upto - base_, due);
  for (const Effect& effect : due) CarryOut(effect);
}

bool Play::Alive(BindId bind) const {
  return std::any_of(binds_.begin(), binds_.end(), [&](auto& b) { return b.first == bind; });
}

void Play::CarryOut(const Effect& effect) {
  const auto* send = std::get_if<Send>(&effect.what);
  if (send != nullptr && !Alive(send->bind)) return;  // It went down meanwhile.
  watcher_.Wanted(effect, log_.size() - base_, now_);
  if (send != nullptr) {
    sent_.push_back(*send);
    if (send->maybe_sent) ++copies_;
  }
  if (const auto* cancel = std::get_if<CancelSm>(&effect.what)) {
    if (cancel->wanted) cancels_.push_back(*cancel);
  }
  if (const auto* query = std::get_if<QuerySm>(&effect.what)) queries_.push_back(*query);
  if (const auto* outcome = std::get_if<Outcome>(&effect.what)) ended_.push_back(outcome->group);
}

// --- Work --------------------------------------------------------------------------------------

Job Play::NewJob(std::string& destination) {
  destination = std::to_string(8613800138000 + choose_(3));
  Job job;
  job.id = JobOf(++last_job_);
  job.originator = kOriginators[choose_(2)];
  job.destination = destination;
  job.segments = static_cast<uint8_t>(choose_(3) == 0 ? 1 : 1 + choose_(5));
  job.ref_bits = choose_(3) == 0 ? 8 : 16;
  job.priority = static_cast<Priority>(choose_(3));
  job.push_class = static_cast<PushClass>(choose_(3));
  job.payload = "payload";
  if (choose_(4) == 0) {
    job.gate_given = true;
    job.gate = kGates[choose_(4)];
  }
  if (choose_(4) == 0) job.smscs = 1 + choose_(3);
  if (choose_(8) == 0) job.deliver_after = now_ + seconds(choose_(100));
  if (choose_(8) == 0) job.deliver_before = now_ + seconds(101 + choose_(1000));
  return job;
}

void Play::Admit() {
  std::string destination;
  const Job job = NewJob(destination);
  const Result<GroupId> group = scheduler_->Admit(job, now_, out_);
  DROVER_CHECK(group.has_value());
  watcher_.Admitted(*group, job);
  jobs_.push_back(job.id);
  admitted_at_[*group] = log_.size() + out_.journal.size();
}

void Play::Replace() {
  if (jobs_.empty()) return;
  std::string destination;
  const Job job = NewJob(destination);
  const Result<GroupId> group = scheduler_->Replace(jobs_[choose_(jobs_.size())], job, now_, out_);
  if (!group) return;
  watcher_.Admitted(*group, job);
  jobs_.push_back(job.id);
  admitted_at_[*group] = log_.size() + out_.journal.size();
}

void Play::Bind() {
  if (binds_.size() >= 4) return;
  const auto smsc = static_cast<SmscId>(choose_(options_.smscs.size()));
  binds_.emplace_back(++last_bind_, smsc);
  watcher_.BindUp(last_bind_, smsc);
  scheduler_->BindUp(last_bind_, smsc, static_cast<uint32_t>(1 + choose_(6)), now_, out_);
}

void Play::Unbind() {
  if (binds_.empty()) return;
  const size_t which = choose_(binds_.size());
  const BindId bind = binds_[which].first;
  binds_.erase(binds_.begin() + static_cast<ptrdiff_t>(which));
  if (choose_(2) == 0) std::erase_if(sent_, [&](const Send& send) { return send.bind == bind; });
  watcher_.BindDown(bind);
  scheduler_->BindDown(bind, now_, out_);
}

// --- Answers -----------------------------------------------------------------------------------

void Play::Answer() {
  if (!sent_.empty()) AnswerOne(choose_(sent_.size()), choose_(24));
}

void Play::AnswerOne(size_t which, uint64_t how) {
  const Send send = sent_[which];
  sent_.erase(sent_.begin() + static_cast<ptrdiff_t>(which));
  if (how < kRefusals && !kind_) {
    watcher_.Answered(send.ticket, false);
    RefusedBy by{static_cast<Refusal>(how), static_cast<uint32_t>(how), 0};
    return scheduler_->Refused(send.ticket, by, now_, out_);
  }
  if (how == kRefusals && !kind_) return;  // Never.
  if (how == kRefusals + 1 && !kind_) {
    watcher_.Answered(send.ticket, false);
    return scheduler_->NoAnswer(send.ticket, now_, out_);
  }
  const std::string id = std::to_string(++last_message_);
  ids_[id] = {send.ticket.group, send.ticket.segment};
  latest_[{send.ticket.group, send.ticket.segment}] = id;
  watcher_.Answered(send.ticket, true);
  const bool early = send.gate != Gate::kTransaction && !kind_ && choose_(6) == 0;
  const auto arrival = static_cast<Arrival>(1 + choose_(early ? kArrivals - 1 : 1));
  if (early) scheduler_->Receipt(send.smsc, id, {.arrival = arrival}, now_, out_);
  if (early) watcher_.Reported(send.ticket.group, send.ticket.segment, arrival);
  scheduler_->Accepted(send.ticket, {.id = id}, now_, out_);
  if (early) ids_.erase(id);
}

// --- News --------------------------------------------------------------------------------------

void Play::Report(const std::string& id, Arrival arrival) {
  const Id place = ids_[id];
  if (arrival != Arrival::kUnderWay) ids_.erase(id);
  const bool current = latest_[{place.group, place.segment}] == id;  // Not of an earlier copy.
  if (current && watcher_.IsAccepted(place.group, place.segment)) {
    watcher_.Reported(place.group, place.segment, arrival);
  }
  for (SmscId smsc = 0; smsc < options_.smscs.size(); ++smsc) {
    scheduler_->Receipt(smsc, id, {.arrival = arrival, .message_state = 5}, now_, out_);
  }
}

void Play::Receipt() {
  if (ids_.empty() || choose_(8) == 0) {
    const std::string nobody = "x" + std::to_string(choose_(50));
    return scheduler_->Receipt(0, nobody, {.arrival = Arrival::kDelivered}, now_, out_);
  }
  auto id = ids_.begin();
  std::advance(id, static_cast<ptrdiff_t>(choose_(ids_.size())));
  const uint64_t how = choose_(12);
  Report(std::string(id->first), how < kArrivals ? static_cast<Arrival>(how) : Arrival::kDelivered);
}

void Play::Asked() {
  if (!cancels_.empty()) {
    const CancelSm cancel = cancels_.front();
    cancels_.pop_front();
    const bool done = choose_(2) == 0 && ids_.erase(cancel.message_id) != 0;
    if (done) watcher_.Withdrawn(cancel.group, cancel.segment);
    scheduler_->CancelAnswer(cancel.group, cancel.segment, done, now_, out_);
  }
  if (queries_.empty()) return;
  const QuerySm query = queries_.front();
  queries_.pop_front();
  if (!ids_.contains(query.message_id)) return;
  if (!watcher_.IsAccepted(query.group, query.segment)) return;
  const auto arrival = static_cast<Arrival>(kind_ ? 1 : choose_(kArrivals));
  watcher_.Reported(query.group, query.segment, arrival);
  if (arrival != Arrival::kUnderWay) ids_.erase(query.message_id);
  scheduler_->QueryAnswer(query.group, query.segment, {.arrival = arrival}, now_, out_);
}

void Play::News() {
  const std::string msisdn = std::to_string(8613800138000 + choose_(4));
  switch (choose_(5)) {
    case 0:
      return scheduler_->Alert(msisdn, now_, out_);
    case 1:
      return scheduler_->MobileOriginated(msisdn, now_, out_);
    case 2:
      if (binds_.empty()) return;
      return scheduler_->Congestion(binds_[choose_(binds_.size())].first,
                                    static_cast<uint8_t>(choose_(101)), now_, out_);
    case 3:
      if (!jobs_.empty()) scheduler_->Cancel(jobs_[choose_(jobs_.size())], now_, out_);
      return;
    default:
      if (ended_.empty()) return;
      watcher_.Kept(ended_.back());
      scheduler_->OutcomeKept(ended_.back(), out_);
      ended_.pop_back();
  }
}

// --- Time --------------------------------------------------------------------------------------

void Play::Later(Duration by) {
  now_ += by;
  scheduler_->Tick(now_, out_);
}

void Play::Forward() {
  const TimePoint next = scheduler_->NextDeadline();
  if (choose_(2) == 0 || next == TimePoint::max()) return Later(milliseconds(1 + choose_(20'000)));
  Later(std::max(next - now_, Duration(0)));
}

void Play::Step() {
  switch (choose_(16)) {
    case 0:
    case 1:
      Admit();
      break;
    case 2:
      Bind();
      break;
    case 3:
      choose_(3) == 0 ? Unbind() : Bind();
      break;
    case 4:
    case 5:
    case 6:
    case 7:
      Answer();
      break;
    case 8:
    case 9:
    case 10:
      Receipt();
      break;
    case 11:
      Asked();
      break;
    case 12:
      News();
      break;
    case 13:
      choose_(4) == 0 ? Replace() : News();
      break;
    case 14:
      Forward();
      break;
    default:
      if (choose_(8) == 0) return Crash();
      if (choose_(8) == 0) {
        scheduler_->BeginSnapshot(out_);
        while (!scheduler_->SnapshotSome(1 + choose_(5), out_)) {
        }
        break;
      }
      Forward();
  }
  Carry();
}

// One more thing happens, of which the journal may have all, a part or nothing.
void Play::LastStep() {
  watcher_.SetUnsure(true);
  switch (choose_(5)) {
    case 0:
      Admit();
      break;
    case 1:
      Receipt();
      break;
    case 2:
      Forward();
      break;
    default:
      Answer();
  }
  watcher_.SetUnsure(false);
  log_ += out_.journal;
  held_.Take(out_);
  out_.Clear();
  const size_t cut = durable_ + choose_(log_.size() - durable_ + 1);
  CarryOutHeld(durable_ + choose_(cut - durable_ + 1));
  log_.resize(cut);
}

void Play::Crash() {
  ++crashes_;
  LastStep();
  FrameReader reader(log_);
  std::string_view record;
  std::vector<std::string> records;
  while (reader.Next(record)) records.emplace_back(record);
  log_.resize(reader.whole());
  durable_ = log_.size();
  binds_.clear();
  sent_.clear();
  cancels_.clear();
  ended_.clear();
  queries_.clear();
  Begin();
  for (const std::string& octets : records) DROVER_CHECK(scheduler_->Restore(octets).has_value());
  // What was acknowledged is there, or had ended; what was not may be.
  std::set<GroupId> survived;
  for (const auto& [group, at] : admitted_at_) {
    const bool found = options_.mode != Mode::kNaive && scheduler_->View(group);
    if (at <= durable_ || found) survived.insert(group);
  }
  std::erase_if(admitted_at_, [&](const auto& entry) { return !survived.contains(entry.first); });
  watcher_.Crashed(survived);
  watcher_.Restored();
  scheduler_->Restored(now_, out_);
  Carry();
}

void Play::Finish() {
  kind_ = true;
  Carry();
  while (!binds_.empty()) Unbind();
  for (SmscId smsc = 0; smsc < options_.smscs.size(); ++smsc) {
    binds_.emplace_back(++last_bind_, smsc);
    watcher_.BindUp(last_bind_, smsc);
    scheduler_->BindUp(last_bind_, smsc, 4, now_, out_);
  }
  Carry();
  for (int rounds = 0; rounds < 200'000; ++rounds) {
    while (!sent_.empty()) {
      AnswerOne(0, 0);
      Carry();
    }
    while (!ids_.empty()) Report(std::string(ids_.begin()->first), Arrival::kDelivered);
    while (!cancels_.empty() || !queries_.empty()) Asked();
    Carry();
    if (!sent_.empty()) continue;
    const TimePoint next = scheduler_->NextDeadline();
    if (next == TimePoint::max()) break;
    Later(std::max(next - now_, Duration(0)));
    Carry();
  }
  DROVER_CHECK(watcher_.Open().empty());
  DROVER_CHECK(scheduler_->counters().pending == 0);
  DROVER_CHECK(scheduler_->counters().lanes == 0);
  DROVER_CHECK(scheduler_->counters().in_flight == 0);
}

}  // namespace drover::dispatch::testing
