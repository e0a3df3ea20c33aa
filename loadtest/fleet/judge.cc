#include "loadtest/fleet/judge.h"

namespace drover::fleet {
namespace {

using syncml::CommandKind;
using terminal::DigestOf;
using terminal::Execution;
using End = BelievedOperation::End;

bool Fits(const PlannedCommand& command, const Execution& execution) {
  if (command.kind != execution.kind || command.uri != execution.uri) return false;
  const bool get = command.kind == CommandKind::kGet;
  return execution.digest == DigestOf(get ? command.expected : command.data);
}

bool EnterOne(const Plan& plan, const Execution& execution, DoneCounts& done) {
  size_t number = 0;
  for (const PlannedOperation& operation : plan) {
    for (const PlannedCommand& command : operation.commands) {
      if (Fits(command, execution)) {
        done.Add(number);
        return true;
      }
      ++number;
    }
  }
  return false;
}

std::string What(const BelievedOperation& believed, const BelievedCommand& command) {
  return std::string(believed.label) + ": " + std::string(syncml::Name(command.kind)) + " " +
         std::string(command.uri);
}

class OperationComparison {
 public:
  explicit OperationComparison(const BelievedOperation& believed) : believed_(believed) {}

  void Check(const PlannedCommand& planned, const BelievedCommand& command, uint32_t times) {
    if (command.kind != planned.kind || command.uri != planned.uri ||
        command.data != planned.data) {
      return Differ(Difference::Kind::kDifferent, command, "is not what was submitted");
    }
    const bool get = command.kind == CommandKind::kGet;
    const bool done = terminal::TookEffect(static_cast<int>(command.status));
    if (times > 1 && !get) {
      Differ(Difference::Kind::kDoubled, command,
             "was executed " + std::to_string(times) + " times");
    }
    if (done && times == 0) {
      Differ(Difference::Kind::kLost, command, "is done for operations, and was never executed");
    }
    if (!done && times > 0 && !get) CheckUnknown(command);
    if (!done && believed_.end == End::kSucceeded) {
      Differ(Difference::Kind::kDifferent, command,
             "has status " + std::to_string(command.status) + " in an operation that succeeded");
    }
    if (get && done && command.reported && *command.reported != planned.expected) {
      Differ(Difference::Kind::kDifferent, command, "reported another value");
    }
  }

  std::vector<Difference> Take() { return std::move(differences_); }

 private:
  void CheckUnknown(const BelievedCommand& command) {
    if (believed_.end == End::kUncertain || believed_.end == End::kSucceeded) return;
    // A session broke behind it, and nothing tells what became of it: that is said, and true.
    if (believed_.end == End::kFailed && command.status == 0) return;
    const std::string now = believed_.end == End::kOpen
                                ? "nothing of the operation has been sent"
                                : "the operation failed: " + std::string(believed_.cause);
    Differ(Difference::Kind::kDifferent, command, "was executed, but for operations " + now);
  }
  void Differ(Difference::Kind kind, const BelievedCommand& command, const std::string& what) {
    differences_.push_back({kind, What(believed_, command) + " " + what});
  }

  const BelievedOperation& believed_;
  std::vector<Difference> differences_;
};

}  // namespace

std::vector<std::string> Enter(const Plan& plan, const std::vector<Execution>& executions,
                               DoneCounts& done) {
  std::vector<std::string> foreign;
  for (const Execution& execution : executions) {
    if (!terminal::TookEffect(execution.status)) continue;
    if (EnterOne(plan, execution, done) || execution.kind == CommandKind::kGet) continue;
    foreign.push_back(std::string(syncml::Name(execution.kind)) + " " + execution.uri +
                      " was executed, but belongs to no operation");
  }
  return foreign;
}

std::vector<Difference> Compare(const Plan& plan, DoneCounts done,
                                const BelievedOperation& believed) {
  size_t number = 0;
  for (const PlannedOperation& planned : plan) {
    if (planned.label != believed.label) {
      number += planned.commands.size();
      continue;
    }
    if (planned.commands.size() != believed.commands.size()) break;
    OperationComparison comparison(believed);
    for (size_t i = 0; i < planned.commands.size(); ++i) {
      comparison.Check(planned.commands[i], believed.commands[i], done.Of(number + i));
    }
    return comparison.Take();
  }
  return {{Difference::Kind::kDifferent,
           std::string(believed.label) + ": an operation that was not submitted"}};
}

}  // namespace drover::fleet
