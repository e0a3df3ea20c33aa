#include "libs/service/process_metrics.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include <sys/resource.h>
#include <unistd.h>

namespace drover::service {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily Family(std::string name, std::string help, MetricType type, double value) {
  ClientMetric metric;
  if (type == MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  return {std::move(name), std::move(help), type, {std::move(metric)}};
}

// Seconds since 1970 when the process started: its start after boot plus the time of the boot.
double StartTime() {
  std::ifstream stat("/proc/self/stat");
  std::string line;
  std::getline(stat, line);
  std::istringstream fields(line.substr(line.rfind(')') + 1));
  std::string skipped;
  for (int field = 3; field < 22; ++field) fields >> skipped;
  double ticks = 0;
  fields >> ticks;
  std::ifstream system("/proc/stat");
  double boot = 0;
  for (std::string key; system >> key;) {
    if (key == "btime") {
      system >> boot;
      break;
    }
  }
  return boot + ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double OpenFiles() {
  std::error_code error;
  double count = 0;
  for (std::filesystem::directory_iterator it("/proc/self/fd", error), end; it != end;
       it.increment(error)) {
    ++count;
  }
  return count - 1;  // Without the one that looked.
}

}  // namespace

std::string_view Version() { return DROVER_VERSION; }

std::vector<MetricFamily> ProcessMetrics::Collect() const {
  double pages_virtual = 0;
  double pages_resident = 0;
  std::ifstream("/proc/self/statm") >> pages_virtual >> pages_resident;
  const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  static const double kStarted = StartTime();
  MetricFamily build =
      Family("drover_build_info", "Always 1; the labels say what runs.", MetricType::Gauge, 1);
  build.metric[0].label = {{"service", service_}, {"version", std::string(Version())}};
  return {
      Family("process_cpu_seconds_total", "CPU time, user and system.", MetricType::Counter,
             CpuSeconds()),
      Family("process_resident_memory_bytes", "Resident memory.", MetricType::Gauge,
             pages_resident * page),
      Family("process_virtual_memory_bytes", "Virtual memory.", MetricType::Gauge,
             pages_virtual * page),
      Family("process_open_fds", "Open file descriptors.", MetricType::Gauge, OpenFiles()),
      Family("process_max_fds", "How many there may be.", MetricType::Gauge,
             static_cast<double>(files.rlim_cur)),
      Family("process_start_time_seconds", "When the process started, seconds since 1970.",
             MetricType::Gauge, kStarted),
      std::move(build),
  };
}

}  // namespace drover::service
