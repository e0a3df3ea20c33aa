// timeseries.csv: a line a second, for spreadsheets and scripts; and back, for `merge`.
//
// RFC 4180 with \n. Columns: those of kColumns, error_<kind> for each kind, then for each series
// process:<name>:<metric> or store:<name>:<metric>. An empty field is a gap.
#pragma once
#include <string>
#include <string_view>

#include "libs/base/result.h"
#include "loadtest/report/run_record.h"

namespace drover::report {

std::string TimeseriesCsv(const RunRecord& record);

// Fills seconds, error_kinds and series (their sources stay empty unless record has the series
// already). kInvalidArgument with the line if it is no such table.
Result<void> ReadTimeseries(std::string_view csv, RunRecord& record);

}  // namespace drover::report
