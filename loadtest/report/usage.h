// What processes and stores took in a run, from their samples.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "loadtest/report/run_record.h"

namespace drover::report {

// How the names of generators' own processes begin among the series: they are not part of what a
// session costs.
constexpr std::string_view kGenerator = "generator";

// When sessions ran: from the first that began to the last that ended.
struct Window {
  double begin_s = 0;
  double end_s = 0;
  uint64_t good = 0;  // Sessions ended well in it.
  double length_s() const { return end_s - begin_s; }
};
Window SessionWindow(const RunRecord& record);

// How much a counter grew between two times, read between its points; a restart begins at 0 again.
double Increase(const std::vector<Point>& counter, double begin_s, double end_s);
// The rate of a counter between each two of its points, at the later one.
std::vector<Point> RateOf(const std::vector<Point>& counter);

struct ProcessUse {
  std::string name;
  std::string source;
  double cpu_seconds = 0;  // In the window, as are the others.
  double cpu_cores_mean = 0;
  double cpu_cores_max = 0;
  double cpu_us_per_session = 0;  // 0 if no session ended well.
  double resident_bytes_start = 0;
  double resident_bytes_max = 0;
  double resident_bytes_end = 0;
};
std::vector<ProcessUse> ProcessesOf(const RunRecord& record);

struct StoreUse {
  std::string name;
  std::string metric;  // "bytes", "keys"
  double start = 0;    // Before the first session.
  double max = 0;
  double end = 0;
  double growth_per_session = 0;
};
std::vector<StoreUse> StoresOf(const RunRecord& record);

}  // namespace drover::report
