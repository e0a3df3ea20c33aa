#include <algorithm>

#include "loadtest/report/fields.h"
#include "loadtest/report/html_text.h"
#include "loadtest/report/numbers.h"
#include "loadtest/report/report_html.h"
#include "loadtest/report/usage.h"

namespace drover::report {
namespace {

using Cells = std::vector<std::string>;

// Cells are texts and get escaped here; the first column is a name, the others are numbers.
std::string Row(const Cells& cells, const char* cell) {
  std::string html = "<tr>";
  for (const std::string& text : cells) {
    html += "<" + std::string(cell) + ">" + Escaped(text) + "</" + cell + ">";
  }
  return html + "</tr>\n";
}

std::string Table(const std::string& title, const Cells& header, const std::vector<Cells>& rows) {
  constexpr size_t kTall = 9;
  if (rows.empty()) return {};
  std::string html =
      "<div class=\"table" + std::string(rows.size() > kTall && header.size() < 5 ? " tall" : "") +
      "\"><h3>" + Escaped(title) + "</h3><table><thead>" + Row(header, "th") + "</thead><tbody>";
  for (const Cells& row : rows) html += Row(row, "td");
  return html + "</tbody></table></div>\n";
}

Cells LatencyRow(std::string name, const Histogram& histogram) {
  Cells row{std::move(name), Count(histogram.count()), Significant(histogram.mean_us() / 1000)};
  for (const double percent : {50.0, 90.0, 95.0, 99.0, 99.9, 99.99, 100.0}) {
    row.push_back(Significant(histogram.PercentileMs(percent)));
  }
  return row;
}

std::string Latencies(const RunRecord& record) {
  std::vector<Cells> rows{LatencyRow("session", record.session_latency)};
  for (size_t i = 0; i < record.exchange_latency.size(); ++i) {
    const bool last = i > 0 && i + 1 == record.exchange_latency.size();
    const std::string name = "exchange " + std::to_string(i + 1) + (last ? " and later" : "");
    if (record.exchange_latency[i].count() > 0) {
      rows.push_back(LatencyRow(name, record.exchange_latency[i]));
    }
  }
  for (const SmsLatency& latency : kSmsLatencies) {
    const Histogram& histogram = record.sms.*latency.member;
    if (histogram.count() > 0) rows.push_back(LatencyRow(latency.meaning, histogram));
  }
  for (const GatewayLatency& latency : kGatewayLatencies) {
    const Histogram& histogram = record.gateways.*latency.member;
    if (histogram.count() > 0) rows.push_back(LatencyRow(latency.meaning, histogram));
  }
  return Table("Latency in milliseconds",
               {"", "count", "mean", "p50", "p90", "p95", "p99", "p99.9", "p99.99", "max"}, rows);
}

std::string SessionCounts(const RunRecord& record) {
  const auto& totals = record.totals;
  std::vector<Cells> rows{{"due", Count(totals.due)},
                          {"started", Count(totals.started)},
                          {"begun late", Count(totals.late_starts)},
                          {"never started", Count(totals.not_started)},
                          {"good", Count(totals.good)},
                          {"failed", Count(totals.failed)},
                          {"exchanges", Count(totals.exchanges)},
                          {"messages sent again", Count(totals.retries)},
                          {"connections", Count(totals.connections)},
                          {"sent", Bytes(static_cast<double>(totals.sent_octets))},
                          {"received", Bytes(static_cast<double>(totals.received_octets))}};
  if (totals.handshakes_full + totals.handshakes_resumed > 0) {
    rows.push_back({"TLS handshakes, full", Count(totals.handshakes_full)});
    rows.push_back({"TLS handshakes, resumed", Count(totals.handshakes_resumed)});
  }
  return Table("Sessions", {"", "count"}, rows);
}

std::string ErrorTable(const RunRecord& record) {
  std::vector<Cells> rows;
  for (size_t i = 0; i < std::min(record.errors.size(), record.error_kinds.size()); ++i) {
    if (record.errors[i] > 0) rows.push_back({record.error_kinds[i], Count(record.errors[i])});
  }
  return Table("Errors", {"kind", "sessions"}, rows);
}

std::string Operations(const RunRecord& record) {
  std::vector<Cells> rows;
  for (const auto& [outcome, count] : record.operations) rows.push_back({outcome, Count(count)});
  return Table("Operations", {"outcome", "count"}, rows);
}

std::string LedgerTable(const Ledgers& ledgers) {
  if (!ledgers.compared) return {};
  std::string html = Table("Ledgers against operations", {"", "count"},
                           {{"terminals asked", Count(ledgers.terminals)},
                            {"operations compared", Count(ledgers.operations)},
                            {"lost", Count(ledgers.lost)},
                            {"doubled", Count(ledgers.doubled)},
                            {"different", Count(ledgers.different)}});
  if (ledgers.first_differences.empty()) return html;
  html += "<div class=\"table full\"><h3>First differences</h3><pre>";
  for (const std::string& line : ledgers.first_differences) html += Escaped(line) + "\n";
  return html + "</pre></div>\n";
}

std::string SmsTable(const Sms& sms) {
  if (!sms.used) return {};
  std::vector<Cells> rows{{"terminals that registered", Count(sms.registrations)},
                          {"registrations sent again", Count(sms.repeated)},
                          {"terminals confirmed", Count(sms.confirmed)},
                          {"terminals never confirmed", Count(sms.unconfirmed)},
                          {"terminals to wake", Count(sms.submitted)},
                          {"notifications", Count(sms.notifications)},
                          {"accepted", Count(sms.accepted)}};
  for (const auto& [reason, count] : sms.refused) {
    rows.push_back({"refused: " + reason, Count(count)});
  }
  rows.push_back({"terminals never woken", Count(sms.never_woken)});
  rows.push_back({"short messages", Count(sms.messages)});
  rows.push_back({"lost between SMSC and terminal", Count(sms.missed)});
  rows.push_back({"came twice", Count(sms.twice)});
  for (const auto& [name, count] : sms.smsc) rows.push_back({"SMSC: " + name, Count(count)});
  return Table("Short messages", {"", "count"}, rows);
}

std::string GatewayTable(const Gateways& gateways) {
  if (!gateways.used) return {};
  std::vector<Cells> rows;
  for (const CountField<Gateways>& field : kGatewayCounts) {
    rows.push_back({field.name, Count(gateways.*field.member)});
  }
  for (const auto& [outcome, count] : gateways.operations) {
    rows.push_back({"operations: " + outcome, Count(count)});
  }
  return Table("Voice home gateways", {"", "count"}, rows);
}

std::string Processes(const RunRecord& record) {
  std::vector<Cells> rows;
  for (const ProcessUse& use : ProcessesOf(record)) {
    rows.push_back({use.name, Significant(use.cpu_us_per_session), Fixed(use.cpu_cores_mean, 2),
                    Fixed(use.cpu_cores_max, 2), Bytes(use.resident_bytes_start),
                    Bytes(use.resident_bytes_max), Bytes(use.resident_bytes_end), use.source});
  }
  return Table("Processes",
               {"", "CPU us a session", "cores, mean", "cores, max", "memory, start", "max", "end",
                "source"},
               rows);
}

std::string Stores(const RunRecord& record) {
  std::vector<Cells> rows;
  for (const StoreUse& use : StoresOf(record)) {
    const bool bytes = use.metric.ends_with("bytes");
    const auto shown = [bytes](double value) { return bytes ? Bytes(value) : Significant(value); };
    rows.push_back({use.name + (bytes ? "" : " " + use.metric), shown(use.start), shown(use.max),
                    shown(use.end), shown(use.growth_per_session)});
  }
  return Table("Stores", {"", "start", "max", "end", "growth a session"}, rows);
}

Cells GeneratorRow(const Generator& generator) {
  return {generator.name.empty() ? "generator" : generator.name,
          Fixed(generator.cpu_cores_mean, 2),
          Fixed(generator.cpu_cores_max, 2),
          Milliseconds(generator.lag_ms_p99),
          Milliseconds(generator.lag_ms_max),
          Bytes(static_cast<double>(generator.resident_bytes_max)),
          Bytes(static_cast<double>(generator.terminal_octets)),
          Span(generator.start_s)};
}

std::string Generators(const RunRecord& record) {
  std::vector<Cells> rows;
  for (const Generator& one : record.generators) rows.push_back(GeneratorRow(one));
  rows.push_back(GeneratorRow(record.generator));
  return Table(
      "Generator",
      {"", "cores, mean", "cores, max", "lag p99", "lag max", "memory", "a terminal", "cold start"},
      rows);
}

std::string Phases(const RunRecord& record) {
  std::vector<Cells> rows;
  for (const Phase& phase : record.phases) {
    rows.push_back({phase.name, Span(phase.begin_s), Span(phase.duration_s)});
  }
  for (const Mark& mark : record.marks) rows.push_back({mark.text, Span(mark.at_s), ""});
  return Table("What happened when", {"", "begin", "took"}, rows);
}

}  // namespace

std::string TablesHtml(const RunRecord& record) {
  return "<section class=\"tables\">\n" + Latencies(record) + SessionCounts(record) +
         ErrorTable(record) + Operations(record) + LedgerTable(record.ledgers) +
         SmsTable(record.sms) + GatewayTable(record.gateways) + Processes(record) + Stores(record) +
         Generators(record) + Phases(record) + "</section>\n";
}

std::string EnvironmentHtml(const RunRecord& record) {
  std::vector<Cells> rows{
      {"machine", record.machine.cpu_model + ", " + Count(record.machine.cores) + " cores, " +
                      Bytes(static_cast<double>(record.machine.memory_bytes))},
      {"kernel", record.machine.kernel}};
  for (const auto& [name, version] : record.versions) rows.push_back({name, version});
  rows.push_back({"seed", std::to_string(record.seed)});
  std::string html =
      "<section class=\"environment\">\n<h2>Environment</h2>\n<table class=\"facts\">";
  for (const Cells& row : rows) html += Row(row, "td");
  html += "</table>\n<h3>Command line</h3><pre>" + Escaped(record.command_line) + "</pre>\n";
  if (!record.scenario_text.empty()) {
    html += "<h3>Scenario</h3><pre>" + Escaped(record.scenario_text) + "</pre>\n";
  }
  return html + "</section>\n";
}

}  // namespace drover::report
