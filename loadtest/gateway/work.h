// What a gateway does about a response, in which order, and the book of what all of them did.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/clock.h"
#include "libs/gateway/message.h"

namespace drover::gwsim {

enum class StepKind : uint8_t { kParams, kFile, kReboot };
std::string_view Name(StepKind kind);  // "config", "file", "reboot"

struct WorkStep {
  StepKind kind = StepKind::kReboot;
  const gateway::File* file = nullptr;  // Of kFile: in the response.
};
// Parameters, then files in their order, then the reboot, which a version file brings by itself.
// None unless the status is success. The steps view the response.
std::vector<WorkStep> StepsOf(const gateway::Response& response);

// Equal for responses that ask for the same, whatever their headers say.
uint64_t ContentHash(const gateway::Response& response);

// One step that a gateway has done, or failed to do.
struct Execution {
  uint64_t number = 0;  // 1, 2, 3 ..
  uint32_t gateway = 0;
  StepKind kind = StepKind::kReboot;
  bool good = true;
  std::string what;   // A file's name, a version, a count of parameters; or why it failed.
  std::string msgid;  // Of the response.
  TimePoint at;
};

struct WorkCounts {
  uint64_t responses = 0;  // With work in them.
  uint64_t repeated = 0;   // That ask for the same as the one before, of the same gateway.
  uint64_t params = 0;     // Steps that were done.
  uint64_t files = 0;
  uint64_t reboots = 0;
  uint64_t failed = 0;   // Steps.
  uint64_t refused = 0;  // Reboots during a call.
  uint64_t file_octets = 0;
};

class WorkLedger {
 public:
  // keep: executions that are remembered; the oldest go first.
  explicit WorkLedger(size_t keep) : keep_(keep) {}

  void OnExecution(std::function<void(const Execution&)> told) { told_ = std::move(told); }
  void Add(Execution execution);
  uint64_t last_number() const { return last_; }
  // At most limit with numbers above after, in order. Those forgotten are left out.
  std::vector<const Execution*> After(uint64_t after, size_t limit) const;
  // Of one gateway, in order. Looks at all that are kept.
  std::vector<const Execution*> Of(uint32_t gateway) const;

  WorkCounts counts;

 private:
  size_t keep_;
  uint64_t last_ = 0;
  std::deque<Execution> kept_;
  std::function<void(const Execution&)> told_;
};

}  // namespace drover::gwsim
