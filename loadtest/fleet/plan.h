// What is to be done on one terminal, and what it leaves behind: the operations that are submitted
// for it, computed again whenever somebody asks instead of being kept.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "libs/syncml/message.h"
#include "loadtest/fleet/population.h"

namespace drover::fleet {

struct PlannedCommand {
  syncml::CommandKind kind = syncml::CommandKind::kGet;  // Get, Replace, Exec
  std::string uri;
  std::string data;      // Of a Replace.
  std::string expected;  // What a Get reports.
  // The leaf that it changes, without "./", and its value then. Empty: none, or more than that.
  std::string path;
  std::string value;
};

struct PlannedOperation {
  std::string_view label;  // "get", "replace", "exec", "large", "update": one of each at most.
  std::vector<PlannedCommand> commands;
};

// Commands of all of its operations, numbered through; at most kMaxCommands.
using Plan = std::vector<PlannedOperation>;
constexpr size_t kMaxCommands = 8;

// What a plan is made for.
struct Planned {
  const Population& population;
  Work work = Work::kPoll;
  uint64_t index = 0;
  std::string_view device_id;
  const terminal::Blueprint& blueprint;  // Of its model.
};
// kInvalidArgument: the terminal's model has no such node.
Result<Plan> PlanOf(const Planned& planned);
// How many operations such a plan has.
size_t OperationsOf(Work work);

// How often each command of a plan has taken effect: 4 bits each, which stay at 15.
class DoneCounts {
 public:
  constexpr DoneCounts() = default;
  explicit constexpr DoneCounts(uint32_t bits) : bits_(bits) {}
  constexpr uint32_t Of(size_t command) const { return bits_ >> (4 * command) & 15; }
  constexpr void Add(size_t command) {
    if (Of(command) < 15) bits_ += uint32_t{1} << (4 * command);
  }
  constexpr uint32_t bits() const { return bits_; }

 private:
  uint32_t bits_ = 0;
};

// The tree that is left when these have taken effect in the order of the plan, each as often as it
// is counted.
void ApplyDone(const Plan& plan, DoneCounts done, terminal::ManagementTree& tree);

}  // namespace drover::fleet
