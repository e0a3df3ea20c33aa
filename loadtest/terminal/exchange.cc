#include "loadtest/terminal/exchange.h"

#include <charconv>
#include <utility>

#include "libs/base/check.h"
#include "libs/dmauth/credentials.h"

namespace drover::terminal {
namespace {

using syncml::CommandKind;

constexpr int kOk = 200;
constexpr int kAuthenticationAccepted = 212;
constexpr int kInvalidCredentials = 401;
constexpr int kAuthenticationRequired = 407;
constexpr int kMaxChallenges = 2;  // That a terminal answers, or puts to the server.
constexpr size_t kNonceOctets = 16;

int CodeOf(const std::optional<syncml::Data>& data) {
  int code = 0;
  if (!data) return 0;
  const std::string_view text = data->octets;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
  return error == std::errc() && end == text.data() + text.size() ? code : 0;
}

std::string_view TypeOf(AuthScheme scheme) {
  return dmauth::TypeOf(scheme == AuthScheme::kBasic ? dmauth::Scheme::kBasic
                                                     : dmauth::Scheme::kMd5);
}

bool IsSuccess(int code) { return code >= 200 && code < 300; }

}  // namespace

Terminal::Exchange::Exchange(Terminal& terminal, const syncml::Message* message)
    : terminal_(terminal),
      session_(*terminal.session_),
      spec_(terminal.model_->spec()),
      message_(message),
      tree_(terminal.tree_, terminal.surroundings_->server.id, !spec_.quirks.Has(Quirk::kNoList)) {}

SessionEnd Terminal::Exchange::End(SessionEnd::Outcome outcome, std::string cause) {
  if (outcome == SessionEnd::Outcome::kProtocolError) terminal_.Fault(cause);
  terminal_.session_.reset();
  return {outcome, std::move(cause)};
}

Next Terminal::Exchange::Run() {
  if (std::optional<SessionEnd> end = CheckHeader()) return std::move(*end);
  const Verdict client = ReadStatuses();
  if (client == Verdict::kRefused) {
    return End(SessionEnd::Outcome::kNotAuthenticated, "the server refused the credentials");
  }
  const Verdict server = JudgeServer(client);
  if (server == Verdict::kRefused) {
    return End(SessionEnd::Outcome::kServerNotAuthenticated, "the server did not prove itself");
  }
  if (client == Verdict::kChallenged) {
    if (HasCommands()) terminal_.Fault("commands beside a challenge");
    return Package1(true);
  }
  return Answer(server);
}

std::optional<SessionEnd> Terminal::Exchange::CheckHeader() {
  const syncml::Header& header = message_->header;
  if (header.ver_dtd != VerDtdOf(spec_.version) || header.ver_proto != VerProtoOf(spec_.version)) {
    return End(SessionEnd::Outcome::kProtocolError, "VerDTD or VerProto is not the terminal's");
  }
  if (header.session_id != session_.id) {
    return End(SessionEnd::Outcome::kProtocolError,
               "SessionID is " + std::string(header.session_id) + ", not " + session_.id);
  }
  if (header.msg_id.empty() || header.msg_id == session_.last_server_msg_id) {
    return End(SessionEnd::Outcome::kProtocolError, "MsgID missing or used before");
  }
  if (header.target.uri != terminal_.device_id()) terminal_.Fault("Target is not the terminal");
  session_.last_server_msg_id = header.msg_id;
  if (!header.resp_uri.empty()) session_.target = header.resp_uri;
  if (header.meta.max_msg_size) session_.server_max_msg_size = *header.meta.max_msg_size;
  return std::nullopt;
}

Terminal::Exchange::Verdict Terminal::Exchange::ReadStatuses() {
  const std::string my_msg_id = std::to_string(session_.msg_id);
  std::optional<Verdict> verdict;
  bool first = true;
  for (const syncml::Command& command : message_->commands) {
    const bool is_header = command.kind == CommandKind::kStatus &&
                           (command.cmd == "SyncHdr" || command.cmd_ref == "0");
    if (first && !is_header) terminal_.Fault("Status of SyncHdr is not the first of the body");
    first = false;
    if (command.kind != CommandKind::kStatus) continue;
    const int code = CodeOf(command.data);
    if (command.msg_ref != my_msg_id || code == 0) {
      terminal_.Fault("Status with MsgRef " + std::string(command.msg_ref) + ", message is " +
                      my_msg_id);
    } else if (is_header) {
      verdict = ReadHeaderStatus(command, code);
    } else {
      ReadCommandStatus(command, code);
    }
  }
  if (!verdict) terminal_.Fault("no Status for SyncHdr");
  CheckAllAnswered();
  return verdict.value_or(Verdict::kRefused);
}

Terminal::Exchange::Verdict Terminal::Exchange::ReadHeaderStatus(const syncml::Command& status,
                                                                 int code) {
  if (code == kInvalidCredentials || code == kAuthenticationRequired) return Challenged(status);
  if (!IsSuccess(code)) return Verdict::kRefused;
  if (code == kAuthenticationAccepted) session_.send_cred = false;
  if (status.chal && !status.chal->next_nonce.octets.empty()) {
    const syncml::Data& next = status.chal->next_nonce;
    Result<std::string> nonce =
        dmauth::DecodeNonce(next.octets, next.form == syncml::DataForm::kOpaque);
    if (nonce) {
      session_.client_nonce = *nonce;
      session_.nonce_to_store = std::move(*nonce);
    } else {
      terminal_.Fault("NextNonce is not base64");
    }
  }
  return Verdict::kAccepted;
}

Terminal::Exchange::Verdict Terminal::Exchange::Challenged(const syncml::Command& status) {
  if (!status.chal) {
    terminal_.Fault("401 or 407 for SyncHdr without Chal");
    return Verdict::kRefused;
  }
  if (++session_.client_challenges > kMaxChallenges) return Verdict::kRefused;
  const std::optional<dmauth::Scheme> scheme = dmauth::SchemeOf(status.chal->type);
  if (!scheme || *scheme == dmauth::Scheme::kMac) return Verdict::kRefused;
  if (spec_.client_scheme == AuthScheme::kNone) return Verdict::kRefused;
  session_.scheme = *scheme == dmauth::Scheme::kBasic ? AuthScheme::kBasic : AuthScheme::kMd5;
  session_.send_cred = true;
  if (session_.scheme == AuthScheme::kBasic) return Verdict::kChallenged;
  const syncml::Data& next = status.chal->next_nonce;
  Result<std::string> nonce =
      dmauth::DecodeNonce(next.octets, next.form == syncml::DataForm::kOpaque);
  if (!nonce || nonce->empty()) {
    terminal_.Fault("Chal for MD5 without a nonce");
    return Verdict::kRefused;
  }
  session_.client_nonce = *nonce;
  session_.nonce_to_store = std::move(*nonce);
  return Verdict::kChallenged;
}

void Terminal::Exchange::ReadCommandStatus(const syncml::Command& status, int code) {
  for (Session::Sent& sent : session_.sent) {
    if (sent.cmd_id != status.cmd_ref) continue;
    if (status.cmd != Name(sent.kind)) {
      terminal_.Fault("Status says Cmd " + std::string(status.cmd) + " of a command that is none");
    }
    sent.answered = true;
    if (!IsSuccess(code)) sent.report = -1;  // It will be sent again.
    return;
  }
  terminal_.Fault("Status for CmdRef " + std::string(status.cmd_ref) + ", which asked for none");
}

void Terminal::Exchange::CheckAllAnswered() {
  std::vector<int> acknowledged;
  for (const Session::Sent& sent : session_.sent) {
    if (!sent.answered) {
      terminal_.Fault("no Status for " + std::string(Name(sent.kind)) + ", CmdID " + sent.cmd_id);
    } else if (sent.report >= 0) {
      acknowledged.push_back(sent.report);
    }
  }
  session_.sent.clear();
  for (auto it = acknowledged.rbegin(); it != acknowledged.rend(); ++it) {
    terminal_.reports_.erase(terminal_.reports_.begin() + *it);
    ++terminal_.alerts_acknowledged_;
  }
}

bool Terminal::Exchange::HasCommands() const {
  for (const syncml::Command& command : message_->commands) {
    if (command.kind != CommandKind::kStatus) return true;
  }
  return false;
}

bool Terminal::Exchange::ServerCredIsRight() const {
  const syncml::Credentials& cred = *message_->header.cred;
  const std::optional<dmauth::Scheme> scheme = dmauth::SchemeOf(cred.meta.type);
  const std::string a1 =
      dmauth::A1(terminal_.surroundings_->server.id, terminal_.account_.server_password);
  if (spec_.server_scheme == AuthScheme::kBasic) {
    return scheme == dmauth::Scheme::kBasic &&
           dmauth::VerifyBasic(cred.data.octets, terminal_.surroundings_->server.id, a1);
  }
  // The message that carried a new nonce may have been lost: the one before it counts too.
  return scheme == dmauth::Scheme::kMd5 &&
         (dmauth::VerifyMd5(cred.data.octets, a1, terminal_.account_.server_nonce) ||
          dmauth::VerifyMd5(cred.data.octets, a1, terminal_.previous_server_nonce_));
}

Terminal::Exchange::Verdict Terminal::Exchange::JudgeServer(Verdict client) {
  const bool has_cred = message_->header.cred.has_value();
  if (spec_.server_scheme == AuthScheme::kNone) {
    server_status_ = has_cred && !session_.server_accepted ? kAuthenticationAccepted : kOk;
    session_.server_accepted = true;
  } else if (!session_.server_accepted) {
    if (has_cred && ServerCredIsRight()) {
      server_status_ = kAuthenticationAccepted;
      issue_challenge_ = spec_.server_scheme == AuthScheme::kMd5;
      session_.server_accepted = true;
    } else {
      server_status_ = has_cred ? kInvalidCredentials : kAuthenticationRequired;
      issue_challenge_ = true;
    }
  }
  if (session_.server_accepted) {
    // What an unknown server says is not worth storing.
    if (session_.nonce_to_store) terminal_.account_.client_nonce = *session_.nonce_to_store;
    session_.nonce_to_store.reset();
    return Verdict::kAccepted;
  }
  const bool matters = HasCommands() || client == Verdict::kChallenged;
  if (matters && ++session_.server_challenges > kMaxChallenges) return Verdict::kRefused;
  return Verdict::kChallenged;
}

std::optional<Challenge> Terminal::Exchange::IssueChallenge() {
  if (!issue_challenge_) return std::nullopt;
  if (spec_.server_scheme == AuthScheme::kBasic) return Challenge{TypeOf(AuthScheme::kBasic), ""};
  challenge_nonce_ = terminal_.surroundings_->random(kNonceOctets);
  terminal_.previous_server_nonce_ = std::move(terminal_.account_.server_nonce);
  terminal_.account_.server_nonce = challenge_nonce_;
  return Challenge{TypeOf(AuthScheme::kMd5), challenge_nonce_};
}

void Terminal::Exchange::AddHeaderStatus(MessageBuilder& builder) {
  StatusOf of;
  of.msg_ref = message_->header.msg_id;
  of.cmd_ref = "0";
  of.cmd = "SyncHdr";
  of.target_refs.push_back(message_->header.target.uri);
  of.source_refs.push_back(message_->header.source.uri);
  builder.Status(of, server_status_, IssueChallenge());
}

std::string Terminal::Exchange::CredData() const {
  const std::string user = terminal_.User();
  const std::string& password = terminal_.account_.password;
  if (session_.scheme == AuthScheme::kBasic) return dmauth::BasicCredential(user, password);
  return dmauth::Md5Credential(dmauth::A1(user, password), session_.client_nonce);
}

std::unique_ptr<MessageBuilder> Terminal::Exchange::Begin(bool with_sizes) {
  ++session_.msg_id;
  HeaderFields header;
  header.session_id = session_.id;
  header.msg_id = session_.msg_id;
  header.target = session_.target;
  header.device_id = terminal_.device_id();
  header.with_sizes = with_sizes;
  std::string cred;
  std::string user;
  if (session_.send_cred) {
    cred = CredData();
    user = terminal_.User();
    header.cred_scheme = TypeOf(session_.scheme);
    header.cred = cred;
    if (!spec_.quirks.Has(Quirk::kNoLocName)) header.user = user;
  }
  return std::make_unique<MessageBuilder>(spec_, header);
}

Request Terminal::Exchange::Package1(bool with_status) {
  std::unique_ptr<MessageBuilder> builder = Begin(true);
  if (with_status) AddHeaderStatus(*builder);
  const auto owed = [this](std::string cmd_id, CommandKind kind, int report = -1) {
    session_.sent.push_back({std::move(cmd_id), kind, report, false});
  };
  owed(builder->Alert(1000 + static_cast<int>(session_.reason)), CommandKind::kAlert);
  for (size_t i = 0; i < terminal_.reports_.size(); ++i) {
    owed(builder->Alert(terminal_.reports_[i]), CommandKind::kAlert, static_cast<int>(i));
  }
  for (const ClientAlert& alert : session_.alerts) {
    owed(builder->Alert(alert), CommandKind::kAlert);
  }
  owed(builder->ReplaceDevInfo(terminal_.tree_), CommandKind::kReplace);
  return Send(std::move(builder));
}

void Terminal::Exchange::RefuseAll(const std::pmr::vector<syncml::Command>& commands, int code) {
  for (const syncml::Command& command : commands) {
    if (command.kind == CommandKind::kStatus) continue;
    EmitStatus(command, code);
    RefuseAll(command.children, code);
  }
}

Next Terminal::Exchange::Answer(Verdict server) {
  const bool expected = session_.rest != nullptr || session_.chunked.has_value();
  if (!HasCommands() && !expected) return End(SessionEnd::Outcome::kCompleted);
  builder_ = Begin(false);
  AddHeaderStatus(*builder_);
  builder_->set_final(message_->final || spec_.quirks.Has(Quirk::kFinalInEveryMessage));
  if (server == Verdict::kChallenged) {
    RefuseAll(message_->commands, server_status_);
    return Send(std::move(builder_));
  }
  session_.chunk_arrived = false;
  session_.mishap_due = !session_.mishap_done;
  for (const syncml::Command& command : message_->commands) Execute(command);
  if (aborted_) return End(SessionEnd::Outcome::kAborted, "the server aborted the session (1223)");
  if (session_.chunked && !session_.chunk_arrived) {
    builder_->NoEndOfData(session_.chunked->uri);
    session_.chunked.reset();
  } else if (session_.chunked) {
    builder_->Alert(1222);
  }
  if (session_.rest != nullptr) {
    builder_->TakeFrom(std::move(session_.rest), session_.rest_from);
    builder_->set_final(true);
  }
  return Send(std::move(builder_));
}

Request Terminal::Exchange::Send(std::unique_ptr<MessageBuilder> builder) {
  size_t n = builder->commands();
  std::string body = builder->Encode();
  const uint64_t limit = session_.server_max_msg_size;
  while (limit != 0 && body.size() > limit && n > 2) {
    builder->set_final(spec_.quirks.Has(Quirk::kFinalInEveryMessage));
    body = builder->Encode(--n);
  }
  if (n < builder->commands()) {
    session_.rest = std::move(builder);
    session_.rest_from = n;
  }
  Request request;
  request.url = session_.target;
  request.media_type = MediaTypeOf(spec_);
  request.lowercase_headers = spec_.quirks.Has(Quirk::kLowercaseMediaType);
  request.slowly = spec_.quirks.Has(Quirk::kSlow);
  if (std::exchange(session_.mishap_due, false)) {
    session_.mishap_done = true;
    if (spec_.quirks.Has(Quirk::kDropBeforeSend)) request.mishap = Mishap::kDropBeforeSend;
    if (spec_.quirks.Has(Quirk::kDropAfterSend)) request.mishap = Mishap::kDropAfterSend;
  }
  request.body = std::move(body);
  return request;
}

}  // namespace drover::terminal
