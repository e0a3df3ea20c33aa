// A scheduler with a clock ticked by hand, and what it wanted done since the last look.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/dispatch/journal_frames.h"
#include "libs/dispatch/scheduler.h"

namespace drover::dispatch::testing {

inline JobId JobOf(uint8_t number) {
  JobId job{};
  job[0] = number;
  return job;
}

class Desk {
 public:
  static constexpr BindId kBind = 1;

  explicit Desk(SmscOptions smsc = {}, Options options = {}) : options_(std::move(options)) {
    if (smsc.name.empty()) smsc.name = "smsc";
    options_.smscs.insert(options_.smscs.begin(), std::move(smsc));
    scheduler = MakeScheduler(options_);
  }
  // With bind 1 up.
  static Desk Up(SmscOptions smsc = {}, Options options = {}, uint32_t window = 20) {
    Desk desk(std::move(smsc), std::move(options));
    desk.scheduler->BindUp(kBind, 0, window, desk.now, desk.out);
    return desk;
  }

  Job JobFor(uint8_t number, uint8_t segments) const {
    Job job;
    job.id = JobOf(number);
    job.originator = "10654040";
    job.destination = "8613800138000";
    job.segments = segments;
    job.payload = "payload";
    return job;
  }
  GroupId Admit(uint8_t number, uint8_t segments) { return Admit(JobFor(number, segments)); }
  GroupId Admit(const Job& job) { return scheduler->Admit(job, now, out).value(); }

  void After(Duration by) {
    now += by;
    scheduler->Tick(now, out);
  }
  // To what happens next by itself.
  void ToNext() { After(std::max(scheduler->NextDeadline() - now, Duration(0))); }

  void Accept(const Send& send, std::string_view id) {
    scheduler->Accepted(send.ticket, {.id = id}, now, out);
  }
  void Refuse(const Send& send, Refusal refusal) {
    scheduler->Refused(send.ticket, {.refusal = refusal, .status = 0x0b}, now, out);
  }
  void Receipt(std::string_view id, Arrival arrival) {
    scheduler->Receipt(0, id, {.arrival = arrival, .message_state = 5}, now, out);
  }

  // Every effect of this kind since the last call for any kind; the others are forgotten.
  template <typename T>
  std::vector<T> Take() {
    std::vector<T> taken;
    for (const Effect& effect : out.effects) {
      if (const T* what = std::get_if<T>(&effect.what)) taken.push_back(*what);
    }
    out.effects.clear();
    return taken;
  }
  // The one submission there is.
  Send TakeSend() {
    const std::vector<Send> sends = Take<Send>();
    return sends.size() == 1 ? sends.front() : Send{};
  }
  GroupState StateOf(uint8_t number) const { return scheduler->Find(JobOf(number))->state; }
  GroupView ViewOf(uint8_t number) const { return *scheduler->Find(JobOf(number)); }

  // The process dies with all of its journal durable, and is back at once.
  void Restart() {
    const std::string log = std::exchange(journal_, {}) + out.journal;
    out.Clear();
    journal_ = log;
    scheduler = MakeScheduler(options_);
    FrameReader reader(log);
    std::string_view record;
    while (reader.Next(record)) restored &= scheduler->Restore(record).has_value();
    scheduler->Restored(now, out);
  }

  TimePoint now{std::chrono::seconds(1'800'000'000)};
  Effects out;
  std::unique_ptr<Scheduler> scheduler;
  bool restored = true;

 private:
  Options options_;
  std::string journal_;
};

}  // namespace drover::dispatch::testing
