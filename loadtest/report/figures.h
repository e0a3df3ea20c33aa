// The figures of a run that two runs are compared by, each with how far it can be trusted.
#pragma once
#include <string>
#include <vector>

#include "loadtest/report/run_record.h"

namespace drover::report {

struct Figure {
  std::string name;  // "rate", "p99", "cpu_total", "cpu_session-1"; stable.
  double value = 0;
  std::string unit;    // "sessions/s", "ms", "us/session", "percent", "bytes", "bytes/session"
  std::string better;  // "higher" or "lower"; empty: neither.
  double spread_percent = 0;  // Standard error of the value, from blocks of the run; 0: unknown.
};

std::vector<Figure> FiguresOf(const RunRecord& record);

}  // namespace drover::report
