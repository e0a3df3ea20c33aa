// Counts what happens in a run, second by second, into its record.
#pragma once
#include <chrono>
#include <string>
#include <string_view>

#include "loadtest/report/run_record.h"

namespace drover::load {

class RunMeter {
 public:
  using SteadyClock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kLate{10};

  // The record's seconds count from its start, which was `start`.
  RunMeter(report::RunRecord& record, SteadyClock::time_point start);

  void Due();
  // late: how long after it was due.
  void Started(std::chrono::nanoseconds late);
  void Exchanged(size_t position, std::chrono::nanoseconds time);
  struct Times {
    std::chrono::nanoseconds from_due;
    std::chrono::nanoseconds from_start;  // Of its first message.
    std::chrono::nanoseconds
        from_first_due;  // Of the terminal's first attempt; it may be this one.
  };
  void Good(const Times& times);
  void Failed(std::string_view kind);
  // Told to come back later.
  void Refused();
  void GivenUp() { ++record_.totals.given_up; }
  void TurnedAway() { ++record_.totals.turned_away; }
  // From now on it counts in another step.
  void BeginStep(std::string name, double rate_per_s, SteadyClock::time_point now);
  void EndSteps(SteadyClock::time_point now);
  // How late the loop came to what was planned.
  void Lag(std::chrono::nanoseconds lag);

  // Ends a second; a line for people about it.
  std::string Turn(SteadyClock::time_point now, uint64_t in_flight, uint64_t active_terminals);
  uint64_t good() const { return record_.totals.good; }
  uint64_t failed() const { return record_.totals.failed; }
  double now_s(SteadyClock::time_point now) const;

 private:
  size_t KindOf(std::string_view kind);
  std::string LineOf(double length_s) const;
  report::Step* step() { return in_step_ ? &record_.steps.back() : nullptr; }

  report::RunRecord& record_;
  SteadyClock::time_point start_;
  SteadyClock::time_point turned_;
  report::Second second_;
  report::Histogram session_;
  report::Histogram exchange_;
  report::Histogram accepted_;
  bool in_step_ = false;
  double cpu_s_;
};

// CPU time of this process, in seconds, and the most memory that it has had.
double OwnCpuSeconds();
uint64_t OwnMaxResidentOctets();

}  // namespace drover::load
