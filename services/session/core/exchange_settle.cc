// What came of what was sent: results, read-backs, operations that are over, and what has to be
// carried out before the answer.
#include <algorithm>
#include <set>

#include "services/session/core/exchange.h"
#include "services/session/core/tree_report.h"
#include "services/session/core/verification.h"

namespace drover::session {
namespace {

constexpr uint32_t kServerRejections = 3;
constexpr uint32_t kNotExecuted = 215;
constexpr uint32_t kSizeMismatch = 424;
constexpr uint32_t kAtomicFailed = 507;

constexpr uint32_t kNoAnswer = 500;  // For a read-back.

bool Holds(const std::vector<SentCommand>& all, SentCommand::Role role) {
  return std::any_of(all.begin(), all.end(),
                     [&](const SentCommand& sent) { return sent.role == role; });
}

// Who refuses our credential executes nothing; one that says otherwise has executed it.
bool NothingExecuted(const std::vector<SentCommand>& all) {
  return std::all_of(all.begin(), all.end(), [](const SentCommand& sent) {
    return sent.status == 0 || sent.status == 401 || sent.status == 407;
  });
}

// A terminal may leave the statuses of children out; then the element around them tells.
uint32_t StatusOf(const SentCommand& sent, bool atomic, uint32_t group) {
  // All or nothing: what an Atomic that failed calls done was undone.
  if (atomic && group != 0 && !IsDone(group) && IsDone(sent.status)) return group;
  if (sent.status != 0) return sent.status;
  if (atomic && IsDone(group)) return group;
  if (atomic && group == kAtomicFailed) return kNotExecuted;
  return IsDone(group) ? 0 : group;
}

}  // namespace

// A Get was answered with 200, and its value is still to come.
bool Exchange::AwaitsResults() const {
  return std::any_of(session_.sent.begin(), session_.sent.end(), [&](const SentCommand& sent) {
    if (sent.status != 200 || !sent.values.empty() || sent.broken) return false;
    if (sent.role == SentCommand::Role::kVerify) return true;
    if (sent.role != SentCommand::Role::kCommand) return false;
    const Assignment& assignment = session_.operations[sent.operation].assignment;
    return assignment.commands[sent.command].verb == Verb::kGet;
  });
}

// Whether the terminal has said all that it had to say to our last message (PRO 2.1.1). Some never
// send Final, so an answer to everything followed by a message without news will do; one sends
// Final always, so a piece of a large object with more to come outweighs it.
bool Exchange::PackageComplete() const {
  if (session_.incoming) return false;
  // It aborts in the middle of a value: what it read is not over.
  if (aborted_by_terminal_ && !broken_object_.empty()) return false;
  // One client says Final always, also when what it reads does not fit into one message.
  if (request_.message.final && news_ && AwaitsResults()) return false;
  if (request_.message.final || Holds(session_.sent, SentCommand::Role::kChunk)) return true;
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
  if (session_.server_rejections >= kServerRejections) abort_ = true;
  if (server_rejected_ && NothingExecuted(session_.sent)) {
    session_.sent.clear();  // All of it goes out again.
  } else if (package_complete_) {
    Group group;
    for (const SentCommand& sent : session_.sent) {
      const bool atomic = sent.role == SentCommand::Role::kAtomic;
      if (atomic || sent.role == SentCommand::Role::kSequence) group = {atomic, sent.status};
    }
    for (const SentCommand& sent : session_.sent) SettleCommand(sent, group);
    if (Holds(session_.sent, SentCommand::Role::kVerify)) JudgeReadBacks();
    for (HeldOperation& held : session_.operations) EndIfRefused(held);
    const bool probed = Holds(session_.sent, SentCommand::Role::kProbe);
    std::erase_if(session_.sent, [this](SentCommand& sent) { return !IsStillRead(sent); });
    if (probed) EndWhatIsTooLarge();
    session_.patience = {};
  }
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
  if (sent.broken && IsDone(result.status)) result.status = kSizeMismatch;
  result.values = sent.values;
  if (group.atomic) result.atomic_status = group.status;
  result.msg_id = std::to_string(sent.msg_id);
  result.cmd_id = std::to_string(sent.cmd_id);
  const CommandSpec& command = held.assignment.commands[sent.command];
  if (IsDone(result.status)) ReportToTree(command, sent.values, effects_->nodes, effects_->deleted);
  if (result.status == 214 && session_.traits.cancel_ends_session) session_.no_more_commands = true;
  held.results.push_back(std::move(result));
}

// Whether it belongs to what is read back in several messages.
bool Exchange::IsStillRead(SentCommand& sent) const {
  const bool still = sent.role == SentCommand::Role::kVerify &&
                     session_.operations[sent.operation].assignment.uncertain;
  if (still && sent.status == 0) sent.status = kNoAnswer;
  return still;
}

// The last operation first: what it wrote over does not show of those before it.
void Exchange::JudgeReadBacks() {
  std::set<std::string_view> written;
  for (size_t i = session_.operations.size(); i-- > 0;) {
    JudgeReadBack(static_cast<uint32_t>(i), written);
  }
}

void Exchange::JudgeReadBack(uint32_t operation, std::set<std::string_view>& written) {
  HeldOperation& held = session_.operations[operation];
  const std::vector<CommandSpec>& commands = held.assignment.commands;
  std::vector<std::vector<ReadBack>> read(commands.size());
  size_t left = 0;
  for (const CommandSpec& command : commands) left += ReadBackUris(command).size();
  bool any = false;
  for (const SentCommand& sent : session_.sent) {
    if (sent.role != SentCommand::Role::kVerify || sent.operation != operation) continue;
    any = true;
    --left;
    const std::vector<std::string> uris = ReadBackUris(commands[sent.command]);
    std::vector<ReadBack>& of_command = read[sent.command];
    ReadBack one{uris[of_command.size()], sent.status, std::nullopt};
    if (!sent.values.empty()) one.value = sent.values.front();
    of_command.push_back(std::move(one));
  }
  if (!any || left > 0) return;
  held.assignment.uncertain = false;
  const std::vector<Happened> happened = JudgeAll(commands, read, written);
  for (uint32_t i = 0; i < commands.size(); ++i) {
    if (Writes(commands[i]) && happened[i] == Happened::kYes) written.insert(commands[i].target);
  }
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
  std::vector<bool> drop;
  for (HeldOperation& held : session_.operations) {
    const std::optional<uint32_t> next = NextCommand(held);
    std::string why = next ? WhyTooLarge(held.assignment.commands[*next]) : "";
    drop.push_back(!why.empty() && held.results.empty());
    if (drop.back()) {
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
  }
  DropOperations(drop);
}

// Operations whose commands are all over leave the session.
void Exchange::ReportFinished() {
  std::vector<bool> drop;
  for (HeldOperation& held : session_.operations) {
    drop.push_back(held.results.size() == held.assignment.commands.size());
    if (!drop.back()) continue;
    session_.finished.push_back(held.assignment.operation.value());
    effects_->reports.push_back(
        {held.assignment.operation, Disposition::kDone, std::move(held.results), {}});
  }
  DropOperations(drop);
}

// With what was sent for them.
void Exchange::DropOperations(const std::vector<bool>& drop) {
  std::vector<HeldOperation> left;
  std::vector<uint32_t> place(drop.size());  // Where the others are now.
  for (uint32_t i = 0; i < drop.size(); ++i) {
    place[i] = static_cast<uint32_t>(left.size());
    if (!drop[i]) left.push_back(std::move(session_.operations[i]));
  }
  session_.operations = std::move(left);
  std::erase_if(session_.sent, [&](const SentCommand& sent) {
    return sent.operation < drop.size() && drop[sent.operation];
  });
  for (SentCommand& sent : session_.sent) {
    if (sent.operation < place.size()) sent.operation = place[sent.operation];
  }
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
  if (package_complete_ && !session_.outgoing) ReportFinished();
  if (aborted_by_terminal_) ReleaseAll(Disposition::kLost, "the terminal aborted the session");
  if (abort_) ReleaseAll(Disposition::kLost, "the session was aborted");
  if (session_.no_more_commands) ReleaseAll(Disposition::kLost, "the user cancelled the session");

  const bool ending = abort_ || aborted_by_terminal_ || session_.no_more_commands;
  // A terminal that refused our proof gets the same work again, or the first if there was none yet.
  const bool again = server_rejected_ && !session_.operations.empty();
  const bool take =
      package_complete_ && !ending && !again && !session_.outgoing && stored_.work_marked;
  if (take && session_.operations.size() < config_.operations_at_once) {
    effects_->take = config_.operations_at_once - static_cast<uint32_t>(session_.operations.size());
  }
  effects_->enrol = stored_.enrolling && authenticated_now_;
  PlanPromotions();
  bool generic_alert = false;
  for (const Alert& alert : effects_->alerts) generic_alert = generic_alert || alert.code == 1226;
  effects_->advance =
      effects_->take > 0 || !effects_->reports.empty() || generic_alert || replaced_work_;
  effects_->session_started = effects_->advance && !session_.advanced;
  if (effects_->session_started) effects_->untouched = std::move(session_.untouched);
  session_.advanced = session_.advanced || effects_->advance;
  const bool nothing = !effects_->advance && !effects_->enrol && !effects_->promote_client &&
                       !effects_->promote_server && effects_->nodes.empty() &&
                       effects_->deleted.empty() && effects_->alerts.empty();
  if (nothing) effects_.reset();
}

bool Exchange::WasSent(uint32_t operation) const {
  if (!session_.operations[operation].results.empty()) return true;
  if (session_.outgoing && operation == FirstUnfinished()) return true;  // In part.
  return std::any_of(session_.sent.begin(), session_.sent.end(),
                     [&](const SentCommand& sent) { return sent.operation == operation; });
}

// Operations that can never be sent to this terminal are given back at once, with the reason.
// given: more may wait.
void Exchange::RefuseWhatCannotBe(bool given) {
  if (!package_complete_) return;
  std::vector<OperationReport> refused;
  std::vector<bool> drop;
  for (uint32_t i = 0; i < session_.operations.size(); ++i) {
    const Assignment& assignment = session_.operations[i].assignment;
    std::string why = WasSent(i) ? "" : WhyImpossible(assignment);
    drop.push_back(!why.empty());
    if (drop.back()) {
      refused.push_back({assignment.operation, Disposition::kRefused, {}, std::move(why)});
    }
  }
  DropOperations(drop);
  if (refused.empty()) return;
  effects_.emplace();
  effects_->advance = true;
  effects_->reports = std::move(refused);
  if (given && session_.operations.empty()) effects_->take = config_.operations_at_once;
}

}  // namespace drover::session
