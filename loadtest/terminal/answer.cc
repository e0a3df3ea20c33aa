// What the terminal says: package 1, the answer to the server's commands, and the octets of both.
#include <algorithm>
#include <utility>

#include "libs/dmauth/credentials.h"
#include "loadtest/terminal/exchange.h"

namespace drover::terminal {
namespace {

using syncml::CommandKind;

constexpr int kOk = 200;
constexpr uint32_t kTinyMessage = 2048;

}  // namespace

size_t Terminal::Exchange::OwnMaxMsgSize() const {
  return spec_.quirks.Has(Quirk::kTinyMaxMsgSize) ? kTinyMessage : spec_.max_msg_size;
}

size_t Terminal::Exchange::SendLimit() const {
  if (spec_.quirks.Has(Quirk::kIgnoresMaxMsgSize)) return 0;
  return session_.server_max_msg_size != 0 ? session_.server_max_msg_size : spec_.max_msg_size;
}

std::unique_ptr<MessageBuilder> Terminal::Exchange::NewMessage(bool with_sizes) const {
  HeaderFields header;
  header.version = session_.version;
  header.session_id = session_.id;
  header.msg_id = session_.msg_id;
  header.target = session_.target;
  const std::string source = terminal_.SourceUri();
  header.source = source;
  if (with_sizes) {
    header.max_msg_size = static_cast<uint32_t>(OwnMaxMsgSize());
    header.max_obj_size = spec_.max_obj_size;
  }
  std::string cred;
  std::string user;
  if (session_.send_cred) {
    user = terminal_.UserName();
    if (session_.scheme != AuthScheme::kMac) {
      cred = CredData();
      header.cred_scheme = dmauth::TypeOf(
          session_.scheme == AuthScheme::kBasic ? dmauth::Scheme::kBasic : dmauth::Scheme::kMd5);
    }
    header.cred = cred;
    if (!spec_.quirks.Has(Quirk::kNoLocName)) header.user = user;
  }
  return std::make_unique<MessageBuilder>(spec_, header);
}

std::unique_ptr<MessageBuilder> Terminal::Exchange::Begin(bool with_sizes) {
  ++session_.msg_id;
  return NewMessage(with_sizes);
}

Request Terminal::Exchange::Package1(bool with_status) {
  session_.rest.reset();
  session_.rest_is_chunk = false;
  const bool sparing = with_status && spec_.quirks.Has(Quirk::kResendsOnlyRefused);
  std::unique_ptr<MessageBuilder> builder = Begin(true);
  if (with_status) AddHeaderStatus(*builder);
  if (!sparing || session_.repeat_alert) {
    const bool always_1201 = spec_.quirks.Has(Quirk::kAlways1201);
    builder->Alert(always_1201 ? 1201 : 1000 + static_cast<int>(session_.reason));
  }
  // DevInfo belongs into the first message: what may need several comes after it.
  std::vector<std::pair<const ClientAlert*, int>> late;
  const auto raise = [&](const ClientAlert& alert, int report) {
    if (alert.data.size() > SendLimit() / 2 && SendLimit() != 0) {
      late.emplace_back(&alert, report);
    } else {
      builder->Alert(alert, report);
    }
  };
  for (size_t i = 0; i < terminal_.reports_.size(); ++i) {
    raise(terminal_.reports_[i], static_cast<int>(i));
  }
  for (const ClientAlert& alert : session_.alerts) raise(alert, -1);
  if (spec_.quirks.Has(Quirk::kLoginStatusAlert)) {
    ClientAlert login;
    login.code = 1224;
    login.type = "com.microsoft/MDM/LoginStatus";
    login.format = "chr";
    login.data = "user";
    builder->Alert(login);
  }
  if (!sparing || session_.repeat_replace) builder->ReplaceDevInfo(terminal_.tree_);
  const size_t at_once = builder->commands();
  for (const auto& [alert, report] : late) builder->Alert(*alert, report);
  session_.server_package_closed = true;
  return Send(std::move(builder), at_once);
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

Request Terminal::Exchange::SecondSession() {
  Terminal& terminal = terminal_;
  Request request = terminal.StartSession(SessionReason::kClientInitiated);
  terminal.session_->is_second = true;
  return request;
}

Next Terminal::Exchange::Answer(Verdict server) {
  const Quirks& quirks = spec_.quirks;
  if (message_->final) session_.server_package_closed = true;
  const bool waits = session_.rest != nullptr || session_.chunked || session_.abort_due;
  if (!HasCommands() && !waits && !quirks.Has(Quirk::kNeverEnds)) {
    return End(SessionEnd::Outcome::kCompleted);
  }
  if (quirks.Has(Quirk::kSilentInLargeObject) && session_.rest_is_chunk) {
    return End(SessionEnd::Outcome::kSilent, "silent in a large object of its own");
  }
  const bool first_commands =
      server == Verdict::kAccepted && HasCommands() && !std::exchange(session_.commands_came, true);
  if (first_commands && quirks.Has(Quirk::kSecondSession) && !session_.is_second) {
    return SecondSession();
  }
  if (first_commands && quirks.Has(Quirk::kAbortsSession)) session_.abort_due = true;
  const bool nothing_to_answer = !HasCommands() && !waits;
  builder_ = Begin(false);
  AddHeaderStatus(*builder_);
  if (server == Verdict::kChallenged) {
    for (const syncml::Command& command : message_->commands) Refuse(command, server_status_);
  } else {
    AnswerCommands();
    if (aborted_) {
      return End(SessionEnd::Outcome::kAborted, "the server aborted the session (1223)");
    }
    if (quirks.Has(Quirk::kSilentInLargeObject) && session_.chunked) {
      return End(SessionEnd::Outcome::kSilent, "silent in a large object of the server");
    }
    if (nothing_to_answer) builder_->Alert(1222);
    AddRest();
  }
  if (std::exchange(session_.abort_due, false)) {
    session_.abort_sent = true;
    builder_->Alert(1223);
  }
  return Send(std::move(builder_));
}

void Terminal::Exchange::AnswerCommands() {
  session_.chunk_arrived = false;
  session_.mishap_due = !session_.mishap_done;
  Flow flow = session_.cancelled ? Flow::kCancelled : Flow::kGoOn;
  for (const syncml::Command& command : message_->commands) {
    if (flow == Flow::kCancelled) {
      Refuse(command, 215);
    } else {
      flow = Execute(command);
    }
  }
  if (flow == Flow::kCancelled && spec_.quirks.Has(Quirk::kCancelEndsSession)) {
    session_.cancelled = true;
  }
  if (!session_.chunked || aborted_) return;
  if (!session_.chunk_arrived || message_->final) {
    NoEndOfData();
  } else {
    builder_->Alert(1222);
  }
}

void Terminal::Exchange::AddRest() {
  if (session_.rest == nullptr) return;
  const bool complete = spec_.quirks.Has(Quirk::kFinalInEveryMessage);
  if (!complete && !AsksForMore()) {
    terminal_.Fault("the terminal's package is not complete, and no alert 1222");
  }
  builder_->TakeFrom(std::move(session_.rest), session_.rest_from);
}

void Terminal::Exchange::RememberSent(const MessageBuilder& builder,
                                      const MessageBuilder::Part& part) {
  session_.sent.clear();
  const size_t n = part.commands + (part.cuts() ? 1 : 0);
  for (size_t i = 0; i < n; ++i) {
    const syncml::Command& command = builder.command(i);
    if (command.kind == CommandKind::kStatus) continue;
    const bool cut = i == part.commands;
    Session::Sent& sent = session_.sent.emplace_back();
    sent.cmd_id = command.cmd_id;
    sent.kind = command.kind;
    sent.chunk = cut && part.octets > 0;
    sent.report = cut ? -1 : builder.ReportOf(i);
    sent.owes_status = command.kind != CommandKind::kResults || sent.chunk;
  }
}

Request Terminal::Exchange::Send(std::unique_ptr<MessageBuilder> builder, size_t at_once) {
  const Quirks& quirks = spec_.quirks;
  const bool always_final = quirks.Has(Quirk::kFinalInEveryMessage);
  bool final = always_final || (session_.server_package_closed && !session_.chunked);
  if (quirks.Has(Quirk::kNeverFinal)) final = false;
  builder->set_final(final);
  MessageBuilder::Part part{builder->commands()};
  std::string body = builder->Encode();
  const size_t limit = SendLimit();
  if (limit != 0 && body.size() > limit) {
    part = builder->Fit(limit, at_once);
    final = final && (always_final || part.commands == builder->commands());
    builder->set_final(final);
    body = builder->Encode(part);
  }
  if (final) session_.server_package_closed = false;
  RememberSent(*builder, part);
  session_.rest_is_chunk = part.octets > 0;
  if (part.commands < builder->commands()) {
    builder->Sent(part);
    session_.rest = std::move(builder);
    session_.rest_from = part.commands;
  }
  return RequestOf(std::move(body));
}

Request Terminal::Exchange::RequestOf(std::string body) {
  const Quirks& quirks = spec_.quirks;
  Request request;
  request.url = session_.target;
  request.media_type = MediaTypeOf(spec_);
  request.lowercase_headers = quirks.Has(Quirk::kLowercaseMediaType);
  request.slowly = quirks.Has(Quirk::kSlow);
  request.close_connection = quirks.Has(Quirk::kConnectionClose);
  request.chunked = quirks.Has(Quirk::kChunkedRequest);
  request.expect_continue = quirks.Has(Quirk::kExpectContinue);
  if (std::exchange(session_.mishap_due, false)) {
    session_.mishap_done = true;
    if (quirks.Has(Quirk::kDropBeforeSend)) request.mishap = Mishap::kDropBeforeSend;
    if (quirks.Has(Quirk::kDropAfterSend)) request.mishap = Mishap::kDropAfterSend;
  }
  request.mac_header = MacHeader(body);
  request.body = std::move(body);
  return request;
}

void Terminal::Exchange::Refuse(const syncml::Command& command, int code) {
  if (command.kind == CommandKind::kStatus) return;
  EmitStatus(command, code);
  for (const syncml::Command& child : command.children) Refuse(child, code);
}

void Terminal::Exchange::EmitStatus(const syncml::Command& command,
                                    const std::vector<ItemOutcome>& outcomes,
                                    const std::vector<std::string>& data) {
  const auto differs = [&outcomes](const ItemOutcome& outcome) {
    return outcome.code != outcomes.front().code;
  };
  bool together = std::none_of(outcomes.begin(), outcomes.end(), differs);
  if (spec_.quirks.Has(Quirk::kStatusPerItem)) together = false;
  StatusOf of;
  of.msg_ref = message_->header.msg_id;
  of.cmd_ref = command.cmd_id;
  of.cmd = command.kind == CommandKind::kUnknown ? command.name : Name(command.kind);
  if (spec_.quirks.Has(Quirk::kStatusPerCommand)) {
    const auto failed = std::find_if(outcomes.begin(), outcomes.end(), [](const ItemOutcome& each) {
      return !TookEffect(each.code);
    });
    return builder_->Status(of, failed == outcomes.end() ? kOk : failed->code, {}, data);
  }
  for (const ItemOutcome& outcome : outcomes) {
    if (!together) {
      of.target_refs.clear();
      of.source_refs.clear();
    }
    if (!outcome.target.empty()) of.target_refs.push_back(outcome.target);
    if (!outcome.source.empty()) of.source_refs.push_back(outcome.source);
    if (!together) builder_->Status(of, outcome.code, {}, data);
  }
  if (together) builder_->Status(of, outcomes.front().code, {}, data);
}

void Terminal::Exchange::EmitStatus(const syncml::Command& command, int code,
                                    const std::vector<std::string>& data) {
  EmitStatus(command, std::vector<ItemOutcome>{{"", "", code}}, data);
}

}  // namespace drover::terminal
