// summary.json: what a run came to, for scripts; and back, for `compare` and `merge`.
//
// The names are stable (docs/load-report.md lists them); schema_version changes when one goes or
// changes its meaning, not when one is added.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "loadtest/report/figures.h"
#include "loadtest/report/verdict.h"

namespace drover::report {

constexpr int kSchemaVersion = 2;

std::string SummaryJson(const RunRecord& record, const Verdict& verdict);

// Everything that the summary says of the record: all but seconds, points of series, histograms.
// kInvalidArgument: no summary of drover-load, or of a later schema.
Result<RunRecord> ReadSummary(std::string_view json);

// What `compare` needs of it.
struct Headline {
  std::string scenario;
  std::string start_time;
  Model model = Model::kOpen;
  Scale scale;
  bool passed = false;
  std::vector<Figure> figures;
};
Result<Headline> ReadHeadline(std::string_view json);

// histograms.json: whole-session and exchange latencies, and the sessions' of each second.
std::string HistogramsJson(const RunRecord& record);
// Fills session_latency, exchange_latency and the seconds that are there already.
Result<void> ReadHistograms(std::string_view json, RunRecord& record);

}  // namespace drover::report
