// Why an operation can never be carried out on this terminal: said before anything of it is sent.
#include "services/session/core/exchange.h"
#include "services/session/core/verification.h"

namespace drover::session {
namespace {

constexpr size_t kAround = 1024;  // Header and statuses of a message.

size_t Characters(std::string_view text) {
  size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  return count;
}

}  // namespace

std::string Exchange::WhyTooLarge(const CommandSpec& command) const {
  const size_t limit = MessageLimit();
  const size_t size = Measure(command);
  if (size + kAround <= limit || size + kAround <= 4 * kAround) return {};
  std::string sizes = "a command for " + command.target + " takes " + std::to_string(size) +
                      " octets, and the terminal accepts messages of " + std::to_string(limit);
  if (!MayBeSplit(command)) return sizes;
  if (LargeObjects() == Support::kNo) {
    return sizes + "; it takes no large objects (./DevDetail/LrgObj)";
  }
  const Reply scratch(request_.encoding, request_.message.version, session_.traits.binary_as_b64);
  const size_t object = scratch.TransferOf(command).octets.size();
  uint64_t most = session_.peer_max_obj_size;
  const uint64_t trait = session_.traits.max_obj_size;
  if (trait != 0 && (most == 0 || trait < most)) most = trait;
  if (most == 0 || object <= most) return {};
  return "the object for " + command.target + " has " + std::to_string(object) +
         " octets, and the terminal accepts objects of " + std::to_string(most);
}

std::string Exchange::WhyNotSecret(const CommandSpec& command) const {
  if (command.secret == Secret::kNone || !stored_.account) return {};
  const Account& account = *stored_.account;
  const bool client = command.secret == Secret::kNextPassword;
  if (!(client ? account.next_password : account.next_server_password).empty()) return {};
  return "no rotation of the terminal's " + std::string(client ? "" : "server ") +
         "password is pending: prepare one, then submit again";
}

std::string Exchange::WhyNotAtomic(const Assignment& assignment, const Step& step) const {
  if (session_.traits.atomic == Support::kNo) {
    return "the terminal does not carry out Atomic (profile of its model)";
  }
  size_t size = kAround;
  for (uint32_t k = step.begin; k < step.end; ++k) size += Measure(assignment.commands[k]);
  if (size > MessageLimit() && size > 4 * kAround) {
    return "an Atomic has to fit into one message: it takes " + std::to_string(size) +
           " octets, and the terminal accepts messages of " + std::to_string(MessageLimit());
  }
  if (!session_.traits.no_add_replace_in_atomic) return {};
  for (uint32_t a = step.begin; a < step.end; ++a) {
    for (uint32_t b = step.begin; b < step.end; ++b) {
      const CommandSpec& add = assignment.commands[a];
      const CommandSpec& replace = assignment.commands[b];
      const bool both = add.verb == Verb::kAdd && replace.verb == Verb::kReplace;
      if (both && add.target == replace.target) {
        return "the terminal does not take an Add and a Replace of " + add.target +
               " in one Atomic (profile of its model)";
      }
    }
  }
  return {};
}

std::string Exchange::WhyImpossible(const Assignment& assignment) const {
  const Traits& traits = session_.traits;
  const std::vector<CommandSpec>& commands = assignment.commands;
  if (commands.empty()) return "the operation has no commands";
  for (uint32_t k = 0; k < commands.size(); ++k) {
    const CommandSpec& command = commands[k];
    const bool untold = command.verb == Verb::kExec && ReadBackUris(command).empty();
    if (assignment.uncertain && untold) {
      return "a session broke after Exec " + command.target +
             " was sent, and no node tells whether it was carried out";
    }
    if (command.verb == Verb::kCopy && traits.copy == Support::kNo) {
      return "the terminal does not carry out Copy (profile of its model)";
    }
    if (command.prompt && traits.prompts == Support::kNo) {
      return "the terminal shows its user nothing (profile of its model)";
    }
    const size_t shown = command.prompt ? Characters(command.prompt->text) : 0;
    if (traits.prompt_text_limit != 0 && shown > traits.prompt_text_limit) {
      return "the prompt has " + std::to_string(shown) + " characters, and the terminal shows " +
             std::to_string(traits.prompt_text_limit);
    }
    std::string why = assignment.uncertain ? "" : WhyNotSecret(command);
    if (why.empty()) why = WhyTooLarge(command);
    const Step step = StepAt(commands, k);
    const bool atomic = step.kind == Step::Kind::kAtomic && step.begin == k;
    if (why.empty() && atomic) why = WhyNotAtomic(assignment, step);
    if (!why.empty()) return why;
  }
  return {};
}

}  // namespace drover::session
