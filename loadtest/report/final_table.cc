#include "loadtest/report/final_table.h"

#include <algorithm>
#include <array>

#include "loadtest/report/fields.h"
#include "loadtest/report/numbers.h"
#include "loadtest/report/steps.h"
#include "loadtest/report/usage.h"

namespace drover::report {
namespace {

using Row = std::vector<std::string>;

// The first column to the left, the others to the right; two spaces between.
std::string Aligned(const std::vector<Row>& rows) {
  std::vector<size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - row[i].size(), ' ');
      text += i == 0 ? row[i] + padding : "  " + padding + row[i];
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += "\n";
  }
  return text + "\n";
}

std::string ShareText(uint64_t part, uint64_t whole) {
  if (part == 0 || whole == 0) return {};
  return " (" + Percent(static_cast<double>(part) / static_cast<double>(whole)) + ")";
}

std::string Sessions(const RunRecord& record) {
  const Totals& totals = record.totals;
  std::string text = "sessions  " + Count(totals.due) + " due, " + Count(totals.started) +
                     " started, " + Count(totals.good) + " good, " + Count(totals.failed) +
                     " failed" + ShareText(totals.failed, totals.good + totals.failed);
  if (totals.late_starts > 0) {
    text +=
        ", " + Count(totals.late_starts) + " late" + ShareText(totals.late_starts, totals.started);
  }
  if (totals.refused > 0) {
    text += ", " + Count(totals.refused) + " refused" +
            (totals.turned_away > 0 ? " (" + Count(totals.turned_away) + " terminals for good)"
                                    : std::string());
  }
  if (totals.given_up > 0) text += ", " + Count(totals.given_up) + " terminals gave up";
  if (totals.not_started > 0) text += ", " + Count(totals.not_started) + " never started";
  text += "\nrate      " + Significant(record.good_per_s()) + " good sessions a second over " +
          Span(record.duration_s) + "\nmessages  " + Count(totals.exchanges) + " exchanges, " +
          Count(totals.retries) + " sent again, " + Count(totals.connections) + " connections";
  if (totals.handshakes_full + totals.handshakes_resumed > 0) {
    text += ", TLS handshakes " + Count(totals.handshakes_full) + " full and " +
            Count(totals.handshakes_resumed) + " resumed";
  }
  return text + "\n\n";
}

Row LatencyRow(std::string name, const Histogram& histogram) {
  Row row{std::move(name), Count(histogram.count()), Significant(histogram.mean_us() / 1000)};
  for (const double percent : {50.0, 90.0, 95.0, 99.0, 99.9, 100.0}) {
    row.push_back(Significant(histogram.PercentileMs(percent)));
  }
  return row;
}

std::string Latencies(const RunRecord& record) {
  std::vector<Row> rows{
      {"latency (ms)", "count", "mean", "p50", "p90", "p95", "p99", "p99.9", "max"},
      LatencyRow("session", record.session_latency),
      LatencyRow("accepted", record.accepted_latency)};
  if (record.deferred_latency.count() > 0) {
    rows.push_back(LatencyRow("deferred", record.deferred_latency));
  }
  for (const SmsLatency& latency : kSmsLatencies) {
    const Histogram& histogram = record.sms.*latency.member;
    if (histogram.count() > 0) rows.push_back(LatencyRow(latency.name, histogram));
  }
  for (const GatewayLatency& latency : kGatewayLatencies) {
    const Histogram& histogram = record.gateways.*latency.member;
    if (histogram.count() > 0) rows.push_back(LatencyRow(latency.name, histogram));
  }
  for (size_t i = 0; i < record.exchange_latency.size(); ++i) {
    if (record.exchange_latency[i].count() == 0) continue;
    rows.push_back(LatencyRow("exchange " + std::to_string(i + 1), record.exchange_latency[i]));
  }
  return Aligned(rows);
}

std::string RateText(double count, double seconds) {
  return seconds > 0 ? Significant(count / seconds) : "";
}

