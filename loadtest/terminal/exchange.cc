// What came from the server: its header, and what it says of the terminal's commands.
#include "loadtest/terminal/exchange.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace drover::terminal {
namespace {

using syncml::CommandKind;

constexpr int kAuthenticationAccepted = 212;
constexpr int kChunkAccepted = 213;
constexpr int kInvalidCredentials = 401;
constexpr int kAuthenticationRequired = 407;
constexpr int kDtdNotSupported = 505;
constexpr int kProtocolNotSupported = 513;

int CodeOf(const std::optional<syncml::Data>& data) {
  int code = 0;
  if (!data) return 0;
  const std::string_view text = data->octets;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
  return error == std::errc() && end == text.data() + text.size() ? code : 0;
}

bool IsSuccess(int code) { return code >= 200 && code < 300; }

// Before DM 1.2 there is no TNDS, and in XML none of its WBXML forms.
Quirks TreeQuirks(const ModelSpec& spec, DmVersion version) {
  Quirks quirks = spec.quirks;
  if (version == DmVersion::k11) quirks.Add({Quirk::kNoTnds});
  if (spec.encoding == syncml::Encoding::kXml) {
    quirks.Remove({Quirk::kTndsEmbedded, Quirk::kTndsInline});
  }
  return quirks;
}

bool IsRefusal(int code) { return code == kInvalidCredentials || code == kAuthenticationRequired; }

}  // namespace

Terminal::Exchange::Exchange(Terminal& terminal)
    : terminal_(terminal),
      session_(*terminal.session_),
      spec_(terminal.model_->spec()),
      tree_(terminal.tree_, terminal.surroundings_->server.id,
            TreeQuirks(spec_, session_.version)) {}

Terminal::Exchange::Exchange(Terminal& terminal, const syncml::Message& message,
                             const Response& response)
    : Exchange(terminal) {
  message_ = &message;
  response_ = &response;
}

SessionEnd Terminal::Exchange::End(SessionEnd::Outcome outcome, std::string cause) {
  if (outcome == SessionEnd::Outcome::kProtocolError) terminal_.Fault(cause);
  terminal_.session_.reset();
  return {outcome, std::move(cause)};
}

Next Terminal::Exchange::Run() {
  if (std::optional<SessionEnd> end = CheckHeader()) return std::move(*end);
  const Verdict client = ReadStatuses();
  if (unreadable_) {
    return End(SessionEnd::Outcome::kProtocolError,
               "Status of SyncHdr must be first and have CmdRef 0");
  }
  if (session_.abort_sent) {
    if (HasCommands()) terminal_.Fault("commands after alert 1223");
    return End(SessionEnd::Outcome::kAborted, "the terminal aborted the session (1223)");
  }
  if (client == Verdict::kRefused) return NotAuthenticated();
  const Verdict server = JudgeServer(client);
  if (server == Verdict::kRefused) {
    return End(SessionEnd::Outcome::kServerNotAuthenticated, "the server did not prove itself");
  }
  if (client == Verdict::kChallenged) {
    if (HasCommands()) terminal_.Fault("commands beside a challenge");
    session_.chunked.reset();  // Both sides begin anew.
    return Package1(true);
  }
  return Answer(server);
}

Next Terminal::Exchange::NotAuthenticated() {
  const bool version = header_code_ == kDtdNotSupported || header_code_ == kProtocolNotSupported;
  if (version && terminal_.MayFallBack()) return terminal_.FallBack();
  if (version) return End(SessionEnd::Outcome::kRefused, "the server does not speak this version");
  return End(SessionEnd::Outcome::kNotAuthenticated, "the server refused the credentials");
}

std::optional<SessionEnd> Terminal::Exchange::CheckHeader() {
  const syncml::Header& header = message_->header;
  if (header.ver_dtd != VerDtdOf(session_.version) ||
      header.ver_proto != VerProtoOf(session_.version)) {
    return End(SessionEnd::Outcome::kProtocolError, "VerDTD or VerProto is not the terminal's");
  }
  if (header.session_id != session_.id) {
    return End(SessionEnd::Outcome::kProtocolError,
               "SessionID is " + std::string(header.session_id) + ", not " + session_.id);
  }
  if (header.msg_id.empty() || header.msg_id == session_.last_server_msg_id) {
    return End(SessionEnd::Outcome::kProtocolError, "MsgID missing or used before");
  }
  if (header.target.uri != terminal_.SourceUri()) terminal_.Fault("Target is not the terminal");
  if (response_->body.size() > OwnMaxMsgSize()) {
    terminal_.Fault("a message of " + std::to_string(response_->body.size()) +
                    " octets, MaxMsgSize is " + std::to_string(OwnMaxMsgSize()));
  }
  session_.last_server_msg_id = header.msg_id;
  if (!header.resp_uri.empty()) session_.target = header.resp_uri;
  if (header.meta.max_msg_size) session_.server_max_msg_size = *header.meta.max_msg_size;
  if (header.meta.max_obj_size) session_.server_max_obj_size = *header.meta.max_obj_size;
  return std::nullopt;
}

