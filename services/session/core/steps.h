// What of an operation may travel in one message: its commands fall into steps.
//
// A step is a run of plain commands (in one Sequence, or in as many messages as their sizes take),
// an Atomic, or one prompt. The next step is sent once the one before is over; outside Sequence and
// Atomic a terminal may carry out commands in any order. Spec: OMA-TS-DM_RepPro-V1_2, "Sequence",
// "Atomic".
#pragma once
#include <cstdint>
#include <optional>

#include "services/session/core/state.h"

namespace drover::session {

struct Step {
  enum class Kind : uint8_t { kPlain, kAtomic, kPrompt };
  Kind kind = Kind::kPlain;
  uint32_t begin = 0;
  uint32_t end = 0;  // Behind its last command.
};

// The step that command `index` belongs to.
Step StepAt(const std::vector<CommandSpec>& commands, uint32_t index);

// The first command without a result; nullopt: all have one.
std::optional<uint32_t> NextCommand(const HeldOperation& held);
bool HasResult(const HeldOperation& held, uint32_t command);

// Whether a status says that the command was carried out: 2xx, but not 213 (a piece is kept), 214
// (cancelled), 215 (not executed) or 216 (undone).
bool IsDone(uint32_t status);

// A step that failed ends its operation: commands behind a prompt that was not answered with yes,
// or behind an Atomic that was not carried out, get 215 (not executed).
void EndIfRefused(HeldOperation& held);

// Whether sending the command can have changed something.
bool Modifies(const CommandSpec& command);

// Whether something was sent in the session for its operation `index` that can have changed the
// terminal.
bool MayHaveChanged(const SessionState& session, uint32_t index);

}  // namespace drover::session
