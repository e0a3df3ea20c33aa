// Something that is looked at once a second while a run goes on.
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.h"
#include "loadtest/report/run_record.h"

namespace drover::watch {

using Deadline = std::chrono::steady_clock::time_point;

// One value: which series it belongs to.
struct Reading {
  report::Watched watched = report::Watched::kProcess;
  std::string name;
  std::string metric;
  std::string source;
  double value = 0;
};

// Called on a thread of its own, one call at a time. It may block until the deadline and no longer;
// what it cannot tell then it leaves out, which shows as a gap.
class Sampler {
 public:
  virtual ~Sampler() = default;
  virtual std::vector<Reading> Sample(Deadline deadline) = 0;
};

}  // namespace drover::watch
