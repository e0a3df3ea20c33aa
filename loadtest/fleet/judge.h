// The two sides of every operation: what terminals executed, and what operations believes of it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadtest/fleet/plan.h"
#include "loadtest/terminal/ledger.h"

namespace drover::fleet {

// Enters executions into the counts of a terminal's ledger. What changed it and belongs to no
// command of its plan comes back, in words. Reading more than was asked changes nothing.
std::vector<std::string> Enter(const Plan& plan, const std::vector<terminal::Execution>& executions,
                               DoneCounts& done);

// What operations says of one command.
struct BelievedCommand {
  syncml::CommandKind kind = syncml::CommandKind::kUnknown;
  std::string_view uri;
  std::string_view data;
  uint32_t status = 0;                  // 0: none yet.
  std::optional<std::string> reported;  // Values of a Get, one after the other.
};
struct BelievedOperation {
  enum class End : uint8_t { kOpen, kUncertain, kSucceeded, kFailed };
  std::string_view label;  // As in the plan.
  End end = End::kOpen;    // kOpen: nothing of it has been sent. kUncertain: some may have been.
  std::string_view cause;
  std::vector<BelievedCommand> commands;
};

struct Difference {
  enum class Kind : uint8_t { kLost, kDoubled, kDifferent };
  Kind kind = Kind::kDifferent;
  std::string text;  // Without the terminal's name.
};
// The plan's operation against what is believed of it and what the terminal has done.
std::vector<Difference> Compare(const Plan& plan, DoneCounts done,
                                const BelievedOperation& believed);

}  // namespace drover::fleet
