// CPU time and memory of processes: from /proc by pid, or from what a process tells at /metrics.
#pragma once
#include "loadtest/watch/sampler.h"

namespace drover::watch {

struct ProcessTarget {
  std::string name;
  int pid = 0;      // 0: by url.
  std::string url;  // "http://10.0.0.7:9464/metrics"; plain HTTP.
};

// "session-1=4711", "session-1=http://10.0.0.7:9464/metrics". kInvalidArgument says what it must
// be.
Result<ProcessTarget> ParseTarget(std::string_view text);

// A process with its children (PostgreSQL has one for each connection): CPU time of all of them and
// of those that have ended; memory that they share is counted once.
std::unique_ptr<Sampler> SampleProcesses(std::vector<ProcessTarget> targets);
// process_cpu_seconds_total and process_resident_memory_bytes.
std::unique_ptr<Sampler> SampleMetrics(ProcessTarget target);

// The two values in a page of Prometheus' text format; a missing one is negative.
struct ProcessMetrics {
  double cpu_seconds = -1;
  double resident_bytes = -1;
};
ProcessMetrics ParseMetrics(std::string_view page);

// CPU seconds and memory now, from /proc. kNotFound: there is no such process.
Result<ProcessMetrics> ReadProcess(int pid);

}  // namespace drover::watch
