// What goes into the answer: as much work as fits, in the order of the operations.
#include <algorithm>

#include "services/session/core/exchange.h"
#include "services/session/core/verification.h"

namespace drover::session {
namespace {

constexpr char kLargeObjectsNode[] = "./DevDetail/LrgObj";
constexpr size_t kGroup = 80;  // Octets of a Sequence or Atomic around commands, and of Final.

}  // namespace

size_t Exchange::MessageLimit() const {
  uint64_t limit = config_.max_msg_size;
  if (session_.peer_max_msg_size != 0) limit = std::min(limit, session_.peer_max_msg_size);
  if (session_.traits.max_msg_size != 0) limit = std::min(limit, session_.traits.max_msg_size);
  return limit;
}

size_t Exchange::Measure(const CommandSpec& command) const {
  const bool unfilled = command.secret != Secret::kNone && !command.data && stored_.account;
  if (unfilled) return Measure(Filled(command));
  constexpr size_t kRoomy = 16'384;  // Above it a bound will do; below, every octet counts.
  const bool b64 = session_.traits.binary_as_b64;
  const size_t bound = Reply::SizeBound(request_.encoding, command);
  if (bound + 2048 <= MessageLimit() && MessageLimit() >= kRoomy) return bound;
  Reply one(request_.encoding, request_.message.version, b64);
  const size_t empty = one.Encode().size();
  one.AddCommand(command, "00000000-0000-0000-0000-000000000000");
  return one.Encode().size() - empty + 4;  // CmdIDs may be longer.
}

Support Exchange::LargeObjects() const {
  const Support trait = session_.traits.large_objects;
  return trait == Support::kUnknown ? session_.large_objects : trait;
}

bool Exchange::MayBeSplit(const CommandSpec& command) const {
  const bool kind = command.verb == Verb::kAdd || command.verb == Verb::kReplace;
  return kind && command.data && command.atomic == 0;
}

// Secrets stand in the account, not in the operation.
CommandSpec Exchange::Filled(const CommandSpec& command) const {
  CommandSpec filled = command;
  if (command.secret == Secret::kNone || !stored_.account) return filled;
  const Account& account = *stored_.account;
  filled.data = command.secret == Secret::kNextPassword ? account.next_password
                                                        : account.next_server_password;
  return filled;
}

// DM 1.1 knows none (REP 1.2 brought it).
std::string_view Exchange::CorrelatorOf(const Assignment& assignment) const {
  const bool known = header_.ver_proto != "DM/1.1" && !session_.traits.no_correlator;
  return known ? std::string_view(assignment.correlator) : std::string_view();
}

// In the order of the operations, as many commands as fit into the terminal's message; at least
// one. What is no run of plain commands travels alone, so that nothing overtakes it.
Exchange::Plan Exchange::PlanCommands(const Reply& reply) {
  Plan plan;
  if (session_.operations.empty()) return plan;
  plan.used = reply.Encode().size() + kGroup;
  if (session_.outgoing) {
    plan.kind = Plan::Kind::kPiece;
    return plan;
  }
  bool reading = false;
  for (uint32_t i = 0; i < session_.operations.size(); ++i) {
    HeldOperation& held = session_.operations[i];
    if (held.assignment.uncertain && PlanReadBack(i, plan)) {
      if (plan.full) return plan;
      reading = true;
      continue;
    }
    held.assignment.uncertain = false;  // Nothing that could be read back.
    if (reading) return plan;
    const std::optional<uint32_t> next = NextCommand(held);
    if (!next) continue;
    const Step step = StepAt(held.assignment.commands, *next);
    if (!PlanStep(i, step, plan) || step.end < held.assignment.commands.size()) return plan;
  }
  return plan;
}

// As far as it fits; what was read already is in session_.sent. False: there is nothing to read.
bool Exchange::PlanReadBack(uint32_t operation, Plan& plan) {
  const HeldOperation& held = session_.operations[operation];
  auto read =
      std::count_if(session_.sent.begin(), session_.sent.end(), [&](const SentCommand& sent) {
        return sent.role == SentCommand::Role::kVerify && sent.operation == operation;
      });
  bool any = read > 0;
  for (uint32_t k = 0; k < held.assignment.commands.size(); ++k) {
    if (HasResult(held, k)) continue;
    for (const std::string& uri : ReadBackUris(held.assignment.commands[k])) {
      any = true;
      if (read-- > 0) continue;
      plan.full = plan.used + 200 + uri.size() > MessageLimit() && !plan.commands.empty();
      if (plan.full) return true;
      plan.commands.push_back({operation, k, read_back_uris_.emplace_back(uri)});
      plan.used += 200 + uri.size();
    }
  }
  return any;
}

// False: nothing more may go into this message.
bool Exchange::PlanStep(uint32_t operation, const Step& step, Plan& plan) {
  if (step.kind == Step::Kind::kPlain) return PlanPlain(operation, step, plan);
  if (!plan.commands.empty()) return false;
  const std::vector<CommandSpec>& commands = session_.operations[operation].assignment.commands;
  size_t used = plan.used;
  for (uint32_t k = step.begin; k < step.end; ++k) used += Measure(commands[k]);
  // It fits once the many statuses of this message are out of the way.
  plan.full = used > MessageLimit() && !replies_.empty();
  if (plan.full) return false;
  plan.kind = step.kind == Step::Kind::kAtomic ? Plan::Kind::kAtomic : Plan::Kind::kPrompt;
  for (uint32_t k = step.begin; k < step.end; ++k) plan.commands.push_back({operation, k, {}});
  return false;
}

bool Exchange::PlanPlain(uint32_t operation, const Step& step, Plan& plan) {
  const HeldOperation& held = session_.operations[operation];
  const size_t limit = MessageLimit();
  for (uint32_t k = step.begin; k < step.end; ++k) {
    if (HasResult(held, k)) continue;
    const CommandSpec& command = held.assignment.commands[k];
    const size_t used = plan.used + Measure(command);
    const bool alone = session_.traits.sequence == Support::kNo && Modifies(command);
    if ((used > limit || alone) && !plan.commands.empty()) return false;
    if (used > limit && MayBeSplit(command) && LargeObjects() != Support::kNo) {
      const bool known = LargeObjects() == Support::kYes;
      plan.kind = known ? Plan::Kind::kPiece : Plan::Kind::kProbe;
      return false;
    }
    plan.used = used;
    plan.commands.push_back({operation, k, {}});
    if (alone) return false;
  }
  return true;
}

void Exchange::Send(Reply& reply, const Plan& plan) {
  switch (plan.kind) {
    case Plan::Kind::kPiece:
      return SendPiece(reply);
    case Plan::Kind::kProbe:
      SendProbe(reply);
      break;
    default:
      SendCommands(reply, plan);
  }
  reply.SetFinal();
}

// Whether it takes large objects has not been said yet.
void Exchange::SendProbe(Reply& reply) {
  SentCommand sent;
  sent.role = SentCommand::Role::kProbe;
  sent.msg_id = session_.server_msg_id + 1;
  sent.cmd_id = reply.AddGet(kLargeObjectsNode);
  session_.sent.push_back(std::move(sent));
  ++session_.commands;
}

// Order-dependent work is wrapped in a Sequence: outside of one a terminal may reorder (REP,
// "Sequence").
void Exchange::SendCommands(Reply& reply, const Plan& plan) {
  using Role = SentCommand::Role;
  bool modifies = false;
  for (const Planned& planned : plan.commands) {
    const CommandSpec& command =
        session_.operations[planned.operation].assignment.commands[planned.command];
    modifies = modifies || (planned.read_back.empty() && Modifies(command));
    if (command.prompt)
      session_.patience += std::chrono::seconds(command.prompt->max_display_s + 60);
  }
  const uint32_t msg_id = session_.server_msg_id + 1;
  const bool atomic = plan.kind == Plan::Kind::kAtomic;
  if (atomic || (modifies && plan.commands.size() > 1)) {
    const auto kind = atomic ? syncml::CommandKind::kAtomic : syncml::CommandKind::kSequence;
    const Role role = atomic ? Role::kAtomic : Role::kSequence;
    session_.sent.push_back({role, msg_id, reply.OpenGroup(kind), 0, 0, 0, {}});
  }
  for (const Planned& planned : plan.commands) {
    const Assignment& assignment = session_.operations[planned.operation].assignment;
    const CommandSpec& command = assignment.commands[planned.command];
    const bool read = !planned.read_back.empty();
    const bool secret = command.secret != Secret::kNone;
    session_.response_is_secret = session_.response_is_secret || secret;
    const uint32_t cmd_id = read     ? reply.AddGet(planned.read_back)
                            : secret ? reply.AddCommand(Filled(command), {})
                                     : reply.AddCommand(command, CorrelatorOf(assignment));
    session_.sent.push_back({read ? Role::kVerify : Role::kCommand,
                             msg_id,
                             cmd_id,
                             planned.operation,
                             planned.command,
                             0,
                             {}});
  }
  session_.commands += static_cast<uint32_t>(plan.commands.size());
}

}  // namespace drover::session
