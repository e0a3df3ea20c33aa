#include "loadtest/radio/world.h"

#include <algorithm>
#include <cstring>

#include "libs/base/check.h"
#include "libs/dispatch/journal_frames.h"

namespace drover::radio {
namespace {

using namespace dispatch;  // NOLINT(google-build-using-namespace): the world is the scheduler's.

constexpr int64_t kEpoch = 1'800'000'000 * kSecond;

JobId JobOf(size_t push) {
  JobId job{};
  std::memcpy(job.data(), &push, sizeof push);
  job[15] = 1;
  return job;
}
size_t PushOf(const JobId& job) {
  size_t push;
  std::memcpy(&push, job.data(), sizeof push);
  return push;
}

}  // namespace

World::World(Options options, Smsc& smsc, Us commit_every)
    : options_(std::move(options)),
      smsc_(smsc),
      commit_every_(commit_every),
      scheduler_(MakeScheduler(options_)) {}

TimePoint World::Now() const { return TimePoint(Duration(kEpoch + now_)); }

size_t World::Add(Push push) {
  pushes_.push_back(push);
  Later(push.at, {.kind = Event::kAdmit, .push = pushes_.size() - 1});
  return pushes_.size() - 1;
}

void World::Later(Us at, Event event) {
  size_t place = events_.size();
  if (free_events_.empty()) {
    events_.push_back(std::move(event));
  } else {
    place = free_events_.back();
    free_events_.pop_back();
    events_[place] = std::move(event);
  }
  queue_.push({std::max(at, now_), ++order_, place});
}

void World::BindUp(uint32_t window, SmscId smsc) {
  windows_.emplace_back(smsc, window);
  binds_.push_back(++last_bind_);
  scheduler_->BindUp(last_bind_, smsc, window, Now(), out_);
  Flush();
}

void World::BindsUp() {
  binds_.clear();
  for (const auto& [smsc, window] : windows_) {
    binds_.push_back(++last_bind_);
    scheduler_->BindUp(last_bind_, smsc, window, Now(), out_);
  }
}

// --- Effects -----------------------------------------------------------------------------------

void World::Flush() {
  journal_octets_ += out_.journal.size();
  written_ += out_.journal.size();
  if (commit_every_ > 0) log_ += out_.journal;
  out_.journal.clear();
  held_.Take(out_);
  if (commit_every_ == 0) return Commit();
  if (held_.size() == 0 || commit_due_) return;
  commit_due_ = true;
  Later(now_ + commit_every_, {.kind = Event::kCommit});
}

void World::Commit() {
  durable_ = written_;
  std::vector<Effect> due;
  held_.Durable(durable_ - base_, due);
  for (const Effect& effect : due) CarryOut(effect);
}

size_t World::PushOf(GroupId group) const { return push_of_.at(group); }

void World::CarryOut(const Effect& effect) {
  if (const auto* send = std::get_if<Send>(&effect.what)) {
    if (std::find(binds_.begin(), binds_.end(), send->bind) == binds_.end()) return;
    const size_t push = PushOf(send->ticket.group);
    ++sent_;
    if (on_send) on_send(*send, pushes_[push]);
    const Us turn = smsc_.TurnAt(*send, pushes_[push].mobile, now_);
    Later(turn, {.kind = Event::kTurn, .push = push, .send = *send});
  }
  if (const auto* outcome = std::get_if<dispatch::Outcome>(&effect.what)) {
    Push& push = pushes_[radio::PushOf(outcome->job)];
    const bool again = push.outcomes > 0 && push.end == outcome->state;
    push.outcomes += again ? 0 : 1;  // They are kept by their job.
    push.end = outcome->state;
    push.delivered = outcome->delivered;
    push.ended_at = outcome->at.time_since_epoch().count() - kEpoch;
    scheduler_->OutcomeKept(outcome->group, out_);
    push_of_.erase(outcome->group);
  }
}

// --- Events ------------------------------------------------------------------------------------

void World::Admit(size_t number) {
  const Push& push = pushes_[number];
  const std::string destination = std::to_string(push.mobile);
  Job job;
  job.id = JobOf(number);
  job.originator = "10654040";
  job.destination = destination;
  job.segments = push.segments;
  job.priority = push.priority;
  const Result<GroupId> group = scheduler_->Admit(job, Now(), out_);
  DROVER_CHECK(group.has_value());
  // The naive scheduler's segments are groups of their own, numbered one after the other.
  for (GroupId part = *group; part < *group + push.segments; ++part) {
    push_of_[part] = number;
    if (options_.mode != Mode::kNaive) break;
  }
}

void World::AnswerTo(const Event& event) {
  const Answer& answer = event.answer;
  const Send& send = event.send;
  Push& push = pushes_[event.push];
  if (answer.reached_terminal) {
    const uint64_t bit = uint64_t{1} << (send.ticket.segment - 1);
    push.copies += (push.reached & bit) != 0 ? 1 : 0;
    push.reached |= bit;
  }
  if (answer.alert_at >= 0) Later(answer.alert_at, {.kind = Event::kAlert, .push = event.push});
  if (std::find(binds_.begin(), binds_.end(), send.bind) == binds_.end()) return;
  if (!answer.accepted) return scheduler_->Refused(send.ticket, answer.by, Now(), out_);
  if (push.accepted_at < 0) push.accepted_at = now_;
  const uint64_t message = ++last_message_;
  scheduler_->Accepted(send.ticket, {.id = std::to_string(message)}, Now(), out_);
  if (answer.receipt_at < 0) return;
  Later(answer.receipt_at, {.kind = Event::kReceipt, .push = event.push, .message = message});
}

void World::Happen(const Event& event) {
  switch (event.kind) {
    case Event::kAdmit:
      return Admit(event.push);
    case Event::kTurn: {
      Event next = event;
      next.kind = Event::kAnswer;
      next.answer = smsc_.Serve(event.send, pushes_[event.push].mobile, now_);
      return Later(next.answer.at, std::move(next));
    }
    case Event::kAnswer:
      return AnswerTo(event);
    case Event::kReceipt: {
      const Report report{.arrival = Arrival::kDelivered, .message_state = 2};
      return scheduler_->Receipt(0, std::to_string(event.message), report, Now(), out_);
    }
    case Event::kAlert:
      return scheduler_->Alert(std::to_string(pushes_[event.push].mobile), Now(), out_);
    case Event::kCommit:
      commit_due_ = false;
      return Commit();
    case Event::kCrash:
      return Crash();
    case Event::kBindDown:
      if (binds_.empty()) return;
      scheduler_->BindDown(binds_.front(), Now(), out_);
      binds_.erase(binds_.begin());
      binds_.push_back(++last_bind_);
      return scheduler_->BindUp(last_bind_, windows_.front().first, windows_.front().second, Now(),
                                out_);
  }
}

// Everything that was not durable is gone, with every connection.
void World::Crash() {
  log_.resize(durable_);
  written_ = base_ = durable_;
  out_.Clear();
  held_ = {};
  scheduler_ = MakeScheduler(options_);
  FrameReader reader(log_);
  std::string_view record;
  while (reader.Next(record)) DROVER_CHECK(scheduler_->Restore(record).has_value());
  DROVER_CHECK(reader.at_end());
  scheduler_->Restored(Now(), out_);
  BindsUp();
  for (size_t i = 0; i < pushes_.size(); ++i) {  // Whoever got no answer to his job asks again.
    const Push& push = pushes_[i];
    if (push.outcomes > 0 || push.at >= now_ || scheduler_->Find(JobOf(i))) continue;
    Admit(i);
  }
}

void World::Run() {
  for (;;) {
    const TimePoint next = scheduler_->NextDeadline();
    const Us tick = next == TimePoint::max() ? INT64_MAX : next.time_since_epoch().count() - kEpoch;
    if (queue_.empty() && tick == INT64_MAX) return;
    if (queue_.empty() || tick < queue_.top().at) {
      now_ = std::max(now_, tick);
      scheduler_->Tick(Now(), out_);
    } else {
      const Entry entry = queue_.top();
      queue_.pop();
      now_ = entry.at;
      const Event event = std::move(events_[entry.event]);
      free_events_.push_back(entry.event);
      Happen(event);
    }
    Flush();
  }
}

}  // namespace drover::radio
