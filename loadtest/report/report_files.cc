#include "loadtest/report/report_files.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "loadtest/report/hdr_text.h"
#include "loadtest/report/report_html.h"
#include "loadtest/report/timeseries_csv.h"

namespace drover::report {
namespace {

namespace fs = std::filesystem;

Result<void> WriteWhole(const fs::path& path, const std::string& content) {
  const fs::path part = path.string() + ".part";
  std::ofstream file(part, std::ios::trunc | std::ios::binary);
  file << content;
  file.close();
  std::error_code error;
  if (file) fs::rename(part, path, error);
  if (!file || error) {
    fs::remove(part, error);
    return Unavailable("cannot write " + path.string() +
                       ": is there room, and may we write there?");
  }
  return {};
}

// What went wrong, and in which file.
Error In(const fs::path& path, const Error& error) {
  return {error.code, path.string() + ": " + error.message};
}

}  // namespace

Result<std::string> ReadWhole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return NotFound(path + " cannot be read");
  std::ostringstream content;
  content << file.rdbuf();
  return std::move(content).str();
}

Result<void> WriteReport(const std::string& folder, const RunRecord& record,
                         const Verdict& verdict) {
  const fs::path base(folder);
  std::error_code error;
  fs::create_directories(base, error);
  if (error) return Unavailable("cannot make " + folder + ": " + error.message());
  DROVER_TRY(WriteWhole(base / "timeseries.csv", TimeseriesCsv(record)));
  DROVER_TRY(WriteWhole(base / "histograms.json", HistogramsJson(record)));
  DROVER_TRY(WriteWhole(base / "latency.hdr", HdrText(record.session_latency)));
  DROVER_TRY(WriteWhole(base / "report.html", ReportHtml(record, verdict)));
  return WriteWhole(base / "summary.json", SummaryJson(record, verdict));
}

Result<RunRecord> ReadReport(const std::string& folder) {
  const fs::path base(folder);
  Result<std::string> summary = ReadWhole(base / "summary.json");
  if (!summary) {
    return NotFound(folder + " is no report: it has no summary.json (drover-load run --out " +
                    folder + " makes one)");
  }
  Result<RunRecord> record = ReadSummary(*summary);
  if (!record) return In(base / "summary.json", record.error());
  DROVER_TRY(const std::string csv, ReadWhole(base / "timeseries.csv"));
  if (const auto read = ReadTimeseries(csv, *record); !read) {
    return In(base / "timeseries.csv", read.error());
  }
  DROVER_TRY(const std::string histograms, ReadWhole(base / "histograms.json"));
  if (const auto read = ReadHistograms(histograms, *record); !read) {
    return In(base / "histograms.json", read.error());
  }
  return record;
}

Result<Headline> ReadHeadlineOf(const std::string& path) {
  std::error_code error;
  const fs::path file =
      fs::is_directory(path, error) ? fs::path(path) / "summary.json" : fs::path(path);
  DROVER_TRY(const std::string text, ReadWhole(file));
  Result<Headline> headline = ReadHeadline(text);
  if (!headline) return In(file, headline.error());
  return headline;
}

}  // namespace drover::report