std::string Steps(const RunRecord& record) {
  std::vector<Row> rows{
      {"step", "from", "due/s", "good/s", "refused/s", "failed", "p50 (ms)", "p95", "p99", "max"}};
  for (const Step& step : record.steps) {
    const auto rate = [&step](uint64_t count) {
      return RateText(static_cast<double>(count), step.duration_s);
    };
    Row row{step.name,       Span(step.begin_s), rate(step.due),
            rate(step.good), rate(step.refused), Count(step.failed)};
    for (const double percent : {50.0, 95.0, 99.0, 100.0}) {
      row.push_back(Significant(step.accepted.PercentileMs(percent)));
    }
    rows.push_back(std::move(row));
  }
  if (rows.size() == 1) return "";
  std::string text = Aligned(rows);
  if (const std::optional<Overload> overload = OverloadOf(record)) {
    text.pop_back();
    text += "overload  goodput " + Significant(overload->goodput_percent) +
            " % of the sustainable rate, p99 of accepted sessions " +
            (overload->p99_percent ? Significant(*overload->p99_percent) + " % of the first step's"
                                   : std::string("with nothing to compare it with")) +
            ", well again " +
            (overload->recovery_s ? "after " + Span(*overload->recovery_s) : "at no time") + "\n\n";
  }
  return text;
}

// The course of a run in which terminals were refused: at most so many lines.
constexpr size_t kCurveLines = 20;
std::string Curve(const RunRecord& record) {
  if (record.totals.refused == 0) return "";
  const size_t each = (record.seconds.size() + kCurveLines - 1) / kCurveLines;
  std::vector<Row> rows{
      {"from", "due/s", "good/s", "refused/s", "worst p99 of accepted (ms)", "in flight"}};
  for (size_t i = 0; i < record.seconds.size(); i += each) {
    const size_t end = std::min(i + each, record.seconds.size());
    Second sum;
    for (size_t j = i; j < end; ++j) {
      const Second& second = record.seconds[j];
      sum.due += second.due;
      sum.good += second.good;
      sum.refused += second.refused;
      sum.accepted.p99 = std::max(sum.accepted.p99, second.accepted.p99);
      sum.in_flight = std::max(sum.in_flight, second.in_flight);
    }
    const auto rate = [count = static_cast<double>(end - i)](uint64_t value) {
      return RateText(static_cast<double>(value), count);
    };
    rows.push_back({Span(record.seconds[i].at_s), rate(sum.due), rate(sum.good), rate(sum.refused),
                    Significant(sum.accepted.p99), Count(sum.in_flight)});
  }
  return Aligned(rows);
}

std::string Errors(const RunRecord& record) {
  std::vector<Row> rows{{"errors", "count"}};
  for (size_t i = 0; i < std::min(record.errors.size(), record.error_kinds.size()); ++i) {
    if (record.errors[i] > 0) rows.push_back({record.error_kinds[i], Count(record.errors[i])});
  }
  return rows.size() == 1 ? "" : Aligned(rows);
}

std::string Processes(const RunRecord& record) {
  std::vector<Row> rows{{"process", "CPU us/session", "cores", "memory"}};
  for (const ProcessUse& use : ProcessesOf(record)) {
    rows.push_back({use.name, Significant(use.cpu_us_per_session), Fixed(use.cpu_cores_mean, 2),
                    Bytes(use.resident_bytes_max)});
  }
  return rows.size() == 1 ? "" : Aligned(rows);
}

// Only what a person would look for: the whole store, not each of its parts.
std::string Stores(const RunRecord& record) {
  std::vector<Row> rows{{"store", "start", "end", "growth/session"}};
  for (const StoreUse& use : StoresOf(record)) {
    if (use.name.find(' ') != std::string::npos) continue;
    const bool bytes = use.metric.ends_with("bytes");
    const auto shown = [bytes](double value) { return bytes ? Bytes(value) : Significant(value); };
    rows.push_back({use.name + " " + use.metric, shown(use.start), shown(use.end),
                    shown(use.growth_per_session)});
  }
  return rows.size() == 1 ? "" : Aligned(rows);
}

std::string LedgersText(const RunRecord& record) {
  std::string text = "operations";
  for (const auto& [outcome, count] : record.operations)
    text += "  " + outcome + " " + Count(count);
  const Ledgers& ledgers = record.ledgers;
  if (!ledgers.compared) return text + "\nledgers     not compared\n\n";
  text += "\nledgers     " + Count(ledgers.operations) + " operations of " +
          Count(ledgers.terminals) + " terminals compared: " +
          (ledgers.differences() == 0 ? "no difference"
                                      : Count(ledgers.lost) + " lost, " + Count(ledgers.doubled) +
                                            " doubled, " + Count(ledgers.different) + " different");
  for (const std::string& line : ledgers.first_differences) text += "\n  " + line;
  return text + "\n\n";
}

