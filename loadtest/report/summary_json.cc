#include "loadtest/report/summary_json.h"

#include <nlohmann/json.hpp>

#include "libs/base/clock.h"
#include "loadtest/report/fields.h"
#include "loadtest/report/numbers.h"
#include "loadtest/report/steps.h"
#include "loadtest/report/usage.h"

namespace drover::report {
namespace {

using Json = nlohmann::ordered_json;

double Short(double value) { return Rounded(value, 3); }

template <typename Owner, size_t kSize>
Json CountsJson(const std::array<CountField<Owner>, kSize>& fields, const Owner& owner) {
  Json json;
  for (const CountField<Owner>& field : fields) json[field.name] = owner.*field.member;
  return json;
}

Json ScaleJson(const Scale& scale) {
  return {{"devices", scale.devices},
          {"rate_per_s", Short(scale.rate_per_s)},
          {"concurrency", scale.concurrency},
          {"duration_s", Short(scale.duration_s)}};
}

Json ThresholdsJson(const Verdict& verdict) {
  Json list = Json::array();
  for (const Judgement& judgement : verdict.thresholds) {
    list.push_back({{"threshold", judgement.threshold.text},
                    {"measured", judgement.measured},
                    {"held", judgement.held}});
  }
  return list;
}

Json SessionsJson(const RunRecord& record) {
  const Totals& totals = record.totals;
  const uint64_t ended = totals.good + totals.failed;
  const double share =
      ended == 0 ? 0 : 100 * static_cast<double>(totals.failed) / static_cast<double>(ended);
  Json json = CountsJson(kSessionCounts, totals);
  json["failed_percent"] = Rounded(share, 6);
  json["good_per_s"] = Short(record.good_per_s());
  return json;
}

Json ErrorsJson(const RunRecord& record) {
  Json errors = Json::object();
  for (size_t i = 0; i < record.error_kinds.size(); ++i) {
    errors[record.error_kinds[i]] = i < record.errors.size() ? record.errors[i] : 0;
  }
  return errors;
}

Json LatencyJson(const Histogram& histogram) {
  Json json{{"count", histogram.count()},
            {"mean", Short(histogram.mean_us() / 1000)},
            {"min", Short(static_cast<double>(histogram.min_us()) / 1000)}};
  for (const auto& [name, percent] :
       {std::pair("p50", 50.0), std::pair("p90", 90.0), std::pair("p95", 95.0),
        std::pair("p99", 99.0), std::pair("p99_9", 99.9), std::pair("p99_99", 99.99),
        std::pair("max", 100.0)}) {
    json[name] = Short(histogram.PercentileMs(percent));
  }
  return json;
}

Json LatenciesJson(const RunRecord& record) {
  Json json{{"session", LatencyJson(record.session_latency)},
            {"accepted", LatencyJson(record.accepted_latency)},
            {"deferred", LatencyJson(record.deferred_latency)}};
  for (size_t i = 0; i < record.exchange_latency.size(); ++i) {
    json["exchange_" + std::to_string(i + 1)] = LatencyJson(record.exchange_latency[i]);
  }
  return json;
}

Json LedgersJson(const Ledgers& ledgers) {
  Json json{{"compared", ledgers.compared}, {"not_compared_because", ledgers.not_compared_because}};
  json.update(CountsJson(kLedgerCounts, ledgers));
  json["first_differences"] = ledgers.first_differences;
  return json;
}

Json SmsJson(const Sms& sms) {
  if (!sms.used) return nullptr;
  Json json = CountsJson(kSmsCounts, sms);
  json["refused"] = sms.refused;
  for (const SmsLatency& latency : kSmsLatencies) {
    json[std::string(latency.name) + "_ms"] = LatencyJson(sms.*latency.member);
  }
  json["smsc"] = sms.smsc;
  return json;
}

Json GatewaysJson(const Gateways& gateways) {
  if (!gateways.used) return nullptr;
  Json json = CountsJson(kGatewayCounts, gateways);
  json["operations"] = gateways.operations;
  for (const GatewayLatency& latency : kGatewayLatencies) {
    json[std::string(latency.name) + "_ms"] = LatencyJson(gateways.*latency.member);
  }
  json["first_differences"] = gateways.first_differences;
  return json;
}

Json StepsJson(const RunRecord& record) {
  Json list = Json::array();
  for (const Step& step : record.steps) {
    Json json{{"name", step.name},
              {"begin_s", Short(step.begin_s)},
              {"duration_s", Short(step.duration_s)},
              {"rate_per_s", Short(step.rate_per_s)}};
    json.update(CountsJson(kStepCounts, step));
    json["good_per_s"] = Short(step.good_per_s());
    json["accepted_ms"] = LatencyJson(step.accepted);
    list.push_back(std::move(json));
  }
  return list;
}

Json OverloadJson(const RunRecord& record) {
  const std::optional<Overload> overload = OverloadOf(record);
  if (!overload) return nullptr;
  const auto known = [](const std::optional<double>& value) {
    return value ? Json(Short(*value)) : Json();
  };
  return {{"step", record.steps[overload->step].name},
          {"goodput_percent", Short(overload->goodput_percent)},
          {"p99_percent", known(overload->p99_percent)},
          {"recovery_s", known(overload->recovery_s)}};
}

Json ProcessesJson(const RunRecord& record) {
  Json list = Json::array();
  for (const ProcessUse& use : ProcessesOf(record)) {
    list.push_back({{"name", use.name},
                    {"source", use.source},
                    {"cpu_seconds", Short(use.cpu_seconds)},
                    {"cpu_us_per_session", Short(use.cpu_us_per_session)},
                    {"cpu_cores_mean", Short(use.cpu_cores_mean)},
                    {"cpu_cores_max", Short(use.cpu_cores_max)},
                    {"resident_bytes_start", use.resident_bytes_start},
                    {"resident_bytes_max", use.resident_bytes_max},
                    {"resident_bytes_end", use.resident_bytes_end}});
  }
  return list;
}

Json StoresJson(const RunRecord& record) {
  Json list = Json::array();
  for (const StoreUse& use : StoresOf(record)) {
    list.push_back({{"name", use.name},
                    {"metric", use.metric},
                    {"start", use.start},
                    {"max", use.max},
                    {"end", use.end},
                    {"growth_per_session", Short(use.growth_per_session)}});
  }
  return list;
}

Json SourcesJson(const RunRecord& record) {
  Json list = Json::array();
  for (const Series& series : record.series) {
    list.push_back({{"kind", series.watched == Watched::kProcess ? "process" : "store"},
                    {"name", series.name},
                    {"metric", series.metric},
                    {"source", series.source}});
  }
  return list;
}

Json GeneratorJson(const Generator& generator) {
  return {{"name", generator.name},
          {"was_the_limit", !generator.limits.empty()},
          {"limits", generator.limits},
          {"cpu_cores_mean", Short(generator.cpu_cores_mean)},
          {"cpu_cores_max", Short(generator.cpu_cores_max)},
          {"lag_ms_p99", Short(generator.lag_ms_p99)},
          {"lag_ms_max", Short(generator.lag_ms_max)},
          {"resident_bytes_max", generator.resident_bytes_max},
          {"terminal_bytes", generator.terminal_octets},
          {"start_s", Short(generator.start_s)}};
}

Json FiguresJson(const RunRecord& record) {
  Json list = Json::array();
  for (const Figure& figure : FiguresOf(record)) {
    list.push_back({{"name", figure.name},
                    {"value", Rounded(figure.value, 6)},
                    {"unit", figure.unit},
                    {"better", figure.better},
                    {"spread_percent", Short(figure.spread_percent)}});
  }
  return list;
}

Json HistoryJson(const RunRecord& record) {
  Json phases = Json::array();
  for (const Phase& phase : record.phases) {
    phases.push_back({{"name", phase.name},
                      {"begin_s", Short(phase.begin_s)},
                      {"duration_s", Short(phase.duration_s)}});
  }
  Json marks = Json::array();
  for (const Mark& mark : record.marks) {
    marks.push_back({{"at_s", Short(mark.at_s)}, {"text", mark.text}});
  }
  return {{"phases", phases}, {"marks", marks}};
}

Json HistogramJson(const Histogram& histogram) {
  Json buckets = Json::array();
  for (const Bucket& bucket : histogram.Buckets()) buckets.push_back({bucket.index, bucket.count});
  return {{"min", histogram.min_us()},
          {"max", histogram.max_us()},
          {"sum", histogram.sum_us()},
          {"buckets", buckets}};
}

std::string StartTime(const RunRecord& record) {
  return Rfc3339(TimePoint(std::chrono::milliseconds(record.start_unix_ms)));
}

// Texts come from outside: what is no UTF-8 is replaced.
std::string Dump(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string SummaryJson(const RunRecord& record, const Verdict& verdict) {
  Json json{
      {"schema_version", kSchemaVersion},
      {"passed", verdict.passed},
      {"exit_code", verdict.exit_code},
      {"reasons", verdict.reasons},
      {"warnings", verdict.warnings},
      {"thresholds", ThresholdsJson(verdict)},
      {"scenario", record.scenario},
      {"start_time", StartTime(record)},
      {"start_unix_ms", record.start_unix_ms},
      {"duration_s", Short(record.duration_s)},
      {"wall_s", Short(record.wall_s)},
      {"interrupted", record.interrupted},
      {"failure", record.failure},
      {"model", record.model == Model::kOpen ? "open" : "closed"},
      {"seed", record.seed},
      {"scale", ScaleJson(record.scale)},
      {"sessions", SessionsJson(record)},
      {"errors", ErrorsJson(record)},
      {"steps", StepsJson(record)},
      {"overload", OverloadJson(record)},
      {"expects", {{"refusals", record.expects_refusals}, {"failures", record.expects_failures}}},
      {"exchanges", CountsJson(kExchangeCounts, record.totals)},
      {"latency_ms", LatenciesJson(record)},
      {"operations", record.operations},
      {"ledgers", LedgersJson(record.ledgers)},
      {"sms", SmsJson(record.sms)},
      {"gateways", GatewaysJson(record.gateways)},
      {"processes", ProcessesJson(record)},
      {"stores", StoresJson(record)},
      {"generator", GeneratorJson(record.generator)},
      {"figures", FiguresJson(record)}};
  json["generators"] = Json::array();
  for (const Generator& generator : record.generators) {
    json["generators"].push_back(GeneratorJson(generator));
  }
  json.update(HistoryJson(record));
  json["machine"] = {{"cpu_model", record.machine.cpu_model},
                     {"cores", record.machine.cores},
                     {"memory_bytes", record.machine.memory_bytes},
                     {"kernel", record.machine.kernel}};
  json["versions"] = record.versions;
  json["series"] = SourcesJson(record);
  json["command_line"] = record.command_line;
  json["scenario_text"] = record.scenario_text;
  return Dump(json, 2);
}

std::string HistogramsJson(const RunRecord& record) {
  Json exchanges = Json::array();
  for (const Histogram& one : record.exchange_latency) exchanges.push_back(HistogramJson(one));
  Json seconds = Json::array();
  for (const Second& second : record.seconds) {
    Json buckets = Json::array();
    for (const Bucket& bucket : second.session_buckets) {
      buckets.push_back({bucket.index, bucket.count});
    }
    seconds.push_back(std::move(buckets));
  }
  Json steps = Json::array();
  for (const Step& step : record.steps) steps.push_back(HistogramJson(step.accepted));
  Json sms = Json::object();
  for (const SmsLatency& latency : kSmsLatencies) {
    if (record.sms.used) sms[latency.name] = HistogramJson(record.sms.*latency.member);
  }
  Json gateways = Json::object();
  for (const GatewayLatency& latency : kGatewayLatencies) {
    if (!record.gateways.used) continue;
    gateways[latency.name] = HistogramJson(record.gateways.*latency.member);
  }
  return Dump({{"schema_version", kSchemaVersion},
               {"unit", "us"},
               {"session", HistogramJson(record.session_latency)},
               {"accepted", HistogramJson(record.accepted_latency)},
               {"deferred", HistogramJson(record.deferred_latency)},
               {"exchanges", exchanges},
               {"steps", steps},
               {"sms", sms},
               {"gateways", gateways},
               {"seconds", seconds}},
              -1);
}

}  // namespace drover::report
