#include "loadtest/report/merge_runs.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "loadtest/report/fields.h"
#include "loadtest/report/usage.h"

namespace drover::report {
namespace {

constexpr size_t kMostDifferences = 20;

double OffsetOf(const RunRecord& run, const RunRecord& merged) {
  return static_cast<double>(run.start_unix_ms - merged.start_unix_ms) / 1000;
}

double EndOf(const RunRecord& run) {
  return run.seconds.empty() ? run.wall_s : run.seconds.back().at_s + 1;
}

Result<void> Check(const std::vector<RunRecord>& runs) {
  if (runs.empty()) return InvalidArgument("there is nothing to merge");
  const RunRecord& first = runs.front();
  double latest_begin = 0;
  double earliest_end = EndOf(first);
  for (const RunRecord& run : runs) {
    if (run.scenario != first.scenario || run.model != first.model) {
      return InvalidArgument("'" + first.scenario + "' and '" + run.scenario +
                             "' are different scenarios or models: only parts of one run merge");
    }
    latest_begin = std::max(latest_begin, OffsetOf(run, first));
    earliest_end = std::min(earliest_end, OffsetOf(run, first) + EndOf(run));
  }
  if (earliest_end <= latest_begin) {
    return InvalidArgument(
        "the runs did not overlap in time: only generators that ran together merge; check their "
        "clocks, or use `drover-load compare`");
  }
  return {};
}

// The place of each of one run's error kinds among the merged ones.
std::vector<size_t> PlacesOf(const std::vector<std::string>& kinds, std::vector<std::string>& all) {
  std::vector<size_t> places;
  for (const std::string& kind : kinds) {
    const auto found = std::find(all.begin(), all.end(), kind);
    places.push_back(static_cast<size_t>(found - all.begin()));
    if (found == all.end()) all.push_back(kind);
  }
  return places;
}

void AddErrors(const std::vector<uint64_t>& errors, const std::vector<size_t>& places,
               std::vector<uint64_t>& sum) {
  for (size_t i = 0; i < std::min(errors.size(), places.size()); ++i) {
    sum.resize(std::max(sum.size(), places[i] + 1));
    sum[places[i]] += errors[i];
  }
}

void WorstOf(const Quantiles& other, Quantiles& worst) {
  worst.count += other.count;
  worst.p50 = std::max(worst.p50, other.p50);
  worst.p95 = std::max(worst.p95, other.p95);
  worst.p99 = std::max(worst.p99, other.p99);
  worst.max = std::max(worst.max, other.max);
}

// A second of the merged run while it is put together.
struct Gathering {
  Second second;
  Histogram sessions;
  bool complete = true;  // Every part brought its buckets.
};

void AddSecond(const Second& part, const std::vector<size_t>& places, Gathering& into) {
  Second& sum = into.second;
  sum.active_terminals += part.active_terminals;
  sum.due += part.due;
  sum.started += part.started;
  sum.late_starts += part.late_starts;
  sum.good += part.good;
  sum.refused += part.refused;
  sum.exchanges += part.exchanges;
  sum.in_flight += part.in_flight;
  sum.cpu_cores += part.cpu_cores;
  sum.lag_ms = std::max(sum.lag_ms, part.lag_ms);
  AddErrors(part.errors, places, sum.errors);
  WorstOf(part.session, sum.session);
  WorstOf(part.exchange, sum.exchange);
  WorstOf(part.accepted, sum.accepted);
  into.complete = into.complete && (part.session.count == 0 || !part.session_buckets.empty());
  into.sessions.Restore(part.session_buckets, 0, 0, 0);
}

Second Finished(Gathering&& gathered) {
  Second second = std::move(gathered.second);
  if (gathered.complete && gathered.sessions.count() > 0) {
    const double max = second.session.max;  // Exact already.
    second.session = gathered.sessions.quantiles();
    second.session.max = max;
    for (double* const quantile : {&second.session.p50, &second.session.p95, &second.session.p99}) {
      *quantile = std::min(*quantile, max);
    }
    second.session_buckets = gathered.sessions.CoarseBuckets();
  }
  return second;
}

class Merger {
 public:
  explicit Merger(const std::vector<RunRecord>& runs) : runs_(runs) {}

