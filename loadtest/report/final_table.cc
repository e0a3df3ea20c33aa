#include "loadtest/report/final_table.h"

#include <algorithm>
#include <array>

#include "loadtest/report/numbers.h"
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
  const double rate =
      record.duration_s > 0 ? static_cast<double>(totals.good) / record.duration_s : 0;
  std::string text = "sessions  " + Count(totals.due) + " due, " + Count(totals.started) +
                     " started, " + Count(totals.good) + " good, " + Count(totals.failed) +
                     " failed" + ShareText(totals.failed, totals.good + totals.failed);
  if (totals.late_starts > 0) {
    text +=
        ", " + Count(totals.late_starts) + " late" + ShareText(totals.late_starts, totals.started);
  }
  if (totals.not_started > 0) text += ", " + Count(totals.not_started) + " never started";
  text += "\nrate      " + Significant(rate) + " good sessions a second over " +
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
      LatencyRow("session", record.session_latency)};
  for (size_t i = 0; i < record.exchange_latency.size(); ++i) {
    if (record.exchange_latency[i].count() == 0) continue;
    rows.push_back(LatencyRow("exchange " + std::to_string(i + 1), record.exchange_latency[i]));
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
                     std::to_string(record.seed) + "\n\n" + Sessions(record) + Latencies(record) +
                     Errors(record) + Processes(record) + Stores(record) + LedgersText(record) +
                     GeneratorText(record.generator) + Thresholds(verdict);
  for (const std::string& warning : verdict.warnings) text += "note: " + warning + "\n";
  for (const std::string& reason : verdict.reasons) text += reason + "\n";
  return text + (verdict.passed ? "PASSED\n" : "FAILED\n");
}

}  // namespace drover::report
