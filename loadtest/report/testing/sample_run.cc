#include "loadtest/report/testing/sample_run.h"

#include <cmath>
#include <random>

namespace drover::report::testing {
namespace {

class Sample {
 public:
  Sample(uint64_t seed, int seconds, int per_second)
      : random_(seed), seconds_(seconds), per_second_(per_second) {}

  RunRecord Draw() {
    Describe();
    for (int i = 0; i < seconds_; ++i) DrawSecond(i);
    run_.operations = {{"succeeded", run_.totals.good}, {"failed", 3}};
    run_.expects_failures = true;
    run_.ledgers = {
        .compared = true, .terminals = run_.totals.good, .operations = run_.totals.good};
    Watch();
    return std::move(run_);
  }

 private:
  void Describe() {
    run_.scenario = "mixed";
    run_.scenario_text = "name: mixed\nrate: 200/s\n";
    run_.command_line = "drover-load run mixed.yaml --rate 200/s";
    run_.seed = 7;
    run_.scale = {.devices = 100'000,
                  .rate_per_s = static_cast<double>(per_second_),
                  .duration_s = static_cast<double>(seconds_)};
    run_.start_unix_ms = 1'795'000'000'000;
    run_.duration_s = seconds_;
    run_.wall_s = seconds_ + 9.5;
    run_.machine = {"Xeon, 2.50 GHz", 2, uint64_t{24} << 30, "6.1.0"};
    run_.versions = {{"drover-load", "0.1.0"}, {"redis", "7.0.15"}, {"postgresql", "15.5"}};
    run_.error_kinds = {"timeout", "connect", "503"};
    run_.errors.assign(3, 0);
    run_.exchange_latency.resize(2);
    run_.phases = {{"prepare", 0, 4}, {"load", 4, static_cast<double>(seconds_)}};
    run_.marks = {{4.0 + seconds_ / 2.0, "session-1 killed"}};
    run_.generator = {.name = "lab-1",
                      .cpu_cores_mean = 0.41,
                      .cpu_cores_max = 0.6,
                      .lag_ms_p99 = 0.8,
                      .lag_ms_max = 2.5,
                      .resident_bytes_max = 90 << 20,
                      .start_s = 1.25,
                      .terminal_octets = 310};
  }

  void DrawSecond(int i) {
    const bool stalled = i >= seconds_ / 2 && i < seconds_ / 2 + 3;
    std::lognormal_distribution<double> exchange_us(stalled ? 11.5 : 8.2, 0.4);
    Second second;
    second.at_s = 4.0 + i;
    second.due = static_cast<uint64_t>(per_second_);
    second.started = second.due;
    Histogram sessions;
    Histogram exchanges;
    second.errors.assign(3, 0);
    for (int n = 0; n < per_second_; ++n) {
      const auto first = static_cast<uint64_t>(exchange_us(random_));
      const auto second_one = static_cast<uint64_t>(exchange_us(random_));
      run_.exchange_latency[0].RecordUs(first);
      run_.exchange_latency[1].RecordUs(second_one);
      exchanges.RecordUs(first);
      exchanges.RecordUs(second_one);
      if (stalled && random_() % 20 == 0) {
        ++second.errors[random_() % 3];
        continue;
      }
      sessions.RecordUs(first + second_one + 400);
      ++second.good;
    }
    second.exchanges = exchanges.count();
    second.in_flight = stalled ? 60 : 3;
    second.session = sessions.quantiles();
    second.exchange = exchanges.quantiles();
    second.lag_ms = stalled ? 2.5 : 0.3;
    second.cpu_cores = 0.4;
    second.session_buckets = sessions.CoarseBuckets();
    run_.session_latency.Add(sessions);
    Count(second);
    second.active_terminals = run_.totals.started;
    run_.seconds.push_back(std::move(second));
  }

  void Count(const Second& second) {
    Totals& totals = run_.totals;
    totals.due += second.due;
    totals.started += second.started;
    totals.good += second.good;
    totals.good_in_time += second.good;
    totals.exchanges += second.exchanges;
    totals.connections += second.started;
    totals.sent_octets += second.exchanges * 500;
    totals.received_octets += second.exchanges * 400;
    for (size_t kind = 0; kind < 3; ++kind) {
      totals.failed += second.errors[kind];
      run_.errors[kind] += second.errors[kind];
    }
  }

  void Watch() {
    const auto process = [this](const char* name, double cores, double megabytes) {
      Grow(Watched::kProcess, name, "cpu_seconds", 3, cores);
      Grow(Watched::kProcess, name, "resident_bytes", megabytes * 1e6, 1e4);
    };
    process("ingress-1", 0.18, 30);
    process("session-1", 0.34, 51);
    process("tree-1", 0.05, 39);
    process("operations-1", 0.14, 44);
    process("redis", 0.09, 60);
    process("postgres", 0.35, 180);
    process("kafka", 0.2, 350);
    process("generator", 0.4, 85);
    Grow(Watched::kStore, "redis", "bytes", 2e6, 4e4);
    Grow(Watched::kStore, "redis", "keys", 10, 40);
    Grow(Watched::kStore, "postgres", "bytes", 60e6, 9e5);
    Grow(Watched::kStore, "postgres tree.nodes", "bytes", 20e6, 2e5);
    Grow(Watched::kStore, "postgres operations.operations", "bytes", 30e6, 6e5);
    Grow(Watched::kStore, "kafka drover.operations", "bytes", 1e6, 8e4);
  }

  void Grow(Watched watched, const char* name, const char* metric, double start, double a_second) {
    Series series{.watched = watched,
                  .name = name,
                  .metric = metric,
                  .source = watched == Watched::kProcess ? "pid 4711" : "redis://127.0.0.1:6379",
                  .points = {}};
    std::uniform_real_distribution<double> noise(0.8, 1.2);
    double value = start;
    for (int i = 0; i <= seconds_ + 4; ++i) {
      const bool gap = watched == Watched::kStore && i > 30 && i < 36;
      if (!gap)
        series.points.push_back({static_cast<double>(i) + 0.1, std::round(value * 1000) / 1000});
      if (i >= 4) value += a_second * noise(random_);
    }
    run_.series.push_back(std::move(series));
  }

  std::mt19937_64 random_;
  int seconds_;
  int per_second_;
  RunRecord run_;
};

}  // namespace

RunRecord SampleRun(uint64_t seed, int seconds, int per_second) {
  return Sample(seed, seconds, per_second).Draw();
}

}  // namespace drover::report::testing
