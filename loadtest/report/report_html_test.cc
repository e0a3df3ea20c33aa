#include "loadtest/report/report_html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pugixml.hpp>

#include "loadtest/report/chart.h"
#include "loadtest/report/html_text.h"
#include "loadtest/report/testing/sample_run.h"

namespace drover::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::SampleRun;

// The page is XML too, but for what scripts and styles contain.
::testing::AssertionResult WellFormed(const std::string& html) {
  std::string xml;
  for (size_t at = 0; at < html.size();) {
    size_t begin = std::min(html.find("<script", at), html.find("<style", at));
    begin = std::min(begin, html.size());
    xml += html.substr(at, begin - at);
    if (begin == html.size()) break;
    const std::string close = html[begin + 2] == 'c' ? "</script>" : "</style>";
    at = html.find(close, begin) + close.size();
  }
  pugi::xml_document document;
  const auto read = document.load_string(xml.c_str(), pugi::parse_full);
  if (read) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure()
         << read.description() << " at: " << xml.substr(static_cast<size_t>(read.offset), 80);
}

size_t Times(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++count;
  return count;
}

TEST(Escaped, LeavesNoTextThatIsMarkup) {
  EXPECT_EQ(Escaped("<a b=\"c\">&'"), "&lt;a b=&quot;c&quot;&gt;&amp;&#39;");
  EXPECT_EQ(Escaped(std::string("a\0b\x1b", 4)),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");
  EXPECT_EQ(Escaped("\xff ok \xc3\xa9"), "\xEF\xBF\xBD ok \xc3\xa9");
}

TEST(ReportHtml, IsWellFormedWithEveryPart) {
  const RunRecord run = SampleRun(1);
  const std::string html = ReportHtml(run, JudgeRun(run, *ParseThresholds("p99<50ms,lost=0")));
  EXPECT_TRUE(WellFormed(html));
  for (const char* title :
       {"Latency of sessions over time", "Sessions a second", "Distribution of latency",
        "Errors a second, by kind", "Sessions in flight", "CPU of each process",
        "Memory of each process", "Redis", "PostgreSQL", "Kafka", "own lag", "Environment"}) {
    EXPECT_THAT(html, HasSubstr(title));
  }
  EXPECT_THAT(html, HasSubstr("<code>p99&lt;50ms</code>"));
}

TEST(ReportHtml, NeedsNothingFromElsewhere) {
  const RunRecord run = SampleRun(1);
  const std::string html = ReportHtml(run, JudgeRun(run, {}));
  EXPECT_THAT(html, Not(HasSubstr("http")));
  EXPECT_THAT(html, Not(HasSubstr("src=")));
  EXPECT_THAT(html, Not(HasSubstr("@import")));
  EXPECT_LT(html.size(), 1'000'000U);
}

TEST(ReportHtml, EscapesEveryTextThatComesFromOutside) {
  const std::string evil = "</script><script>alert(1)</script>\"'&<b>";
  RunRecord run = SampleRun(1);
  const size_t scripts = Times(ReportHtml(run, JudgeRun(run, {})), "<script");
  run.scenario = run.scenario_text = run.command_line = run.failure = evil;
  run.machine.cpu_model = run.machine.kernel = run.generator.name = evil;
  run.versions[evil] = evil;
  run.error_kinds[0] = evil;
  run.operations[evil] = 1;
  run.phases[0].name = run.marks[0].text = evil;
  for (Series& series : run.series) series.name = series.source = series.name + evil;
  run.ledgers.first_differences = {evil};
  run.ledgers.lost = 1;
  run.generator.limits = {evil};
  Verdict verdict = JudgeRun(run, {});
  verdict.thresholds.push_back({{.text = evil, .measure = evil}, false, evil});
  const std::string html = ReportHtml(run, verdict);
  EXPECT_TRUE(WellFormed(html));
  EXPECT_EQ(Times(html, "<script"), scripts);
  EXPECT_THAT(html, Not(HasSubstr("<b>\"")));
}

TEST(ReportHtml, StandsOnItsOwnForARunThatMeasuredNothing) {
  RunRecord run;
  run.failure = "operations cannot be reached";
  const std::string html = ReportHtml(run, JudgeRun(run, {}));
  EXPECT_TRUE(WellFormed(html));
  EXPECT_THAT(html, HasSubstr("Failed"));
}

TEST(ReportHtml, StaysSmallHoweverLongTheRun) {
  const RunRecord run = SampleRun(2, 2000, 3);
  EXPECT_LT(ReportHtml(run, JudgeRun(run, {})).size(), 1'500'000U);
}

TEST(ChartHtml, ShowsAGapWhereSamplesAreMissing) {
  Chart chart{.title = "t", .begin_s = 0, .end_s = 40};
  Line line{.label = "x"};
  for (int i = 0; i < 40; ++i) {
    if (i < 10 || i > 20) line.points.push_back({i + 0.5, 1.0 + i});
  }
  chart.lines = {line};
  const std::string html = ChartHtml(chart);
  const size_t path = html.find("class=\"line");
  EXPECT_EQ(Times(html.substr(path, html.find("/>", path) - path), "M"), 2U);
}

TEST(ChartHtml, KeepsAPeakThatSharesItsColumn) {
  Chart chart{.title = "t", .axis = Axis::kMilliseconds, .fold = Fold::kMax, .end_s = 6000};
  Line line{.label = "max"};
  for (int i = 0; i < 6000; ++i) line.points.push_back({i + 0.5, i == 3333 ? 777.0 : 1.0});
  chart.lines = {line};
  EXPECT_THAT(ChartHtml(chart), HasSubstr(",777,"));
}

TEST(ChartHtml, IsEmptyWithoutPoints) {
  EXPECT_EQ(ChartHtml({.title = "t", .lines = {{.label = "x"}}}), "");
}

TEST(Largest, AddsUpTheOthers) {
  std::vector<Line> lines;
  for (int i = 1; i <= 5; ++i) {
    lines.push_back({.label = std::to_string(i), .points = {{0, 1.0 * i}, {1, 10.0 * i}}});
  }
  const std::vector<Line> found = Largest(lines, 3);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].label, "5");
  EXPECT_EQ(found[2].label, "3 others");
  EXPECT_EQ(found[2].points[1].value, 60);
}

}  // namespace
}  // namespace drover::report
