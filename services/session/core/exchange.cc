// Who speaks, in which session, and what has to be carried out before the answer.
#include "services/session/core/exchange.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "libs/base/bytes.h"
#include "libs/dmauth/digest.h"

namespace drover::session {
namespace {

constexpr size_t kLongestSessionId = 64;

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

// Whether a Status or Results answers a command that is out.
bool IsOut(const SessionState& session, const syncml::Command& answer) {
  const std::optional<uint32_t> msg_ref = Number(answer.msg_ref);
  const std::optional<uint32_t> cmd_ref = Number(answer.cmd_ref);
  return msg_ref && cmd_ref &&
         std::any_of(session.sent.begin(), session.sent.end(), [&](const SentCommand& sent) {
           return sent.msg_id == *msg_ref && sent.cmd_id == *cmd_ref;
         });
}

// Whether a message of ours with commands that are out has this MsgID.
bool IsOfOurs(const SessionState& session, uint32_t msg_ref) {
  return std::any_of(session.sent.begin(), session.sent.end(),
                     [&](const SentCommand& sent) { return sent.msg_id == msg_ref; });
}

// Whether the terminal takes our credential for the whole session (212), and says nothing else.
bool Accepts(const syncml::Message& message) {
  bool accepts = false;
  for (const syncml::Command& command : message.commands) {
    if (command.kind != syncml::CommandKind::kStatus || command.cmd != "SyncHdr") continue;
    if (command.cmd_ref != "0" || !command.data || command.data->octets != "212") return false;
    accepts = true;
  }
  return accepts;
}

bool WritesSecrets(const CommandSpec& command) { return command.secret != Secret::kNone; }

bool IsSpoken(std::string_view text, std::initializer_list<std::string_view> spoken) {
  for (const std::string_view one : spoken) {
    if (text == one) return true;
  }
  return false;
}

}  // namespace

bool WritesSecrets(const Assignment& assignment) {
  return std::any_of(assignment.commands.begin(), assignment.commands.end(),
                     [](const CommandSpec& command) { return WritesSecrets(command); });
}

bool NeedsAccount(const std::optional<SessionState>& session, const syncml::Message& message) {
  const bool goes_on = session && !session->ended && !session->mac &&
                       session->session_id == message.header.session_id &&
                       Number(message.header.msg_id).value_or(0) > session->client_msg_id &&
                       !OpensSession(message);
  if (!goes_on) return true;  // It has to prove itself.
  // Ours has to be proved, what may be a secret recognised, a rotation promoted.
  if (!session->server_accepted && !Accepts(message)) return true;
  if (session->response_is_secret || session->next_server_secret) return true;
  if (session->server_scheme == dmauth::Scheme::kMac) return true;
  return std::any_of(session->operations.begin(), session->operations.end(),
                     [](const HeldOperation& held) { return WritesSecrets(held.assignment); });
}

bool IsRepeat(const std::optional<SessionState>& session, const syncml::Header& header,
              std::string_view body, std::string_view mac_header) {
  return session && session->session_id == header.session_id &&
         Number(header.msg_id) == session->client_msg_id &&
         session->request_digest == Digest(body, mac_header);
}

std::string_view Name(Oddity oddity) {
  static constexpr std::array<std::string_view, 13> kNames = {"status_for_unknown_command",
                                                              "results_for_unknown_command",
                                                              "command_not_allowed",
                                                              "unknown_command",
                                                              "unknown_alert",
                                                              "missing_cmd_id",
                                                              "object_too_large",
                                                              "object_broken",
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

Effects* Exchange::Next() {
  if (!started_) {
    started_ = true;
    Start();
  }
  return answer_ || !effects_ ? nullptr : &*effects_;
}

void Exchange::Done(EffectsResult result) {
  effects_.reset();
  if (result.account) stored_.account = std::move(result.account);
  const bool given = !result.assignments.empty();
  for (Assignment& assignment : result.assignments) {
    session_.operations.push_back({std::move(assignment), {}});
  }
  RefuseWhatCannotBe(given);
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

  if (IsOver()) {
    oddities_.push_back(Oddity::kOldMessage);
    return AnswerAbort();
  }
  const bool continues = Continues();
  Verdict verdict{Verdict::Kind::kAccepted, dmauth::Scheme::kMd5};
  if (!continues || stored_.session->mac) {
    const bool usable = stored_.account && stored_.account->enabled;
    if (!usable) oddities_.push_back(Oddity::kUnknownTerminal);
    if (!usable && config_.refuse_unknown) {
      answer_ = Refusal{Code::kPermissionDenied, "this terminal is not registered"};
      return;
    }
    if (continues && request_.mac_header.empty()) {
      verdict = {Verdict::Kind::kWrong, dmauth::Scheme::kMac};  // Every message has to have one.
    } else {
      verdict = Authenticate(header_, request_.mac_header, request_.body,
                             usable ? &*stored_.account : nullptr, config_.throttle, request_.now,
                             random_, nonces_);
    }
    nonces_changed_ = true;
    authenticated_now_ = verdict.kind == Verdict::Kind::kAccepted;
    authenticated_by_ = verdict.scheme;
  }
  if (verdict.kind != Verdict::Kind::kAccepted) return AnswerUnauthenticated(verdict);
  if (continues && AnswersOlderSession()) {
    oddities_.push_back(Oddity::kOldMessage);
    return AnswerAbort();
  }
  if (continues) {
    GoOnWithSession();
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
  return IsRepeat(stored_.session, header_, request_.body, request_.mac_header);
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
  answer.mac_header = MacOfRefusal(answer.body);
  answer.nonces_changed = true;
  answer.nonces = nonces_;
  answer_ = std::move(answer);
}

// A MsgID that was over, with another content: this session cannot be trusted any more. Its proof
// is used up all the same.
void Exchange::AnswerAbort() {
  Reply reply(request_.encoding, request_.message.version);
  FillHeader(reply);
  AddStatuses(reply);
  for (const syncml::Command& command : request_.message.commands) {
    const bool answered = command.kind != syncml::CommandKind::kStatus &&
                          command.kind != syncml::CommandKind::kResults;
    // Not looked at: what it reports has to come again.
    if (answered) reply.AddStatus(header_.msg_id, {command.cmd_id, command.name, 500, {}, {}});
  }
  reply.AddAlert("1223");
  reply.SetFinal();
  Answer answer;
  answer.body = reply.Encode();
  answer.mac_header = MacOfRefusal(answer.body);
  answer.authenticated = true;
  answer.nonces_changed = nonces_changed_;
  answer.nonces = nonces_;
  answer_ = std::move(answer);
}

// In a session that has begun with MACs the terminal wants one on refusals too.
std::string Exchange::MacOfRefusal(std::string_view body) const {
  const std::optional<SessionState>& known = stored_.session;
  const bool mac = known && known->mac && known->session_id == header_.session_id;
  if (!mac || ServerA1().empty()) return {};
  return dmauth::FormatMacHeader(
      {config_.server_id, dmauth::Mac(ServerA1(), nonces_.server_nonce, body)});
}

// More of a session that has ended: its proof was for that session, and gets nothing more.
bool Exchange::IsOver() const {
  const std::optional<SessionState>& known = stored_.session;
  return known && known->ended && known->session_id == header_.session_id &&
         msg_id_ > known->client_msg_id && !OpensSession(request_.message);
}

bool Exchange::Continues() const {
  const std::optional<SessionState>& known = stored_.session;
  const bool next =
      known && known->session_id == header_.session_id && msg_id_ > known->client_msg_id;
  return next && !BeginsAnew(*known);
}

// Package 1 again, and not a word about the commands that are out: the terminal has not seen them,
// or was sent back to the beginning by a challenge (PRO, "Authentication").
bool Exchange::BeginsAnew(const SessionState& known) const {
  if (!OpensSession(request_.message)) return false;
  if (known.ended || known.sent.empty()) return known.ended;
  return std::none_of(request_.message.commands.begin(), request_.message.commands.end(),
                      [&](const syncml::Command& command) { return IsOut(known, command); });
}

// Whether the message answers an older session of the same SessionID: it came late, or package 1
// came again late and replaced the session that the terminal is still in. What it says of commands
// is not of ours then, and ours are not unanswered.
bool Exchange::AnswersOlderSession() const {
  const SessionState& known = *stored_.session;
  bool of_ours = known.sent.empty();
  bool of_others = false;
  for (const syncml::Command& command : request_.message.commands) {
    const std::optional<uint32_t> ref = Number(command.msg_ref);
    if (!ref) continue;
    const bool never_sent = command.cmd != "SyncHdr" && *ref > known.server_msg_id;
    if (*ref < known.first_msg_id || never_sent) return true;
    const bool of_command = command.cmd != "SyncHdr" && command.cmd != "Alert";
    const bool ours = known.cmd_id_base == 0 ? IsOfOurs(known, *ref) : IsOut(known, command);
    of_ours = of_ours || ours;
    of_others = of_others || (of_command && !ours);
  }
  return of_others && !of_ours;
}

void Exchange::GoOnWithSession() {
  const uint64_t version = stored_.session->version;
  session_ = std::move(*stored_.session);
  stored_.session->version = version;  // All that is still asked of it.
  session_.ended = false;
  if (session_.mac) {
    // Challenges in between were not remembered.
    session_.server_msg_id = std::max(session_.server_msg_id, msg_id_ - 1);
  } else if (!nonces_.previous_nonce.empty()) {
    nonces_.previous_nonce.clear();  // It has our answer, and the next nonce in it.
    nonces_changed_ = true;
  }
  // What travels as octets in one encoding is base64 in the other.
  if (session_.outgoing && session_.encoding != request_.encoding) {
    session_.outgoing->offset = 0;
    session_.outgoing->sent = 0;
  }
  session_.encoding = request_.encoding;
}

void Exchange::OpenSession(const Verdict& verdict) {
  if (stored_.session && !stored_.session->ended) {
    SessionState& replaced = *stored_.session;
    replaced_work_ = !replaced.operations.empty();
    for (uint32_t i = 0; i < replaced.operations.size(); ++i) {
      if (MayHaveChanged(replaced, i)) continue;
      session_.untouched.push_back(replaced.operations[i].assignment.operation.value());
    }
    EndSession(SessionEnd::kReplaced, replaced);
  }
  session_.session_id = header_.session_id;
  session_.started_at = request_.now;
  session_.key = SessionKey();
  session_.encoding = request_.encoding;
  session_.ver_proto = header_.ver_proto;
  session_.server_uri = header_.target.uri;
  // Challenges before it were not remembered: count with the terminal.
  session_.server_msg_id = msg_id_ - 1;
  if (stored_.session && stored_.session->session_id == header_.session_id) {
    session_.server_msg_id = std::max(session_.server_msg_id, stored_.session->server_msg_id);
    session_.first_msg_id = session_.server_msg_id + 1;
  }
  if (verdict.scheme == dmauth::Scheme::kBasic && !stored_.nonces.known) {
    const std::string octets = random_(2);
    session_.cmd_id_base =
        1 + (static_cast<uint8_t>(octets[0]) << 8 | static_cast<uint8_t>(octets[1])) % 9000;
  }
  session_.mac = verdict.scheme == dmauth::Scheme::kMac;
  session_.next_server_secret = verdict.next_secret;
  if (stored_.account) session_.traits = stored_.account->traits;
  promote_client_ = verdict.next_secret;
}

// What is only told of a session is not kept with its state.
void Exchange::EndSession(SessionEnd end, SessionState& session) {
  endings_.push_back({.end = end,
                      .session_id = session.session_id,
                      .session_key = session.key,
                      .started_at = session.started_at,
                      .messages = session.messages,
                      .commands = session.commands,
                      .finished = std::move(session.finished),
                      .ver_proto = session.ver_proto,
                      .encoding = session.encoding});
  session.finished.clear();
}

// The same for two replicas that serve the same first message, so that operations sees one session;
// another for the terminal's next one, even if that begins with the same octets. What is stored of
// nonces changes with each session; where nothing is (Redis was emptied) nothing can be the same.
std::string Exchange::SessionKey() const {
  const auto minutes =
      std::chrono::floor<std::chrono::minutes>(request_.now).time_since_epoch().count();
  const NonceState& before = stored_.nonces;
  const std::string nonce = before.known ? before.client_nonce : random_(8);
  const dmauth::Md5Octets octets = dmauth::Md5({request_.body, request_.mac_header, nonce});
  const std::string digest = base::Hex(std::string_view(octets.data(), 6));
  const uint64_t version = stored_.session ? stored_.session->version : 0;
  return session_.session_id + "@" + std::to_string(minutes) + "-" + std::to_string(version) + "-" +
         digest;
}

}  // namespace drover::session