  RunRecord Merge() {
    Begin();
    for (const RunRecord& run : runs_) Add(run);
    for (auto& [at, gathered] : seconds_) merged_.seconds.push_back(Finished(std::move(gathered)));
    FinishGenerator();
    return std::move(merged_);
  }

 private:
  void Begin() {
    const auto first = std::min_element(
        runs_.begin(), runs_.end(),
        [](const RunRecord& a, const RunRecord& b) { return a.start_unix_ms < b.start_unix_ms; });
    merged_.scenario = first->scenario;
    merged_.scenario_text = first->scenario_text;
    merged_.command_line = first->command_line;
    merged_.seed = first->seed;
    merged_.model = first->model;
    merged_.start_unix_ms = first->start_unix_ms;
    merged_.machine = first->machine;
    merged_.ledgers.compared = true;
  }

  void Add(const RunRecord& run) {
    const double offset = OffsetOf(run, merged_);
    AddScale(run);
    merged_.duration_s = std::max(merged_.duration_s, run.duration_s);
    merged_.wall_s = std::max(merged_.wall_s, offset + run.wall_s);
    merged_.interrupted = merged_.interrupted || run.interrupted;
    if (!run.failure.empty()) merged_.failure = run.generator.name + ": " + run.failure;
    merged_.versions.insert(run.versions.begin(), run.versions.end());
    const std::vector<size_t> places = PlacesOf(run.error_kinds, merged_.error_kinds);
    AddErrors(run.errors, places, merged_.errors);
    AddCounts(kSessionCounts, run.totals, merged_.totals);
    AddCounts(kExchangeCounts, run.totals, merged_.totals);
    AddSteps(run, offset);
    for (const Second& second : run.seconds) AddTo(offset, second, places);
    AddLatencies(run);
    AddHistory(run, offset);
    for (const Series& series : run.series) AddSeries(series, run.generator.name, offset);
    for (const auto& [outcome, count] : run.operations) merged_.operations[outcome] += count;
    AddLedgers(run.ledgers, run.generator.name);
    AddSms(run.sms);
    AddGateways(run.gateways);
    merged_.generators.push_back(run.generator);
  }

  void AddScale(const RunRecord& run) {
    merged_.scale.devices += run.scale.devices;
    merged_.scale.rate_per_s += run.scale.rate_per_s;
    merged_.scale.concurrency += run.scale.concurrency;
    merged_.scale.duration_s = std::max(merged_.scale.duration_s, run.scale.duration_s);
  }

  // Of one scenario, so the same ones everywhere.
  void AddSteps(const RunRecord& run, double offset) {
    merged_.expects_refusals = merged_.expects_refusals || run.expects_refusals;
    merged_.expects_failures = merged_.expects_failures || run.expects_failures;
    for (size_t i = 0; i < run.steps.size(); ++i) {
      const Step& part = run.steps[i];
      if (i == merged_.steps.size()) {
        merged_.steps.push_back({.name = part.name,
                                 .begin_s = part.begin_s + offset,
                                 .duration_s = part.duration_s,
                                 .accepted = {}});
      }
      Step& sum = merged_.steps[i];
      sum.rate_per_s += part.rate_per_s;
      AddCounts(kStepCounts, part, sum);
      sum.accepted.Add(part.accepted);
    }
  }

  void AddTo(double offset, const Second& part, const std::vector<size_t>& places) {
    const auto at = static_cast<int64_t>(std::floor(part.at_s + offset + 0.5));
    Gathering& gathered = seconds_[at];
    gathered.second.at_s = static_cast<double>(at);
    AddSecond(part, places, gathered);
  }

  void AddLatencies(const RunRecord& run) {
    merged_.session_latency.Add(run.session_latency);
    merged_.accepted_latency.Add(run.accepted_latency);
    merged_.deferred_latency.Add(run.deferred_latency);
    auto& exchanges = merged_.exchange_latency;
    exchanges.resize(std::max(exchanges.size(), run.exchange_latency.size()));
    for (size_t i = 0; i < run.exchange_latency.size(); ++i) {
      exchanges[i].Add(run.exchange_latency[i]);
    }
  }

