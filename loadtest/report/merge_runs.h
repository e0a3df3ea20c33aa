// The results of several generators that ran at the same time, as one.
#pragma once
#include <vector>

#include "libs/base/result.h"
#include "loadtest/report/run_record.h"

namespace drover::report {

// Histograms and counts are added; seconds are put together by the wall clock, and their quantiles
// come from the sum of their buckets (from the worst generator where one has none). Series that all
// watched (same name, metric and source) are taken once; ledgers and operations are added. The
// generators' clocks have to agree: runs that do not overlap are kInvalidArgument, as are an empty
// list and runs of different scenarios or models.
Result<RunRecord> MergeRuns(const std::vector<RunRecord>& runs);

}  // namespace drover::report
