#include "loadtest/drover_load/run_meter.h"

#include <algorithm>
#include <cstdio>

#include <sys/resource.h>

namespace drover::load {
namespace {

constexpr size_t kPositions = 4;  // Exchanges told apart; the last: all later.

template <typename... Args>
std::string Line(const char* format, Args... args) {
  char line[256];
  std::snprintf(line, sizeof line, format, args...);
  return line;
}

rusage Usage() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage;
}

double SecondsOf(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

double OwnCpuSeconds() {
  const rusage usage = Usage();
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

uint64_t OwnMaxResidentOctets() { return static_cast<uint64_t>(Usage().ru_maxrss) * 1024; }

RunMeter::RunMeter(report::RunRecord& record, SteadyClock::time_point start)
    : record_(record), start_(start), turned_(SteadyClock::now()), cpu_s_(OwnCpuSeconds()) {
  record_.exchange_latency.resize(kPositions);
  second_.at_s = now_s(turned_);
}

double RunMeter::now_s(SteadyClock::time_point now) const { return SecondsOf(now - start_); }

void RunMeter::Started(std::chrono::nanoseconds late) {
  ++second_.started;
  if (late > kLate) ++second_.late_starts;
}

void RunMeter::Exchanged(size_t position, std::chrono::nanoseconds time) {
  ++second_.exchanges;
  exchange_.Record(time);
  record_.exchange_latency[std::min(position, kPositions - 1)].Record(time);
}

void RunMeter::Due() {
  ++second_.due;
  if (report::Step* const in = step()) ++in->due;
}

void RunMeter::Good(const Times& times) {
  ++second_.good;
  ++record_.totals.good;
  session_.Record(times.from_due);
  accepted_.Record(times.from_start);
  record_.session_latency.Record(times.from_due);
  record_.accepted_latency.Record(times.from_start);
  if (times.from_first_due > times.from_due) record_.deferred_latency.Record(times.from_first_due);
  if (report::Step* const in = step()) {
    ++in->good;
    in->accepted.Record(times.from_start);
  }
}

void RunMeter::Refused() {
  ++second_.refused;
  ++record_.totals.refused;
  if (report::Step* const in = step()) ++in->refused;
}

void RunMeter::EndSteps(SteadyClock::time_point now) {
  if (report::Step* const in = step()) in->duration_s = now_s(now) - in->begin_s;
  in_step_ = false;
}

void RunMeter::BeginStep(std::string name, double rate_per_s, SteadyClock::time_point now) {
  EndSteps(now);
  report::Step& next = record_.steps.emplace_back();
  next.name = std::move(name);
  next.begin_s = now_s(now);
  next.rate_per_s = rate_per_s;
  in_step_ = true;
}

size_t RunMeter::KindOf(std::string_view kind) {
  std::vector<std::string>& kinds = record_.error_kinds;
  const auto it = std::find(kinds.begin(), kinds.end(), kind);
  if (it != kinds.end()) return static_cast<size_t>(it - kinds.begin());
  kinds.emplace_back(kind);
  record_.errors.push_back(0);
  return kinds.size() - 1;
}

void RunMeter::Failed(std::string_view kind) {
  const size_t index = KindOf(kind);
  if (second_.errors.size() <= index) second_.errors.resize(index + 1);
  ++second_.errors[index];
  ++record_.errors[index];
  ++record_.totals.failed;
  if (report::Step* const in = step()) ++in->failed;
}

void RunMeter::Lag(std::chrono::nanoseconds lag) {
  second_.lag_ms = std::max(second_.lag_ms, SecondsOf(lag) * 1e3);
}

std::string RunMeter::LineOf(double length_s) const {
  uint64_t failed = 0;
  std::string kinds;
  for (size_t i = 0; i < second_.errors.size(); ++i) {
    failed += second_.errors[i];
    if (second_.errors[i] == 0) continue;
    kinds += Line("%s %s %llu", kinds.empty() ? "; errors:" : ",", record_.error_kinds[i].c_str(),
                  static_cast<unsigned long long>(second_.errors[i]));
  }
  const uint64_t ended = second_.good + failed;
  const double success =
      ended == 0 ? 100 : 100 * static_cast<double>(second_.good) / static_cast<double>(ended);
  return Line("%6.0fs %9llu terminals %7.0f/s %6.2f%% p50 %.1f p95 %.1f p99 %.1f max %.1f ms",
              second_.at_s + length_s, static_cast<unsigned long long>(second_.active_terminals),
              static_cast<double>(second_.good) / length_s, success, second_.session.p50,
              second_.session.p95, second_.session.p99, second_.session.max) +
         Line(" in flight %llu", static_cast<unsigned long long>(second_.in_flight)) +
         (second_.refused == 0
              ? std::string()
              : Line(", refused %llu", static_cast<unsigned long long>(second_.refused))) +
         kinds;
}

std::string RunMeter::Turn(SteadyClock::time_point now, uint64_t in_flight,
                           uint64_t active_terminals) {
  const double length_s = std::max(SecondsOf(now - turned_), 1e-3);
  const double cpu_s = OwnCpuSeconds();
  second_.in_flight = in_flight;
  second_.active_terminals = active_terminals;
  second_.session = session_.quantiles();
  second_.exchange = exchange_.quantiles();
  second_.accepted = accepted_.quantiles();
  second_.session_buckets = session_.CoarseBuckets();
  second_.cpu_cores = (cpu_s - cpu_s_) / length_s;
  report::Totals& totals = record_.totals;
  totals.due += second_.due;
  totals.started += second_.started;
  totals.late_starts += second_.late_starts;
  totals.exchanges += second_.exchanges;
  std::string line = LineOf(length_s);
  record_.seconds.push_back(std::move(second_));
  second_ = report::Second();
  second_.at_s = now_s(now);
  session_.Clear();
  exchange_.Clear();
  accepted_.Clear();
  cpu_s_ = cpu_s;
  turned_ = now;
  return line;
}

}  // namespace drover::load
