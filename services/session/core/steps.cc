#include "services/session/core/steps.h"

#include <algorithm>

namespace drover::session {
namespace {

constexpr uint32_t kNotExecuted = 215;

bool Continues(const CommandSpec& first, const CommandSpec& next) {
  if (first.verb == Verb::kPrompt && first.atomic == 0) return false;
  if (first.atomic != next.atomic) return false;
  return first.atomic != 0 || next.verb != Verb::kPrompt;
}

}  // namespace

Step StepAt(const std::vector<CommandSpec>& commands, uint32_t index) {
  Step step;
  const CommandSpec& first = commands[index];
  if (first.atomic != 0) {
    step.kind = Step::Kind::kAtomic;
  } else if (first.verb == Verb::kPrompt) {
    step.kind = Step::Kind::kPrompt;
  }
  step.begin = index;
  while (step.begin > 0 && Continues(commands[step.begin - 1], first)) --step.begin;
  step.end = index + 1;
  while (step.end < commands.size() && Continues(first, commands[step.end])) ++step.end;
  return step;
}

bool HasResult(const HeldOperation& held, uint32_t command) {
  return std::any_of(held.results.begin(), held.results.end(),
                     [&](const CommandResult& result) { return result.index == command; });
}

std::optional<uint32_t> NextCommand(const HeldOperation& held) {
  for (uint32_t k = 0; k < held.assignment.commands.size(); ++k) {
    if (!HasResult(held, k)) return k;
  }
  return std::nullopt;
}

bool IsDone(uint32_t status) {
  return status >= 200 && status < 300 && (status < 213 || status > 216);
}

void EndIfRefused(HeldOperation& held) {
  const std::vector<CommandSpec>& commands = held.assignment.commands;
  uint32_t refused_before = 0;  // Every command before this one is behind a refusal, or is one.
  bool refused = false;
  for (const CommandResult& result : held.results) {
    const CommandSpec& command = commands[result.index];
    const bool gate = command.verb == Verb::kPrompt || command.atomic != 0;
    if (!gate || IsDone(result.status)) continue;
    refused_before = refused ? std::min(refused_before, result.index) : result.index;
    refused = true;
  }
  if (!refused) return;
  for (uint32_t k = refused_before; k < commands.size(); ++k) {
    if (HasResult(held, k)) continue;
    CommandResult result;
    result.index = k;
    result.status = kNotExecuted;
    held.results.push_back(std::move(result));
  }
}

bool Modifies(const CommandSpec& command) {
  return command.verb != Verb::kGet && command.verb != Verb::kPrompt;
}

bool MayHaveChanged(const SessionState& session, uint32_t index) {
  const HeldOperation& held = session.operations[index];
  const auto modifies = [&](uint32_t k) { return Modifies(held.assignment.commands[k]); };
  for (const CommandResult& result : held.results) {
    // What was read back as done was sent by an older session.
    if ((!result.cmd_id.empty() || result.verified) && modifies(result.index)) return true;
  }
  // Pieces of a large object change nothing before the last one is there.
  for (const SentCommand& sent : session.sent) {
    const bool command = sent.role == SentCommand::Role::kCommand;
    if (command && sent.operation == index && modifies(sent.command)) return true;
  }
  return false;
}

}  // namespace drover::session