Terminal::Exchange::Verdict Terminal::Exchange::ReadStatuses() {
  const std::string my_msg_id = std::to_string(session_.msg_id);
  std::optional<Verdict> verdict;
  bool first = true;
  for (const syncml::Command& command : message_->commands) {
    const bool is_header = command.kind == CommandKind::kStatus &&
                           (command.cmd == "SyncHdr" || command.cmd_ref == "0");
    const bool strict = spec_.quirks.Has(Quirk::kStrictHeaderStatus);
    if (first && !is_header) {
      unreadable_ = strict;
      terminal_.Fault("Status of SyncHdr is not the first of the body");
    }
    first = false;
    if (command.kind != CommandKind::kStatus) continue;
    if (is_header && command.cmd_ref != "0") {
      unreadable_ = strict;
      terminal_.Fault("Status of SyncHdr without CmdRef 0");
    }
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
  CheckAllAnswered(verdict == Verdict::kChallenged);
  return verdict.value_or(Verdict::kRefused);
}

Terminal::Exchange::Verdict Terminal::Exchange::ReadHeaderStatus(const syncml::Command& status,
                                                                 int code) {
  header_code_ = code;
  if (IsRefusal(code)) return Challenged(status, code);
  if (!IsSuccess(code)) return Verdict::kRefused;
  if (session_.scheme == AuthScheme::kMac && session_.send_cred) {
    if (code == kAuthenticationAccepted) terminal_.Fault("212 for x-syncml-hmac, which wants 200");
    if (!status.chal) terminal_.Fault("no Chal in the Status of a header with x-syncml-hmac");
  } else if (code == kAuthenticationAccepted) {
    session_.send_cred = false;
  }
  session_.client_accepted = true;
  if (status.chal && !status.chal->next_nonce.octets.empty()) ReadNextNonce(*status.chal);
  return Verdict::kAccepted;
}

void Terminal::Exchange::ReadCommandStatus(const syncml::Command& status, int code) {
  for (Session::Sent& sent : session_.sent) {
    if (sent.cmd_id != status.cmd_ref) continue;
    if (status.cmd != Name(sent.kind)) {
      terminal_.Fault("Status says Cmd " + std::string(status.cmd) + " of a command that is none");
    }
    sent.status = code;
    ReadChunkStatus(sent, code);
    return;
  }
  terminal_.Fault("Status for CmdRef " + std::string(status.cmd_ref) + ", which asked for none");
}

void Terminal::Exchange::ReadChunkStatus(const Session::Sent& sent, int code) {
  if (sent.chunk && code != kChunkAccepted) {
    if (IsSuccess(code)) terminal_.Fault("a chunk was answered " + std::to_string(code));
    if (!session_.rest_is_chunk) return;
    // The server does not want the rest of it.
    session_.rest_is_chunk = false;
    session_.rest->ForgetCut();
    if (++session_.rest_from == session_.rest->commands()) session_.rest.reset();
  } else if (!sent.chunk && code == kChunkAccepted) {
    terminal_.Fault("213 for what is no chunk");
  } else if (!sent.owes_status && code == 200) {
    terminal_.Fault("Status 200 for Results");
  }
}

void Terminal::Exchange::CheckAllAnswered(bool challenged) {
  std::vector<int> acknowledged;
  for (const Session::Sent& sent : session_.sent) {
    const bool answered = sent.status != 0;
    // A server that asks for a proof in the middle of an object has lost what it had of it.
    if (!answered && sent.owes_status && !(challenged && sent.chunk)) {
      terminal_.Fault("no Status for " + std::string(Name(sent.kind)) + ", CmdID " + sent.cmd_id);
    }
    if (IsSuccess(sent.status) && sent.report >= 0) acknowledged.push_back(sent.report);
    if (sent.kind == CommandKind::kReplace) session_.repeat_replace = IsRefusal(sent.status);
  }
  if (!session_.sent.empty() && session_.sent.front().kind == CommandKind::kAlert) {
    session_.repeat_alert = IsRefusal(session_.sent.front().status);
  }
  session_.sent.clear();
  std::sort(acknowledged.begin(), acknowledged.end());
  for (auto it = acknowledged.rbegin(); it != acknowledged.rend(); ++it) {
    terminal_.reports_.erase(terminal_.reports_.begin() + *it);
    if (session_.rest != nullptr) session_.rest->ForgetReport(*it);
    ++terminal_.alerts_acknowledged_;
  }
  if (terminal_.reports_.empty()) terminal_.reports_.shrink_to_fit();
}

bool Terminal::Exchange::HasCommands() const {
  return std::ranges::any_of(message_->commands, [](const syncml::Command& command) {
    return command.kind != CommandKind::kStatus;
  });
}

bool Terminal::Exchange::AsksForMore() const {
  return std::ranges::any_of(message_->commands, [](const syncml::Command& command) {
    return command.kind == CommandKind::kAlert && command.data && command.data->octets == "1222";
  });
}

}  // namespace drover::terminal
