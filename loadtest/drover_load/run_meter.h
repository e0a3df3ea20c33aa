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

  void Due() { ++second_.due; }
  // late: how long after it was due.
  void Started(std::chrono::nanoseconds late);
  void Exchanged(size_t position, std::chrono::nanoseconds time);
  void Good(std::chrono::nanoseconds latency);
  void Failed(std::string_view kind);
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

  report::RunRecord& record_;
  SteadyClock::time_point start_;
  SteadyClock::time_point turned_;
  report::Second second_;
  report::Histogram session_;
  report::Histogram exchange_;
  double cpu_s_;
};

// CPU time of this process, in seconds, and the most memory that it has had.
double OwnCpuSeconds();
uint64_t OwnMaxResidentOctets();

}  // namespace drover::load
