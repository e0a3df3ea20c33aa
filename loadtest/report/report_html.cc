#include "loadtest/report/report_html.h"

#include "libs/base/clock.h"
#include "loadtest/report/final_table.h"
#include "loadtest/report/html_text.h"
#include "loadtest/report/numbers.h"

namespace drover::report {
namespace {

std::string Tile(const std::string& value, const std::string& name, const std::string& detail) {
  return "<div class=\"tile\"><b>" + Escaped(value) + "</b><span>" + Escaped(name) + "</span><em>" +
         Escaped(detail) + "</em></div>\n";
}

std::string LedgerTile(const Ledgers& ledgers) {
  if (!ledgers.compared) return Tile("?", "differences", "ledgers were not compared");
  return Tile(Count(ledgers.differences()), "differences",
              Count(ledgers.operations) + " operations compared with terminals' ledgers");
}

std::string Tiles(const RunRecord& record) {
  const Totals& totals = record.totals;
  const uint64_t ended = totals.good + totals.failed;
  const double failed =
      ended == 0 ? 0 : static_cast<double>(totals.failed) / static_cast<double>(ended);
  const Histogram& latency = record.session_latency;
  return "<section class=\"tiles\">\n" +
         Tile(Count(totals.good), "good sessions", "of " + Count(totals.due) + " due") +
         Tile(Significant(record.good_per_s()), "sessions a second",
              "over " + Span(record.duration_s)) +
         Tile(Percent(failed), "failed", Count(totals.failed) + " sessions") +
         Tile(Milliseconds(latency.PercentileMs(50)), "p50", "half were faster") +
         Tile(Milliseconds(latency.PercentileMs(99)), "p99",
              "p99.9 " + Milliseconds(latency.PercentileMs(99.9)) + ", max " +
                  Milliseconds(latency.PercentileMs(100))) +
         LedgerTile(record.ledgers) + "</section>\n";
}

std::string List(const std::vector<std::string>& lines, const char* kind) {
  if (lines.empty()) return {};
  std::string html = "<ul class=\"" + std::string(kind) + "\">";
  for (const std::string& line : lines) html += "<li>" + Escaped(line) + "</li>";
  return html + "</ul>\n";
}

std::string Thresholds(const Verdict& verdict) {
  if (verdict.thresholds.empty()) return {};
  std::string html = "<ul class=\"thresholds\">";
  for (const Judgement& one : verdict.thresholds) {
    html += "<li class=\"" + std::string(one.held ? "held" : "missed") + "\"><code>" +
            Escaped(one.threshold.text) + "</code><span>" + Escaped(one.measured) + "</span><b>" +
            (one.held ? "held" : "missed") + "</b></li>";
  }
  return html + "</ul>\n";
}

std::string VerdictHtml(const RunRecord& record, const Verdict& verdict) {
  std::string word = verdict.passed ? "Passed" : "Failed";
  std::string sentence;
  if (verdict.passed && record.ledgers.compared) {
    sentence =
        "What terminals executed and what operations believes agree, operation by operation.";
  } else if (verdict.passed) {
    sentence = "Every threshold held.";
    if (verdict.thresholds.empty()) sentence = "Nothing was asked of this run by thresholds.";
  }
  std::string html = "<section class=\"verdict " +
                     std::string(verdict.passed ? "passed" : "failed") + "\"><h2>" + word +
                     "</h2><div>";
  if (!sentence.empty()) html += "<p>" + sentence + "</p>";
  html += List(verdict.reasons, "reasons") + List(verdict.warnings, "warnings");
  if (record.generator.limits.empty()) {
    html += "<p class=\"quiet\">The generator was not the limit: " +
            Escaped(Fixed(record.generator.cpu_cores_mean, 2) + " cores, lag p99 " +
                    Milliseconds(record.generator.lag_ms_p99)) +
            ".</p>";
  }
  return html + Thresholds(verdict) + "</div></section>\n";
}

std::string Head(const RunRecord& record) {
  const std::string when = Rfc3339(TimePoint(std::chrono::milliseconds(record.start_unix_ms)));
  return "<header><p class=\"brand\">drover-load</p><h1>" + Escaped(record.scenario) + "</h1><p>" +
         Escaped(ScaleText(record)) + "</p><p class=\"quiet\">" + when.substr(0, 10) + " " +
         when.substr(11, 8) + " UTC, " + Span(record.wall_s) + " in all</p></header>\n";
}

}  // namespace

std::string ReportHtml(const RunRecord& record, const Verdict& verdict) {
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>" +
         Escaped(record.scenario) + (verdict.passed ? ": passed" : ": failed") +
         "</title>\n<style>" + kReportStyle + "</style>\n</head>\n<body>\n<main>\n" + Head(record) +
         VerdictHtml(record, verdict) + Tiles(record) + ChartsHtml(record) + TablesHtml(record) +
         EnvironmentHtml(record) + "</main>\n<script>" + kReportScript +
         "</script>\n</body>\n</html>\n";
}

}  // namespace drover::report