  void AddHistory(const RunRecord& run, double offset) {
    for (const Phase& phase : run.phases) {
      const auto known =
          std::find_if(merged_.phases.begin(), merged_.phases.end(),
                       [&phase](const Phase& other) { return other.name == phase.name; });
      const double begin = phase.begin_s + offset;
      if (known == merged_.phases.end()) {
        merged_.phases.push_back({phase.name, begin, phase.duration_s});
        continue;
      }
      const double end = std::max(known->begin_s + known->duration_s, begin + phase.duration_s);
      known->begin_s = std::min(known->begin_s, begin);
      known->duration_s = end - known->begin_s;
    }
    for (const Mark& mark : run.marks) merged_.marks.push_back({mark.at_s + offset, mark.text});
  }

  // Each generator has a process of its own; services and stores are the same ones for all.
  void AddSeries(Series series, const std::string& generator, double offset) {
    if (series.watched == Watched::kProcess && series.name == kGenerator && !generator.empty()) {
      series.name += " " + generator;
    }
    for (Point& point : series.points) point.at_s += offset;
    const auto known =
        std::find_if(merged_.series.begin(), merged_.series.end(), [&series](const Series& other) {
          return other.watched == series.watched && other.name == series.name &&
                 other.metric == series.metric && other.source == series.source;
        });
    if (known == merged_.series.end()) {
      merged_.series.push_back(std::move(series));
    } else if (known->points.size() < series.points.size()) {
      *known = std::move(series);
    }
  }

  void AddLedgers(const Ledgers& ledgers, const std::string& generator) {
    Ledgers& sum = merged_.ledgers;
    if (!ledgers.compared) {
      sum.compared = false;
      sum.not_compared_because =
          generator + (ledgers.not_compared_because.empty() ? " did not ask"
                                                            : ": " + ledgers.not_compared_because);
    }
    AddCounts(kLedgerCounts, ledgers, sum);
    for (const std::string& line : ledgers.first_differences) {
      if (sum.first_differences.size() < kMostDifferences) sum.first_differences.push_back(line);
    }
  }

  // The SMSC is the same one for all: each has counted what it did for any of them.
  void AddSms(const Sms& sms) {
    Sms& sum = merged_.sms;
    sum.used = sum.used || sms.used;
    AddCounts(kSmsCounts, sms, sum);
    for (const auto& [reason, count] : sms.refused) sum.refused[reason] += count;
    for (const auto& [name, count] : sms.smsc) sum.smsc[name] = std::max(sum.smsc[name], count);
    for (const SmsLatency& latency : kSmsLatencies) {
      (sum.*latency.member).Add(sms.*latency.member);
    }
  }

  void AddGateways(const Gateways& gateways) {
    Gateways& sum = merged_.gateways;
    sum.used = sum.used || gateways.used;
    AddCounts(kGatewayCounts, gateways, sum);
    for (const auto& [outcome, count] : gateways.operations) sum.operations[outcome] += count;
    for (const std::string& line : gateways.first_differences) {
      if (sum.first_differences.size() < kMostDifferences) sum.first_differences.push_back(line);
    }
    for (const GatewayLatency& latency : kGatewayLatencies) {
      (sum.*latency.member).Add(gateways.*latency.member);
    }
  }

  void FinishGenerator() {
    Generator& all = merged_.generator;
    all.name = std::to_string(runs_.size()) + " generators";
    for (const Generator& one : merged_.generators) {
      all.cpu_cores_mean += one.cpu_cores_mean;
      all.cpu_cores_max += one.cpu_cores_max;
      all.lag_ms_p99 = std::max(all.lag_ms_p99, one.lag_ms_p99);
      all.lag_ms_max = std::max(all.lag_ms_max, one.lag_ms_max);
      all.resident_bytes_max += one.resident_bytes_max;
      all.start_s = std::max(all.start_s, one.start_s);
      all.terminal_octets = std::max(all.terminal_octets, one.terminal_octets);
      for (const std::string& limit : one.limits) all.limits.push_back(one.name + ": " + limit);
    }
  }

  const std::vector<RunRecord>& runs_;
  RunRecord merged_;
  std::map<int64_t, Gathering> seconds_;
};

}  // namespace

Result<RunRecord> MergeRuns(const std::vector<RunRecord>& runs) {
  DROVER_TRY(Check(runs));
  return Merger(runs).Merge();
}

}  // namespace drover::report
