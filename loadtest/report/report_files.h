// A report as a folder: summary.json, histograms.json, timeseries.csv, latency.hdr, report.html.
#pragma once
#include <string>

#include "loadtest/report/summary_json.h"

namespace drover::report {

// Makes the folder where it is missing and writes each file whole (by another name first), the
// summary last. Errors say which file and why.
Result<void> WriteReport(const std::string& folder, const RunRecord& record,
                         const Verdict& verdict);

// A folder that WriteReport wrote, for merging. kNotFound: no summary there.
Result<RunRecord> ReadReport(const std::string& folder);

// The headline of a report's folder, or of a file that is a summary.json.
Result<Headline> ReadHeadlineOf(const std::string& path);

Result<std::string> ReadWhole(const std::string& path);

}  // namespace drover::report
