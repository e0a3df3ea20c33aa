#include <filesystem>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "loadtest/report/final_table.h"
#include "loadtest/report/hdr_text.h"
#include "loadtest/report/numbers.h"
#include "loadtest/report/report_files.h"
#include "loadtest/report/testing/sample_run.h"
#include "loadtest/report/timeseries_csv.h"
#include "loadtest/report/usage.h"

namespace drover::report {
namespace {

using ::testing::HasSubstr;
using testing::SampleRun;

TEST(Numbers, ReadWellAtEverySize) {
  EXPECT_EQ(Count(1'234'567), "1,234,567");
  EXPECT_EQ(Count(999), "999");
  EXPECT_EQ(Significant(12345.6), "12,346");
  EXPECT_EQ(Significant(0.01234), "0.0123");
  EXPECT_EQ(Significant(-1234), "-1,234");
  EXPECT_EQ(Milliseconds(1520), "1.52 s");
  EXPECT_EQ(Bytes(1536), "1.50 KiB");
  EXPECT_EQ(Percent(0.0123), "1.23 %");
  EXPECT_EQ(Span(372), "6 min 12 s");
  EXPECT_EQ(Span(7500), "2 h 05 min");
  EXPECT_EQ(Plain(1'795'000'000.123), "1795000000.123");
  EXPECT_EQ(Plain(0.001), "0.001");
}

TEST(SummaryJson, ComesBackAsItWas) {
  RunRecord run = SampleRun(1);
  run.generators = {run.generator};
  run.ledgers.first_differences = {"terminal 7: not executed"};
  const std::string text = SummaryJson(run, JudgeRun(run, {}));
  const auto back = ReadSummary(text);
  ASSERT_TRUE(back) << back.error();
  RunRecord whole = *back;
  ASSERT_TRUE(ReadTimeseries(TimeseriesCsv(run), whole));
  ASSERT_TRUE(ReadHistograms(HistogramsJson(run), whole));
  // Samples come back at whole seconds: what is derived of them comes near.
  auto first = nlohmann::json::parse(text);
  auto second = nlohmann::json::parse(SummaryJson(whole, JudgeRun(whole, {})));
  for (size_t i = 0; i < first["processes"].size(); ++i) {
    const double cpu = first["processes"][i]["cpu_seconds"];
    EXPECT_NEAR(second["processes"][i]["cpu_seconds"].get<double>(), cpu, cpu / 20);
  }
  for (const char* derived : {"processes", "stores", "figures"}) {
    EXPECT_EQ(first[derived].size(), second[derived].size());
    first.erase(derived);
    second.erase(derived);
  }
  EXPECT_EQ(first, second);
}

TEST(SummaryJson, HasStableNames) {
  const RunRecord run = SampleRun(1);
  const auto json = nlohmann::json::parse(SummaryJson(run, JudgeRun(run, {})));
  EXPECT_EQ(json["schema_version"], 2);
  EXPECT_EQ(json["passed"], true);
  EXPECT_EQ(json["sessions"]["good"], run.totals.good);
  EXPECT_EQ(json["latency_ms"]["session"]["count"], run.session_latency.count());
  EXPECT_TRUE(json["latency_ms"]["exchange_2"].contains("p99_9"));
  EXPECT_EQ(json["ledgers"]["lost"], 0);
  EXPECT_EQ(json["generator"]["was_the_limit"], false);
  EXPECT_EQ(json["start_time"], "2026-11-18T11:06:40.000Z");
}

TEST(ReadSummary, SaysWhatIsWrong) {
  EXPECT_THAT(ReadSummary("[1]").error().message, HasSubstr("not a JSON object"));
  EXPECT_THAT(ReadSummary("{}").error().message, HasSubstr("schema_version is missing"));
  EXPECT_THAT(ReadSummary(R"({"schema_version":9})").error().message, HasSubstr("use a newer one"));
  EXPECT_THAT(ReadSummary(R"({"schema_version":1,"seed":"x"})").error().message,
              HasSubstr("damaged"));
  EXPECT_FALSE(ReadHeadline(R"({"schema_version":1,"figures":[{"name":7}]})"));
}

TEST(TimeseriesCsv, HasAColumnForEachErrorAndSeries) {
  RunRecord run = SampleRun(1, 3, 5);
  run.error_kinds[1] = "odd, \"kind\"";
  const std::string csv = TimeseriesCsv(run);
  std::istringstream lines(csv);
  std::string header;
  std::getline(lines, header);
  EXPECT_THAT(header, HasSubstr("unix_s,time_s,active_terminals,due,started,late_starts,good"));
  EXPECT_THAT(header, HasSubstr("error_timeout,\"error_odd, \"\"kind\"\"\",error_503,"));
  EXPECT_THAT(header, HasSubstr("process:session-1:cpu_seconds"));
  EXPECT_THAT(header, HasSubstr("store:postgres tree.nodes:bytes"));
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 4);
}

TEST(TimeseriesCsv, ComesBackWithItsGaps) {
  const RunRecord run = SampleRun(1);
  RunRecord back;
  ASSERT_TRUE(ReadTimeseries(TimeseriesCsv(run), back));
  EXPECT_EQ(TimeseriesCsv(back).substr(30), TimeseriesCsv(back).substr(30));
  ASSERT_EQ(back.seconds.size(), run.seconds.size());
  EXPECT_EQ(back.seconds[40].errors, run.seconds[40].errors);
  EXPECT_NEAR(back.seconds[7].session.p99, run.seconds[7].session.p99, 0.001);
  ASSERT_EQ(back.series.size(), run.series.size());
  const auto redis = std::find_if(back.series.begin(), back.series.end(), [](const Series& one) {
    return one.name == "redis" && one.metric == "keys";
  });
  ASSERT_NE(redis, back.series.end());
  EXPECT_EQ(redis->points.size(), run.seconds.size() - 5);
}

TEST(TimeseriesCsv, RefusesALineThatIsTooShort) {
  RunRecord run;
  EXPECT_FALSE(ReadTimeseries("a,b\n", run));
  const auto read = ReadTimeseries("unix_s,time_s\n1,2\n3\n", run);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("line 3 has 1 fields, the header 2"));
}

TEST(HdrText, IsWhatPlottersRead) {
  Histogram histogram;
  for (uint64_t us = 1; us <= 10'000; ++us) histogram.RecordUs(us);
  const std::string text = HdrText(histogram);
  EXPECT_THAT(text, HasSubstr("       Value     Percentile TotalCount 1/(1-Percentile)\n\n"));
  EXPECT_THAT(text, HasSubstr("       5.003 0.500000000000       5003           2.00\n"));
  EXPECT_THAT(text, HasSubstr("      10.000 1.000000000000      10000\n#[Mean    ="));
  EXPECT_THAT(text, HasSubstr("#[Max     =       10.000, Total count    =        10000]\n"));
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  std::getline(lines, line);
  double last = 0;
  while (std::getline(lines, line) && line[0] != '#') {
    const double percentile = std::stod(line.substr(13));
    EXPECT_GE(percentile, last);
    last = percentile;
  }
  EXPECT_EQ(last, 1);
}

TEST(HdrText, OfNothingIsAFrame) { EXPECT_THAT(HdrText(Histogram()), HasSubstr("#[Max")); }

TEST(Usage, CountsACounterThroughItsRestart) {
  const std::vector<Point> counter{{0, 10}, {1, 12}, {2, 1}, {3, 3}};
  EXPECT_DOUBLE_EQ(Increase(counter, 0, 3), 5);
  EXPECT_DOUBLE_EQ(Increase(counter, 0.5, 1), 1);
  EXPECT_EQ(RateOf(counter)[1], (Point{2, 1}));
}

TEST(Usage, DividesByTheSessionsOfItsWindow) {
  const RunRecord run = SampleRun(1);
  for (const ProcessUse& use : ProcessesOf(run)) {
    if (use.name != "session-1") continue;
    EXPECT_NEAR(use.cpu_cores_mean, 0.34, 0.02);
    EXPECT_NEAR(use.cpu_us_per_session, 1700, 100);
  }
  EXPECT_EQ(ProcessesOf(run).size(), 8U);
}

TEST(FinalTable, SaysTheVerdictLast) {
  const RunRecord run = SampleRun(1);
  const std::string table = FinalTable(run, JudgeRun(run, *ParseThresholds("p99<1us")));
  EXPECT_TRUE(table.ends_with("FAILED\n"));
  EXPECT_THAT(table, HasSubstr("Threshold p99<1us was missed"));
  EXPECT_THAT(table, HasSubstr("100,000 terminals, open model, 200 sessions/s"));
  EXPECT_THAT(table, HasSubstr("no difference"));
}

TEST(WriteReport, IsReadBackFromItsFolder) {
  const std::string folder = ::testing::TempDir() + "/report/inner";
  std::filesystem::remove_all(folder);
  const RunRecord run = SampleRun(1);
  const auto written = WriteReport(folder, run, JudgeRun(run, {}));
  ASSERT_TRUE(written) << written.error();
  for (const char* name :
       {"summary.json", "histograms.json", "timeseries.csv", "latency.hdr", "report.html"}) {
    EXPECT_GT(std::filesystem::file_size(folder + "/" + name), 100U) << name;
  }
  const auto back = ReadReport(folder);
  ASSERT_TRUE(back) << back.error();
  EXPECT_EQ(back->session_latency, run.session_latency);
  EXPECT_EQ(back->seconds[3].session_buckets, run.seconds[3].session_buckets);
  EXPECT_TRUE(ReadHeadlineOf(folder));
  EXPECT_TRUE(ReadHeadlineOf(folder + "/summary.json"));
}

TEST(WriteReport, SaysWhatCannotBeWritten) {
  const RunRecord run;
  const auto written = WriteReport("/proc/none", run, JudgeRun(run, {}));
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, HasSubstr("/proc/none"));
  EXPECT_THAT(ReadReport("/proc").error().message, HasSubstr("no summary.json"));
}

}  // namespace
}  // namespace drover::report
