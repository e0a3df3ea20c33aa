// A world around the scheduler that does whatever a source of choices says: jobs, binds that come
// and go, answers of every kind, receipts early, late and for nobody, cancellation, crashes that
// cut the journal anywhere. The Watcher looks on; Finish lets everything come to its end.
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "libs/dispatch/held_effects.h"
#include "libs/dispatch/testing/watcher.h"

namespace drover::dispatch::testing {

// 0..n - 1.
using Choose = std::function<uint64_t(uint64_t n)>;

class Play {
 public:
  Play(Options options, Choose choose);

  void Step();
  // Everything is accepted and delivered from now on, until nothing is left to happen. Checks that
  // each job has its outcome.
  void Finish();
  // The process dies and comes back with what of its journal is durable, or a little more.
  void Crash();

  const Watcher& watcher() const { return watcher_; }
  Scheduler& scheduler() { return *scheduler_; }
  uint64_t crashes() const { return crashes_; }
  uint64_t copies() const { return copies_; }

 private:
  struct Id {
    GroupId group = 0;
    uint8_t segment = 0;
  };
  void Begin();
  void Admit();
  void Replace();
  Job NewJob(std::string& destination);
  void Bind();
  void Unbind();
  void Answer();
  void AnswerOne(size_t which, uint64_t how);
  void Receipt();
  void Report(const std::string& id, Arrival arrival);
  void Asked();
  void News();
  void Forward();
  void Later(Duration by);
  void Carry();
  void CarryOutHeld(size_t upto);
  void CarryOut(const Effect& effect);
  void LastStep();
  bool Alive(BindId bind) const;

  Options options_;
  Choose choose_;
  Watcher watcher_;
  std::unique_ptr<Scheduler> scheduler_;
  Effects out_;
  HeldEffects held_;
  TimePoint now_{std::chrono::seconds(1'800'000'000)};
  std::string log_;     // All that was ever journalled.
  size_t durable_ = 0;  // Of it.
  size_t base_ = 0;     // Where this process began.
  std::vector<std::pair<BindId, SmscId>> binds_;
  std::vector<Send> sent_;  // Without an answer.
  std::map<std::string, Id> ids_;
  std::map<std::string, Arrival> early_;
  std::vector<JobId> jobs_;
  std::map<GroupId, size_t> admitted_at_;
  std::deque<CancelSm> cancels_;
  std::deque<QuerySm> queries_;
  std::vector<GroupId> ended_;
  std::map<std::pair<GroupId, uint8_t>, std::string> latest_;  // Message id.
  BindId last_bind_ = 0;
  uint64_t last_job_ = 0, last_message_ = 0;
  uint64_t crashes_ = 0, copies_ = 0;
  bool kind_ = false;  // Finish: everything goes well.
};

}  // namespace drover::dispatch::testing
