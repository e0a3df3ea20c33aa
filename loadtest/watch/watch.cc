#include "loadtest/watch/watch.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

namespace drover::watch {
namespace {

using SteadyClock = std::chrono::steady_clock;

std::vector<std::unique_ptr<Sampler>> SamplersOf(Targets targets) {
  std::vector<std::unique_ptr<Sampler>> samplers;
  std::vector<ProcessTarget> local;
  for (ProcessTarget& process : targets.processes) {
    if (process.pid > 0) {
      local.push_back(std::move(process));
    } else {
      samplers.push_back(SampleMetrics(std::move(process)));
    }
  }
  if (targets.own) local.push_back({.name = "generator", .pid = ::getpid(), .url = {}});
  if (!local.empty()) samplers.push_back(SampleProcesses(std::move(local)));
  for (RedisTarget& redis : targets.redis) samplers.push_back(SampleRedis(std::move(redis)));
  for (PostgresTarget& one : targets.postgres) samplers.push_back(SamplePostgres(std::move(one)));
  for (KafkaTarget& kafka : targets.kafka) samplers.push_back(SampleKafka(std::move(kafka)));
  return samplers;
}

}  // namespace

// One sampler, its thread and what it saw.
class Watch::Looker {
 public:
  Looker(std::unique_ptr<Sampler> sampler, SteadyClock::time_point start, Timing timing)
      : sampler_(std::move(sampler)), start_(start), timing_(timing) {
    // Signals are for the thread that waits for them, never for this one.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { Run(); });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  ~Looker() { Join(); }
  Looker(const Looker&) = delete;

  void Ask() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }

  std::vector<report::Series> Join() {
    Ask();
    if (thread_.joinable()) thread_.join();
    return std::move(series_);
  }

 private:
  void Run() {
    SteadyClock::time_point next = SteadyClock::now();
    for (bool last = false; !last;) {
      last = WaitUntil(next);
      const auto begun = SteadyClock::now();
      Keep(sampler_->Sample(begun + timing_.patience), begun);
      // After a late look the next one comes in its own time: no burst follows.
      next = std::max(next + timing_.interval, SteadyClock::now());
    }
  }

  // True: it is the last look.
  bool WaitUntil(SteadyClock::time_point time) {
    std::unique_lock lock(mutex_);
    return wake_.wait_until(lock, time, [this] { return stopping_; });
  }

  // A value holds for when it was asked for, not for when the answer came.
  void Keep(std::vector<Reading> readings, SteadyClock::time_point at) {
    const double at_s = std::chrono::duration<double>(at - start_).count();
    for (Reading& reading : readings) {
      SeriesOf(reading).points.push_back({at_s, reading.value});
    }
  }

  report::Series& SeriesOf(Reading& reading) {
    const auto found =
        std::find_if(series_.begin(), series_.end(), [&reading](const report::Series& series) {
          return series.name == reading.name && series.metric == reading.metric;
        });
    if (found != series_.end()) return *found;
    series_.push_back({reading.watched,
                       std::move(reading.name),
                       std::move(reading.metric),
                       std::move(reading.source),
                       {}});
    return series_.back();
  }

  std::unique_ptr<Sampler> sampler_;  // Of the thread, until it was joined; so is series_.
  SteadyClock::time_point start_;
  Timing timing_;
  std::vector<report::Series> series_;
  std::mutex mutex_;  // Guards stopping_.
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

Watch::Watch(Targets targets, SteadyClock::time_point start, Timing timing)
    : Watch(SamplersOf(std::move(targets)), start, timing) {}

Watch::Watch(std::vector<std::unique_ptr<Sampler>> samplers, SteadyClock::time_point start,
             Timing timing) {
  for (auto& sampler : samplers) {
    lookers_.push_back(std::make_unique<Looker>(std::move(sampler), start, timing));
  }
}

Watch::~Watch() { (void)Stop(); }

std::vector<report::Series> Watch::Stop() {
  for (const auto& looker : lookers_) looker->Ask();
  std::vector<report::Series> all;
  for (const auto& looker : lookers_) {
    for (report::Series& series : looker->Join()) all.push_back(std::move(series));
  }
  lookers_.clear();
  return all;
}

}  // namespace drover::watch
