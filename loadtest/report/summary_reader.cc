// The readers of summary_json.h. What nlohmann throws at a wrong type is caught where it enters.
#include <nlohmann/json.hpp>

#include "loadtest/report/fields.h"
#include "loadtest/report/summary_json.h"

namespace drover::report {
namespace {

using Json = nlohmann::json;

template <typename T>
void Get(const Json& json, const char* name, T& value) {
  if (const auto found = json.find(name); found != json.end()) found->get_to(value);
}

template <typename Owner, size_t kSize>
void GetCounts(const Json& json, const std::array<CountField<Owner>, kSize>& fields, Owner& owner) {
  for (const CountField<Owner>& field : fields) Get(json, field.name, owner.*field.member);
}

const Json& Part(const Json& json, const char* name) {
  static const Json kNone = Json::object();
  const auto found = json.find(name);
  return found == json.end() ? kNone : *found;
}

Result<Json> Parse(std::string_view text, std::string_view what) {
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.is_object()) {
    return InvalidArgument("no " + std::string(what) + " of drover-load: it is not a JSON object");
  }
  const auto version = json.find("schema_version");
  if (version == json.end() || !version->is_number_integer()) {
    return InvalidArgument("no " + std::string(what) +
                           " of drover-load: schema_version is missing");
  }
  if (version->get<int>() > kSchemaVersion) {
    return InvalidArgument("the " + std::string(what) + " has schema_version " + version->dump() +
                           "; this drover-load knows up to " + std::to_string(kSchemaVersion) +
                           ": use a newer one");
  }
  return json;
}

// Runs read; a wrong type somewhere becomes an Error.
template <typename Read>
Result<void> Guarded(std::string_view what, Read read) {
  try {
    read();
  } catch (const Json::exception& error) {
    return InvalidArgument("the " + std::string(what) + " is damaged: " + error.what());
  }
  return {};
}

Scale ScaleOf(const Json& json) {
  Scale scale;
  Get(json, "devices", scale.devices);
  Get(json, "rate_per_s", scale.rate_per_s);
  Get(json, "concurrency", scale.concurrency);
  Get(json, "duration_s", scale.duration_s);
  return scale;
}

Model ModelOf(const Json& json) {
  return json.value("model", "open") == "closed" ? Model::kClosed : Model::kOpen;
}

void ReadTotals(const Json& json, Totals& totals) {
  GetCounts(Part(json, "sessions"), kSessionCounts, totals);
  GetCounts(Part(json, "exchanges"), kExchangeCounts, totals);
}

void ReadLedgers(const Json& json, Ledgers& ledgers) {
  Get(json, "compared", ledgers.compared);
  Get(json, "not_compared_because", ledgers.not_compared_because);
  GetCounts(json, kLedgerCounts, ledgers);
  Get(json, "first_differences", ledgers.first_differences);
}

void ReadSms(const Json& json, Sms& sms) {
  if (!json.is_object()) return;  // null: the run had none.
  sms.used = json.contains("notifications");
  GetCounts(json, kSmsCounts, sms);
  Get(json, "refused", sms.refused);
  Get(json, "smsc", sms.smsc);
}

void ReadGateways(const Json& json, Gateways& gateways) {
  if (!json.is_object()) return;  // null: the run had none.
  gateways.used = json.contains("registered");
  GetCounts(json, kGatewayCounts, gateways);
  Get(json, "operations", gateways.operations);
  Get(json, "first_differences", gateways.first_differences);
}

Generator GeneratorOf(const Json& json) {
  Generator generator;
  Get(json, "name", generator.name);
  Get(json, "limits", generator.limits);
  Get(json, "cpu_cores_mean", generator.cpu_cores_mean);
  Get(json, "cpu_cores_max", generator.cpu_cores_max);
  Get(json, "lag_ms_p99", generator.lag_ms_p99);
  Get(json, "lag_ms_max", generator.lag_ms_max);
  Get(json, "resident_bytes_max", generator.resident_bytes_max);
  Get(json, "terminal_bytes", generator.terminal_octets);
  Get(json, "start_s", generator.start_s);
  return generator;
}

void ReadHistory(const Json& json, RunRecord& record) {
  for (const Json& phase : Part(json, "phases")) {
    record.phases.push_back(
        {phase.value("name", ""), phase.value("begin_s", 0.0), phase.value("duration_s", 0.0)});
  }
  for (const Json& mark : Part(json, "marks")) {
    record.marks.push_back({mark.value("at_s", 0.0), mark.value("text", "")});
  }
  for (const Json& one : Part(json, "steps")) {
    Step& step = record.steps.emplace_back();
    Get(one, "name", step.name);
    Get(one, "begin_s", step.begin_s);
    Get(one, "duration_s", step.duration_s);
    Get(one, "rate_per_s", step.rate_per_s);
    GetCounts(one, kStepCounts, step);
  }
  const Json& expects = Part(json, "expects");
  Get(expects, "refusals", record.expects_refusals);
  Get(expects, "failures", record.expects_failures);
}

void ReadSeries(const Json& json, RunRecord& record) {
  for (const Json& one : Part(json, "series")) {
    Series series;
    series.watched = one.value("kind", "") == "store" ? Watched::kStore : Watched::kProcess;
    Get(one, "name", series.name);
    Get(one, "metric", series.metric);
    Get(one, "source", series.source);
    record.series.push_back(std::move(series));
  }
}

void ReadRun(const Json& json, RunRecord& record) {
  Get(json, "scenario", record.scenario);
  Get(json, "scenario_text", record.scenario_text);
  Get(json, "command_line", record.command_line);
  Get(json, "seed", record.seed);
  record.model = ModelOf(json);
  record.scale = ScaleOf(Part(json, "scale"));
  Get(json, "start_unix_ms", record.start_unix_ms);
  Get(json, "duration_s", record.duration_s);
  Get(json, "wall_s", record.wall_s);
  Get(json, "interrupted", record.interrupted);
  Get(json, "failure", record.failure);
  Get(json, "versions", record.versions);
  Get(json, "operations", record.operations);
  for (const auto& [kind, count] : Part(json, "errors").items()) {
    record.error_kinds.push_back(kind);
    record.errors.push_back(count.get<uint64_t>());
  }
  const Json& machine = Part(json, "machine");
  Get(machine, "cpu_model", record.machine.cpu_model);
  Get(machine, "cores", record.machine.cores);
  Get(machine, "memory_bytes", record.machine.memory_bytes);
  Get(machine, "kernel", record.machine.kernel);
}

std::vector<Bucket> BucketsOf(const Json& json) {
  std::vector<Bucket> buckets;
  for (const Json& bucket : json) {
    buckets.push_back({bucket.at(0).get<uint32_t>(), bucket.at(1).get<uint64_t>()});
  }
  return buckets;
}

Histogram HistogramOf(const Json& json) {
  Histogram histogram;
  histogram.Restore(BucketsOf(Part(json, "buckets")), json.value("min", uint64_t{0}),
                    json.value("max", uint64_t{0}), json.value("sum", 0.0));
  return histogram;
}

}  // namespace

