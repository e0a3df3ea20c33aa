// Sequence and Atomic. Spec: OMA-TS-DM_RepPro-V1_2, "Atomic", "Sequence"; OMA-TS-DM_Protocol-V1_2,
// "Response status codes".
#include <algorithm>
#include <utility>

#include "loadtest/terminal/exchange.h"

namespace drover::terminal {
namespace {

using syncml::CommandKind;

constexpr int kOk = 200;
constexpr int kNotExecuted = 215;
constexpr int kRolledBack = 216;
constexpr int kNotSupported = 406;
constexpr int kCommandFailed = 500;
constexpr int kAtomicFailed = 507;
constexpr int kRollbackFailed = 516;
constexpr int kResponseTooLarge = 517;

bool IsAllowedInAtomic(CommandKind kind) {
  return kind == CommandKind::kAdd || kind == CommandKind::kReplace ||
         kind == CommandKind::kDelete || kind == CommandKind::kCopy || kind == CommandKind::kAlert;
}

bool Names(const syncml::Command& command, std::string_view uri) {
  return std::ranges::any_of(command.items, [uri](const syncml::Item& item) {
    return item.target && item.target->uri == uri;
  });
}

// Whether the child replaces what another one adds.
bool ReplacesAdded(const syncml::Command& child, const syncml::Command& other) {
  if (child.kind != CommandKind::kReplace || other.kind != CommandKind::kAdd) return false;
  return std::ranges::any_of(child.items, [&other](const syncml::Item& item) {
    return item.target && Names(other, item.target->uri);
  });
}

}  // namespace

// A child of an Atomic and what became of it.
struct Terminal::Exchange::Step {
  const syncml::Command* command;
  std::vector<ItemOutcome> outcomes;
  std::vector<Execution> executions;
  std::vector<std::string> data;  // Of a dialog.

  bool succeeded() const {
    return std::ranges::all_of(outcomes,
                               [](const ItemOutcome& each) { return TookEffect(each.code); });
  }
};

Terminal::Exchange::Flow Terminal::Exchange::ExecuteSequence(const syncml::Command& sequence) {
  if (depth_ > 0) terminal_.Fault("a Sequence inside another");
  EmitStatus(sequence, kOk);
  ++depth_;
  Flow flow = Flow::kGoOn;
  for (const syncml::Command& child : sequence.children) {
    if (flow == Flow::kGoOn) {
      flow = Execute(child);
    } else {
      Refuse(child, kNotExecuted);
    }
  }
  --depth_;
  const bool over = flow == Flow::kCancelled && spec_.quirks.Has(Quirk::kCancelEndsSession);
  return over ? flow : Flow::kGoOn;
}

Terminal::Exchange::Step Terminal::Exchange::RunStep(const syncml::Command& child,
                                                     const std::vector<Step>& before) {
  Step step{.command = &child, .outcomes = {}, .executions = {}, .data = {}};
  const auto is_replaced_again = [&child](const Step& each) {
    return ReplacesAdded(child, *each.command);
  };
  if (!IsAllowedInAtomic(child.kind)) {
    terminal_.Fault(std::string(child.name) + " inside an Atomic");
    step.outcomes = {{"", "", kCommandFailed}};
  } else if (child.kind == CommandKind::kAlert) {
    step.outcomes = {{"", "", ShowDialog(child, step.data)}};
  } else if (spec_.quirks.Has(Quirk::kNoAddReplaceInAtomic) &&
             std::ranges::any_of(before, is_replaced_again)) {
    step.outcomes = {{"", "", kCommandFailed}};
  } else {
    step.outcomes = RunItems(child, step.executions);
  }
  return step;
}

void Terminal::Exchange::RollBack(ManagementTree before, std::vector<Step>& steps) {
  if (spec_.quirks.Has(Quirk::kNoRollback)) return;
  const bool fails = spec_.quirks.Has(Quirk::kRollbackFails);
  const int code = fails ? kRollbackFailed : kRolledBack;
  if (!fails) terminal_.tree_ = std::move(before);
  for (Step& step : steps) {
    for (ItemOutcome& outcome : step.outcomes) {
      if (TookEffect(outcome.code)) outcome.code = code;
    }
    for (Execution& execution : step.executions) {
      if (TookEffect(execution.status)) execution.status = static_cast<uint16_t>(code);
    }
    step.data.clear();
  }
}

void Terminal::Exchange::ExecuteAtomic(const syncml::Command& atomic) {
  if (depth_ > 0) terminal_.Fault("an Atomic inside a Sequence");
  if (spec_.quirks.Has(Quirk::kNoAtomic)) return Refuse(atomic, kNotSupported);
  ManagementTree before = terminal_.tree_;
  std::vector<Step> steps;
  bool failed = false;
  ++depth_;
  for (const syncml::Command& child : atomic.children) {
    if (failed) {
      steps.push_back({&child, {{"", "", kNotExecuted}}, {}, {}});
      continue;
    }
    steps.push_back(RunStep(child, steps));
    failed = !steps.back().succeeded();
  }
  --depth_;
  int code = failed ? kAtomicFailed : kOk;
  if (!failed && !FitsOneMessage(atomic, steps)) code = kResponseTooLarge;
  if (code != kOk) RollBack(std::move(before), steps);
  EmitAtomic(atomic, code, steps);
  for (Step& step : steps) {
    for (Execution& execution : step.executions) terminal_.ledger_.Record(std::move(execution));
  }
}

void Terminal::Exchange::EmitAtomic(const syncml::Command& atomic, int code,
                                    const std::vector<Step>& steps) {
  if (!spec_.quirks.Has(Quirk::kNoAtomicStatus)) EmitStatus(atomic, code);
  for (const Step& step : steps) {
    EmitStatus(*step.command, step.outcomes, step.data);
    // A container among them failed as a whole; each command is to have its Status.
    for (const syncml::Command& inner : step.command->children) Refuse(inner, kNotExecuted);
  }
}

bool Terminal::Exchange::FitsOneMessage(const syncml::Command& atomic,
                                        const std::vector<Step>& steps) {
  const size_t limit = SendLimit();
  if (limit == 0) return true;
  std::unique_ptr<MessageBuilder> real = std::exchange(builder_, NewMessage(false));
  StatusOf header;
  header.msg_ref = message_->header.msg_id;
  header.cmd_ref = "0";
  header.cmd = "SyncHdr";
  builder_->Status(header, kOk);
  EmitAtomic(atomic, kOk, steps);
  const bool fits = builder_->Encode().size() <= limit;
  builder_ = std::move(real);
  return fits;
}

}  // namespace drover::terminal