std::string SmsText(const Sms& sms) {
  if (!sms.used) return "";
  std::string text = "SMS       ";
  if (sms.registrations > 0) {
    text += Count(sms.registrations) + " terminals registered, " + Count(sms.confirmed) +
            " confirmed, " + Count(sms.repeated) + " sent again\n          ";
  }
  text += Count(sms.submitted) + " terminals to wake, " + Count(sms.notifications) +
          " notifications, " + Count(sms.accepted) + " accepted";
  for (const auto& [reason, count] : sms.refused) {
    text += ", " + Count(count) + " refused (" + reason + ")";
  }
  text += ", " + Count(sms.never_woken) + " never woken\n          " + Count(sms.messages) +
          " messages, " + Count(sms.missed) + " lost, " + Count(sms.twice) + " twice; the SMSC:";
  for (const auto& [name, count] : sms.smsc) text += " " + name + " " + Count(count);
  return text + "\n\n";
}

std::string GatewaysText(const Gateways& gateways) {
  if (!gateways.used) return "";
  std::string text = "gateways  " + Count(gateways.registered) + " of " + Count(gateways.gateways) +
                     " registered, " + Count(gateways.submitted) + " operations, " +
                     Count(gateways.told) + " told, " + Count(gateways.asked) + " asked, " +
                     Count(gateways.carried_out) + " carried out\n          operations";
  for (const auto& [outcome, count] : gateways.operations) {
    text += "  " + outcome + " " + Count(count);
  }
  text +=
      "\n          " + Count(gateways.compared) + " compared: " +
      (gateways.differences() == 0 ? "no difference"
                                   : Count(gateways.lost) + " lost, " + Count(gateways.doubled) +
                                         " doubled, " + Count(gateways.different) + " different, " +
                                         Count(gateways.unfinished) + " unfinished") +
      "; " + Count(gateways.excused) + " of gateways that cannot";
  for (const std::string& line : gateways.first_differences) text += "\n  " + line;
  return text + "\n\n";
}

std::string GeneratorText(const Generator& generator) {
  return "generator " + Fixed(generator.cpu_cores_mean, 2) + " cores (at most " +
         Fixed(generator.cpu_cores_max, 2) + "), lag p99 " + Milliseconds(generator.lag_ms_p99) +
         ", memory " + Bytes(static_cast<double>(generator.resident_bytes_max)) + "\n\n";
}

std::string Thresholds(const Verdict& verdict) {
  std::vector<Row> rows{{"threshold", "measured", ""}};
  for (const Judgement& one : verdict.thresholds) {
    rows.push_back({one.threshold.text, one.measured, one.held ? "held" : "MISSED"});
  }
  return rows.size() == 1 ? "" : Aligned(rows);
}

}  // namespace

std::string ScaleText(const RunRecord& record) {
  std::string text = Count(record.scale.devices) + " terminals, ";
  if (record.model == Model::kClosed) {
    return text + "closed model, " + Count(record.scale.concurrency) + " sessions at a time";
  }
  text += "open model, " + Significant(record.scale.rate_per_s) + " sessions/s";
  if (record.scale.duration_s > 0) text += " for " + Span(record.scale.duration_s);
  return text;
}

std::string FinalTable(const RunRecord& record, const Verdict& verdict) {
  std::string text = "\n" + record.scenario + ": " + ScaleText(record) + ", seed " +
                     std::to_string(record.seed) + "\n\n" + Sessions(record) + Steps(record) +
                     Curve(record) + Latencies(record) + Errors(record) + Processes(record) +
                     Stores(record) + SmsText(record.sms) + GatewaysText(record.gateways) +
                     LedgersText(record) + GeneratorText(record.generator) + Thresholds(verdict);
  for (const std::string& warning : verdict.warnings) text += "note: " + warning + "\n";
  for (const std::string& reason : verdict.reasons) text += reason + "\n";
  return text + (verdict.passed ? "PASSED\n" : "FAILED\n");
}

}  // namespace drover::report
