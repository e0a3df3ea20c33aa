// What came of what was sent: results, read-backs, operations that are over, and what has to be
// carried out before the answer.
#include <algorithm>

#include "services/session/core/exchange.h"
#include "services/session/core/tree_report.h"
#include "services/session/core/verification.h"

namespace drover::session {
namespace {

constexpr uint32_t kServerRejections = 3;
constexpr uint32_t kNotExecuted = 215;
constexpr uint32_t kSizeMismatch = 424;
constexpr uint32_t kAtomicFailed = 507;

// A terminal may leave the statuses of children out; then the element around them tells.
uint32_t StatusOf(const SentCommand& sent, bool atomic, uint32_t group) {
  if (sent.status != 0) return sent.status;
  if (atomic && IsDone(group)) return group;
  if (atomic && group == kAtomicFailed) return kNotExecuted;
  return group >= 300 ? group : 0;
}

}  // namespace

// Whether the terminal has said all that it had to say to our last message (PRO 2.1.1). Some never
// send Final, so an answer to everything followed by a message without news will do; one sends
// Final always, so a piece of a large object with more to come outweighs it.
bool Exchange::PackageComplete() const {
  if (session_.incoming) return false;
  const bool piece =
      !session_.sent.empty() && session_.sent.front().role == SentCommand::Role::kChunk;
  if (piece || request_.message.final) return true;
  if (news_) return false;
  for (const SentCommand& sent : session_.sent) {
    const bool group =
        sent.role == SentCommand::Role::kSequence || sent.role == SentCommand::Role::kAtomic;
    if (!group && sent.status == 0) return false;
  }
  return true;
}

void Exchange::Settle() {
  package_complete_ = PackageComplete();
  if (server_rejected_) {
    session_.sent.clear();  // Nothing of it was executed; all of it goes out again.
    if (session_.server_rejections >= kServerRejections) abort_ = true;
  } else if (package_complete_) {
    Group group;
    for (const SentCommand& sent : session_.sent) {
      const bool atomic = sent.role == SentCommand::Role::kAtomic;
      if (atomic || sent.role == SentCommand::Role::kSequence) group = {atomic, sent.status};
    }
    for (const SentCommand& sent : session_.sent) SettleCommand(sent, group);
    for (uint32_t i = 0; i < session_.operations.size(); ++i) JudgeReadBack(i);
    for (HeldOperation& held : session_.operations) EndIfRefused(held);
    const bool probed =
        !session_.sent.empty() && session_.sent.front().role == SentCommand::Role::kProbe;
    session_.sent.clear();
    if (probed) EndWhatIsTooLarge();
    session_.patience = {};
  }
  if (piece_taken_) ++session_.pieces;
  if (session_.messages - session_.pieces >= config_.max_messages) abort_ = true;
  if (request_.now - session_.started_at > config_.max_duration) abort_ = true;
}

void Exchange::SettleCommand(const SentCommand& sent, const Group& group) {
  if (sent.role == SentCommand::Role::kChunk) return SettlePiece(sent);
  if (sent.role == SentCommand::Role::kProbe) {
    const bool yes = IsDone(sent.status) && !sent.values.empty() &&
                     (sent.values.front().data == "true" || sent.values.front().data == "1");
    session_.large_objects = yes ? Support::kYes : Support::kNo;
    return;
  }
  if (sent.role != SentCommand::Role::kCommand) return;
  if (session_.outgoing && no_end_of_data_ && RestartObject()) return;
  session_.outgoing.reset();
  HeldOperation& held = session_.operations[sent.operation];
  CommandResult result;
  result.index = sent.command;
  result.status = StatusOf(sent, group.atomic, group.status);
  if (sent.broken && sent.values.empty() && IsDone(result.status)) result.status = kSizeMismatch;
  result.values = sent.values;
  result.msg_id = std::to_string(sent.msg_id);
  result.cmd_id = std::to_string(sent.cmd_id);
  const CommandSpec& command = held.assignment.commands[sent.command];
  if (IsDone(result.status)) ReportToTree(command, sent.values, effects_->nodes, effects_->deleted);
  if (result.status == 214 && session_.traits.cancel_ends_session) session_.no_more_commands = true;
  held.results.push_back(std::move(result));
}

void Exchange::JudgeReadBack(uint32_t operation) {
  HeldOperation& held = session_.operations[operation];
  const std::vector<CommandSpec>& commands = held.assignment.commands;
  std::vector<std::vector<ReadBack>> read(commands.size());
  bool any = false;
  for (const SentCommand& sent : session_.sent) {
    if (sent.role != SentCommand::Role::kVerify || sent.operation != operation) continue;
    any = true;
    const std::vector<std::string> uris = ReadBackUris(commands[sent.command]);
    std::vector<ReadBack>& of_command = read[sent.command];
    ReadBack one{uris[of_command.size()], sent.status, std::nullopt};
    if (!sent.values.empty()) one.value = sent.values.front();
    of_command.push_back(std::move(one));
  }
  if (!any) return;
  held.assignment.uncertain = false;
  const std::vector<Happened> happened = JudgeAll(commands, read);
  for (uint32_t i = 0; i < commands.size(); ++i) {
    if (happened[i] == Happened::kNo || HasResult(held, i)) continue;
    CommandResult result;
    result.index = i;
    // What cannot be told is not repeated: status 0 ends the operation as failed, and says so.
    result.status = happened[i] == Happened::kYes ? StatusIfDone(commands[i]) : 0;
    result.verified = true;
    held.results.push_back(std::move(result));
  }
}

// The terminal turned out to take no large objects: an operation that needs one is refused, or
// fails there if some of it has been carried out.
void Exchange::EndWhatIsTooLarge() {
  constexpr uint32_t kTooLarge = 413;
  std::vector<HeldOperation> left;
  for (HeldOperation& held : session_.operations) {
    const std::optional<uint32_t> next = NextCommand(held);
    std::string why = next ? WhyTooLarge(held.assignment.commands[*next]) : "";
    if (!why.empty() && held.results.empty()) {
      effects_->reports.push_back(
          {held.assignment.operation, Disposition::kRefused, {}, std::move(why)});
      continue;
    }
    uint32_t status = kTooLarge;
    for (std::optional<uint32_t> k = next; k && !why.empty(); k = NextCommand(held)) {
      CommandResult result;
      result.index = *k;
      result.status = status;
      status = kNotExecuted;
      held.results.push_back(std::move(result));
    }
    left.push_back(std::move(held));
  }
  session_.operations = std::move(left);
}

// Operations whose commands are all over leave the session.
void Exchange::ReportFinished() {
  std::vector<HeldOperation> left;
  for (HeldOperation& held : session_.operations) {
    if (held.results.size() < held.assignment.commands.size()) {
      left.push_back(std::move(held));
      continue;
    }
    session_.finished.push_back(held.assignment.operation.value());
    effects_->reports.push_back(
        {held.assignment.operation, Disposition::kDone, std::move(held.results), {}});
  }
  // Indices of sent commands stay right: a package that is not complete finishes nothing.
  session_.operations = std::move(left);
}

void Exchange::ReleaseAll(Disposition of_sent, std::string_view cause) {
  for (uint32_t i = 0; i < session_.operations.size(); ++i) {
    const bool unsure = MayHaveChanged(session_, i) || session_.operations[i].assignment.uncertain;
    HeldOperation& held = session_.operations[i];
    effects_->reports.push_back({held.assignment.operation,
                                 unsure ? of_sent : Disposition::kReturned, std::move(held.results),
                                 std::string(cause)});
  }
  session_.operations.clear();
  session_.sent.clear();
  session_.outgoing.reset();
  session_.incoming.reset();
}

// A secret of a rotation that was proved becomes the present one.
void Exchange::PlanPromotions() {
  const bool unproved_server = stored_.account && !stored_.account->next_server_a1.empty() &&
                               !stored_.account->server_scheme && !session_.server_scheme;
  effects_->promote_client = promote_client_;
  effects_->promote_server = promote_server_ || (promote_client_ && unproved_server);
}

void Exchange::PlanEffects() {
  if (!effects_) effects_.emplace();
  const bool complete = package_complete_ && session_.sent.empty();
  if (complete && !session_.outgoing) ReportFinished();
  if (aborted_by_terminal_) ReleaseAll(Disposition::kLost, "the terminal aborted the session");
  if (abort_) ReleaseAll(Disposition::kLost, "the session was aborted");
  if (session_.no_more_commands) ReleaseAll(Disposition::kLost, "the user cancelled the session");

  const bool ending = abort_ || aborted_by_terminal_ || session_.no_more_commands;
  const bool take =
      complete && !ending && !server_rejected_ && !session_.outgoing && stored_.work_marked;
  if (take && session_.operations.size() < config_.operations_at_once) {
    effects_->take = config_.operations_at_once - static_cast<uint32_t>(session_.operations.size());
  }
  effects_->enrol = stored_.enrolling && authenticated_now_;
  PlanPromotions();
  bool generic_alert = false;
  for (const Alert& alert : effects_->alerts) generic_alert = generic_alert || alert.code == 1226;
  effects_->advance = effects_->take > 0 || !effects_->reports.empty() || generic_alert;
  effects_->session_started = effects_->advance && !session_.advanced;
  if (effects_->session_started) effects_->untouched = std::move(session_.untouched);
  session_.advanced = session_.advanced || effects_->advance;
  const bool nothing = !effects_->advance && !effects_->enrol && !effects_->promote_client &&
                       !effects_->promote_server && effects_->nodes.empty() &&
                       effects_->deleted.empty() && effects_->alerts.empty();
  if (nothing) effects_.reset();
}

// Operations that can never be sent to this terminal are given back at once, with the reason.
void Exchange::RefuseWhatCannotBe() {
  std::vector<OperationReport> refused;
  std::vector<HeldOperation> left;
  for (HeldOperation& held : session_.operations) {
    std::string why =
        held.results.empty() && session_.sent.empty() ? WhyImpossible(held.assignment) : "";
    if (why.empty()) {
      left.push_back(std::move(held));
    } else {
      refused.push_back({held.assignment.operation, Disposition::kRefused, {}, std::move(why)});
    }
  }
  session_.operations = std::move(left);
  if (refused.empty()) return;
  effects_.emplace();
  effects_->advance = true;
  effects_->reports = std::move(refused);
}

}  // namespace drover::session
