// The uncertain rule: what to read back before a command whose session broke may be sent again.
//
// docs/protocol.md, "Exactly once". Spec of the firmware states: OMA-TS-DM-FUMO-V1_0, "State".
#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "services/session/core/model.h"

namespace drover::session {

// URIs to Get; empty: nothing can tell, and nothing has to when the command is a Get.
std::vector<std::string> ReadBackUris(const CommandSpec& command);

// What one Get of ReadBackUris brought.
struct ReadBack {
  std::string uri;
  uint32_t status = 0;
  std::optional<Value> value;
};

enum class Happened : uint8_t { kYes, kNo, kUnknown };

// Whether the command was carried out. kYes of a firmware Exec means that it runs, or ended: its
// alert comes.
Happened Judge(const CommandSpec& command, const std::vector<ReadBack>& read);

// The same for an operation: an Atomic happened if all of its commands did, a prompt was answered
// if something behind it happened; what a later command wrote over happened too; an Exec behind
// what did not happen did not either, unless FUMO's State says that it runs. read: by command.
// written: targets that later operations have written, as far as that is known: what they wrote
// over does not show any more, and must not be written over it.
std::vector<Happened> JudgeAll(const std::vector<CommandSpec>& commands,
                               const std::vector<std::vector<ReadBack>>& read,
                               const std::set<std::string_view>& written = {});
// Whether the command writes its target: anything but Get, Exec, a prompt and a secret.
bool Writes(const CommandSpec& command);

// The status that a command found done would have been answered with: 202 for Exec, else 200.
uint32_t StatusIfDone(const CommandSpec& command);

}  // namespace drover::session