Result<RunRecord> ReadSummary(std::string_view text) {
  DROVER_TRY(const Json json, Parse(text, "summary"));
  RunRecord record;
  DROVER_TRY(Guarded("summary", [&] {
    ReadRun(json, record);
    ReadTotals(json, record.totals);
    ReadLedgers(Part(json, "ledgers"), record.ledgers);
    ReadSms(Part(json, "sms"), record.sms);
    ReadGateways(Part(json, "gateways"), record.gateways);
    record.generator = GeneratorOf(Part(json, "generator"));
    for (const Json& one : Part(json, "generators")) record.generators.push_back(GeneratorOf(one));
    ReadHistory(json, record);
    ReadSeries(json, record);
  }));
  return record;
}

Result<Headline> ReadHeadline(std::string_view text) {
  DROVER_TRY(const Json json, Parse(text, "summary"));
  Headline headline;
  DROVER_TRY(Guarded("summary", [&] {
    Get(json, "scenario", headline.scenario);
    Get(json, "start_time", headline.start_time);
    Get(json, "passed", headline.passed);
    headline.model = ModelOf(json);
    headline.scale = ScaleOf(Part(json, "scale"));
    for (const Json& one : Part(json, "figures")) {
      Figure figure;
      Get(one, "name", figure.name);
      Get(one, "value", figure.value);
      Get(one, "unit", figure.unit);
      Get(one, "better", figure.better);
      Get(one, "spread_percent", figure.spread_percent);
      headline.figures.push_back(std::move(figure));
    }
  }));
  return headline;
}

Result<void> ReadHistograms(std::string_view text, RunRecord& record) {
  DROVER_TRY(const Json json, Parse(text, "file of histograms"));
  return Guarded("file of histograms", [&] {
    record.session_latency = HistogramOf(Part(json, "session"));
    record.accepted_latency = HistogramOf(Part(json, "accepted"));
    record.deferred_latency = HistogramOf(Part(json, "deferred"));
    const Json& steps = Part(json, "steps");
    for (size_t i = 0; i < std::min(steps.size(), record.steps.size()); ++i) {
      record.steps[i].accepted = HistogramOf(steps[i]);
    }
    for (const SmsLatency& latency : kSmsLatencies) {
      const Json& sms = Part(json, "sms");
      if (sms.contains(latency.name)) record.sms.*latency.member = HistogramOf(sms[latency.name]);
    }
    for (const GatewayLatency& latency : kGatewayLatencies) {
      const Json& gateways = Part(json, "gateways");
      if (!gateways.contains(latency.name)) continue;
      record.gateways.*latency.member = HistogramOf(gateways[latency.name]);
    }
    record.exchange_latency.clear();
    for (const Json& one : Part(json, "exchanges")) {
      record.exchange_latency.push_back(HistogramOf(one));
    }
    const Json& seconds = Part(json, "seconds");
    for (size_t i = 0; i < std::min(seconds.size(), record.seconds.size()); ++i) {
      record.seconds[i].session_buckets = BucketsOf(seconds[i]);
    }
  });
}

}  // namespace drover::report
