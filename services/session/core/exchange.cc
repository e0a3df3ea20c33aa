// Who speaks, in which session, and what has to be carried out before the answer.
#include "services/session/core/exchange.h"

#include <array>
#include <charconv>

#include "libs/base/bytes.h"
#include "libs/dmauth/digest.h"
#include "services/session/core/verification.h"

namespace drover::session {
namespace {

constexpr size_t kLongestSessionId = 64;
constexpr uint32_t kServerRejections = 3;

std::string Digest(std::string_view body, std::string_view mac_header) {
  const dmauth::Md5Octets digest = dmauth::Md5({body, mac_header});
  return {digest.data(), digest.size()};
}

std::optional<uint32_t> Number(std::string_view text) {
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool OpensSession(const syncml::Message& message) {
  for (const syncml::Command& command : message.commands) {
    const bool alert = command.kind == syncml::CommandKind::kAlert && command.data;
    if (alert && (command.data->octets == "1200" || command.data->octets == "1201")) return true;
  }
  return false;
}

bool IsSpoken(std::string_view text, std::initializer_list<std::string_view> spoken) {
  for (const std::string_view one : spoken) {
    if (text == one) return true;
  }
  return false;
}

}  // namespace

std::string_view Name(Oddity oddity) {
  static constexpr std::array<std::string_view, 12> kNames = {"status_for_unknown_command",
                                                              "results_for_unknown_command",
                                                              "command_not_allowed",
                                                              "unknown_command",
                                                              "unknown_alert",
                                                              "missing_cmd_id",
                                                              "chunked_results",
                                                              "wrong_credentials",
                                                              "missing_credentials",
                                                              "unknown_terminal",
                                                              "old_message",
                                                              "version"};
  return kNames[static_cast<size_t>(oddity)];
}

Exchange::Exchange(const ExchangeConfig& config, const RandomOctets& random, const Request& request,
                   Stored stored)
    : config_(config),
      random_(random),
      request_(request),
      header_(request.message.header),
      stored_(std::move(stored)),
      nonces_(stored_.nonces) {}

const Effects* Exchange::Next() {
  if (!started_) {
    started_ = true;
    Start();
  }
  return answer_ || !effects_ ? nullptr : &*effects_;
}

void Exchange::Done(EffectsResult result) {
  effects_.reset();
  for (Assignment& assignment : result.assignments) {
    session_.operations.push_back({std::move(assignment), {}});
  }
  RefuseWhatCannotBe();
  if (!effects_) BuildAnswer();
}

void Exchange::Start() {
  if (std::optional<Refusal> refusal = CheckHeader()) {
    answer_ = *std::move(refusal);
    return;
  }
  if (Repeated()) {
    Answer answer;
    answer.body = stored_.session->response;
    answer.mac_header = stored_.session->response_mac;
    answer.repeated = true;
    answer.authenticated = true;
    answer_ = std::move(answer);
    return;
  }
  if (AnswerVersionMismatch()) return;

  const bool continues = Continues();
  Verdict verdict{Verdict::Kind::kAccepted, dmauth::Scheme::kMd5};
  if (!continues || stored_.session->mac) {
    const bool usable = stored_.account && stored_.account->enabled;
    if (!usable) oddities_.push_back(Oddity::kUnknownTerminal);
    if (!usable && config_.refuse_unknown) {
      answer_ = Refusal{Code::kPermissionDenied, "this terminal is not registered"};
      return;
    }
    verdict = Authenticate(header_, request_.mac_header, request_.body,
                           usable ? &*stored_.account : nullptr, config_.throttle, request_.now,
                           random_, nonces_);
    nonces_changed_ = true;
    authenticated_now_ = verdict.kind == Verdict::Kind::kAccepted;
    authenticated_by_ = verdict.scheme;
  }
  if (verdict.kind != Verdict::Kind::kAccepted) return AnswerUnauthenticated(verdict);
  if (continues) {
    session_ = *stored_.session;
    session_.ended = false;
  } else {
    if (!OpensSession(request_.message) && stored_.session && !stored_.session->ended &&
        stored_.session->session_id == header_.session_id) {
      oddities_.push_back(Oddity::kOldMessage);
      return AnswerAbort();
    }
    OpenSession(verdict);
  }
  ReadCommands();
  Settle();
  PlanEffects();
  if (!effects_) BuildAnswer();
}

std::optional<Refusal> Exchange::CheckHeader() {
  if (header_.session_id.empty() || header_.session_id.size() > kLongestSessionId) {
    return Refusal{Code::kInvalidArgument, "SessionID must have 1 to 64 characters"};
  }
  const std::optional<uint32_t> msg_id = Number(header_.msg_id);
  if (!msg_id) return Refusal{Code::kInvalidArgument, "MsgID must be a decimal number"};
  msg_id_ = *msg_id;
  return std::nullopt;
}

bool Exchange::Repeated() const {
  const std::optional<SessionState>& known = stored_.session;
  return known && known->session_id == header_.session_id && known->client_msg_id == msg_id_ &&
         known->request_digest == Digest(request_.body, request_.mac_header);
}

// Status 505 or 513 alone, in the newest version that we speak: the terminal may fall back.
bool Exchange::AnswerVersionMismatch() {
  const bool syntax = IsSpoken(header_.ver_dtd, {"1.1", "1.2"});
  const bool protocol = IsSpoken(header_.ver_proto, {"DM/1.1", "DM/1.2", "DM/1.3"});
  if (syntax && protocol) return false;
  oddities_.push_back(Oddity::kVersion);
  Reply reply(request_.encoding, request_.message.version);
  FillHeader(reply);
  if (!syntax) reply.header().ver_dtd = "1.2";
  if (!protocol) reply.header().ver_proto = "DM/1.2";
  reply.AddVersionStatus(header_.msg_id, syntax ? 513 : 505,
                         syntax ? "DM/1.1,DM/1.2,DM/1.3" : "1.1,1.2");
  reply.SetFinal();
  Answer answer;
  answer.body = reply.Encode();
  answer_ = std::move(answer);
  return true;
}

// 401 or 407 for the header and for every command; nothing is executed (PRO, "Authentication").
void Exchange::AnswerUnauthenticated(const Verdict& verdict) {
  if (verdict.kind == Verdict::Kind::kThrottled) {
    answer_ =
        Refusal{Code::kResourceExhausted, "too many wrong credentials", config_.throttle.pause};
    return;
  }
  const bool missing = verdict.kind == Verdict::Kind::kMissing;
  oddities_.push_back(missing ? Oddity::kMissingCredentials : Oddity::kWrongCredentials);
  const uint32_t code = missing ? 407 : 401;
  const Challenge challenge{verdict.scheme, ChallengeNonce(nonces_, random_)};
  Reply reply(request_.encoding, request_.message.version);
  FillHeader(reply);
  reply.AddStatus(header_.msg_id,
                  {.cmd_ref = "0",
                   .cmd = "SyncHdr",
                   .code = code,
                   .target_ref = header_.target.uri,
                   .source_ref = header_.source.uri},
                  &challenge);
  for (const syncml::Command& command : request_.message.commands) {
    if (command.kind == syncml::CommandKind::kStatus ||
        command.kind == syncml::CommandKind::kResults)
      continue;
    reply.AddStatus(header_.msg_id, {.cmd_ref = command.cmd_id, .cmd = command.name, .code = code});
  }
  reply.SetFinal();
  Answer answer;
  answer.body = reply.Encode();
  answer.nonces_changed = true;
  answer.nonces = nonces_;
  answer_ = std::move(answer);
}

// A MsgID that was over, with another content: this session cannot be trusted any more.
void Exchange::AnswerAbort() {
  Reply reply(request_.encoding, request_.message.version);
  FillHeader(reply);
  reply.AddStatus(header_.msg_id, {.cmd_ref = "0", .cmd = "SyncHdr", .code = 200});
  reply.AddAlert("1223");
  reply.SetFinal();
  Answer answer;
  answer.body = reply.Encode();
  answer.authenticated = true;
  answer_ = std::move(answer);
}

bool Exchange::Continues() const {
  const std::optional<SessionState>& known = stored_.session;
  return known && known->session_id == header_.session_id && msg_id_ > known->client_msg_id;
}

void Exchange::OpenSession(const Verdict& verdict) {
  if (stored_.session && !stored_.session->ended) {
    endings_.push_back({SessionEnd::kReplaced, *stored_.session});
  }
  session_.session_id = header_.session_id;
  session_.started_at = request_.now;
  session_.key = SessionKey();
  session_.encoding = request_.encoding;
  session_.ver_dtd = header_.ver_dtd;
  session_.ver_proto = header_.ver_proto;
  session_.server_uri = header_.target.uri;
  // Challenges before it were not remembered: count with the terminal.
  session_.server_msg_id = msg_id_ - 1;
  session_.mac = verdict.scheme == dmauth::Scheme::kMac;
}

// The same for two replicas that serve the same first message, so that operations sees one session;
// another for the terminal's next one, even if that begins with the same octets.
std::string Exchange::SessionKey() const {
  const auto minutes =
      std::chrono::floor<std::chrono::minutes>(request_.now).time_since_epoch().count();
  const std::string digest = base::Hex(Digest(request_.body, request_.mac_header).substr(0, 6));
  const uint64_t version = stored_.session ? stored_.session->version : 0;
  return session_.session_id + "@" + std::to_string(minutes) + "-" + std::to_string(version) + "-" +
         digest;
}

// Whether the terminal has said all that it had to say to our last message (PRO 2.1.1). Some never
// send Final, so an answer to everything followed by a message without news will do.
bool Exchange::PackageComplete() const {
  if (request_.message.final) return true;
  if (news_) return false;
  for (const SentCommand& sent : session_.sent) {
    if (sent.role != SentCommand::Role::kSequence && sent.status == 0) return false;
  }
  return true;
}

void Exchange::Settle() {
  if (server_rejected_) {
    session_.sent.clear();  // Nothing of it was executed; all of it goes out again.
    if (session_.server_rejections >= kServerRejections) abort_ = true;
  } else if (PackageComplete()) {
    uint32_t sequence_status = 0;
    for (const SentCommand& sent : session_.sent) {
      if (sent.role == SentCommand::Role::kSequence) sequence_status = sent.status;
    }
    for (const SentCommand& sent : session_.sent) SettleCommand(sent, sequence_status);
    for (uint32_t i = 0; i < session_.operations.size(); ++i) JudgeReadBack(i);
    session_.sent.clear();
  }
  if (session_.messages >= config_.max_messages) abort_ = true;
}

void Exchange::SettleCommand(const SentCommand& sent, uint32_t sequence_status) {
  if (sent.role != SentCommand::Role::kCommand) return;
  HeldOperation& held = session_.operations[sent.operation];
  CommandResult result;
  result.index = sent.command;
  result.status = sent.status == 0 && sequence_status >= 300 ? sequence_status : sent.status;
  result.values = sent.values;
  result.msg_id = std::to_string(sent.msg_id);
  result.cmd_id = std::to_string(sent.cmd_id);
  ReportTree(held.assignment.commands[sent.command], sent);
  held.results.push_back(std::move(result));
}

void Exchange::JudgeReadBack(uint32_t operation) {
  std::vector<std::vector<ReadBack>> read;
  HeldOperation& held = session_.operations[operation];
  read.resize(held.assignment.commands.size());
  bool any = false;
  for (const SentCommand& sent : session_.sent) {
    if (sent.role != SentCommand::Role::kVerify || sent.operation != operation) continue;
    any = true;
    const std::vector<std::string> uris = ReadBackUris(held.assignment.commands[sent.command]);
    std::vector<ReadBack>& of_command = read[sent.command];
    ReadBack one{uris[of_command.size()], sent.status, std::nullopt};
    if (!sent.values.empty()) one.value = sent.values.front();
    of_command.push_back(std::move(one));
  }
  if (!any) return;
  held.assignment.uncertain = false;
  for (uint32_t i = 0; i < read.size(); ++i) {
    const CommandSpec& command = held.assignment.commands[i];
    if (command.verb == Verb::kGet) continue;
    const Happened happened = Judge(command, read[i]);
    if (happened == Happened::kNo) continue;
    CommandResult result;
    result.index = i;
    // What cannot be told is not repeated: status 0 ends the operation as failed, and says so.
    result.status = happened == Happened::kYes ? StatusIfDone(command) : 0;
    result.verified = true;
    held.results.push_back(std::move(result));
  }
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
  for (size_t i = 0; i < session_.operations.size(); ++i) {
    HeldOperation& held = session_.operations[i];
    bool sent = !held.results.empty();
    for (const SentCommand& one : session_.sent) {
      sent = sent || (one.role == SentCommand::Role::kCommand && one.operation == i);
    }
    const bool unsure = sent || held.assignment.uncertain;
    effects_->reports.push_back({held.assignment.operation,
                                 unsure ? of_sent : Disposition::kReturned, std::move(held.results),
                                 std::string(cause)});
  }
  session_.operations.clear();
  session_.sent.clear();
}

void Exchange::PlanEffects() {
  if (!effects_) effects_.emplace();
  const bool complete = PackageComplete() && session_.sent.empty();
  if (complete) ReportFinished();
  if (aborted_by_terminal_) ReleaseAll(Disposition::kLost, "the terminal aborted the session");
  if (abort_) ReleaseAll(Disposition::kLost, "the session was aborted");

  const bool ending = abort_ || aborted_by_terminal_;
  const bool take = complete && !ending && !server_rejected_ && stored_.work_marked;
  if (take && session_.operations.size() < config_.operations_at_once) {
    effects_->take = config_.operations_at_once - static_cast<uint32_t>(session_.operations.size());
  }
  effects_->enrol = stored_.enrolling && authenticated_now_;
  bool generic_alert = false;
  for (const Alert& alert : effects_->alerts) generic_alert = generic_alert || alert.code == 1226;
  effects_->advance = effects_->take > 0 || !effects_->reports.empty() || generic_alert;
  effects_->session_started = effects_->advance && !session_.advanced;
  session_.advanced = session_.advanced || effects_->advance;
  const bool nothing = !effects_->advance && !effects_->enrol && effects_->nodes.empty() &&
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

std::string Exchange::WhyImpossible(const Assignment& assignment) const {
  const size_t limit = MessageLimit();
  constexpr size_t kAround = 1024;  // Header and statuses of a message.
  for (const CommandSpec& command : assignment.commands) {
    if (assignment.uncertain && command.verb == Verb::kExec && ReadBackUris(command).empty()) {
      return "a session broke after Exec " + command.target +
             " was sent, and no node tells whether it was carried out";
    }
    const size_t size = Measure(command);
    if (size + kAround > limit && size + kAround > 4 * kAround) {
      return "a command for " + command.target + " takes " + std::to_string(size) +
             " octets, and the terminal accepts messages of " + std::to_string(limit);
    }
  }
  return {};
}

}  // namespace drover::session
