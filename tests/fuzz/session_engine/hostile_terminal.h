// A terminal that answers what it was sent, rightly and wrongly, as the input decides.
#pragma once
#include <charconv>
#include <string>

#include "libs/syncml/document.h"
#include "tests/fuzz/session_engine/scene.h"

namespace drover::session::fuzz {

// What one message shows of who sends it.
struct Proof {
  enum class Kind : uint8_t { kRight, kNone, kWrong };
  Kind kind = Kind::kRight;
  std::string mac_header;
};

class HostileTerminal {
 public:
  HostileTerminal(Input& in, const Account& account) : in_(in), account_(account) {}

  // Fills in the next message after `session` (nullptr: none is open); body: what its octets are
  // taken for, which a MAC is made of.
  Proof Speak(const SessionState* session, const NonceState& nonces, std::string_view body,
              syncml::Document& out) {
    out_ = &out;
    session_ = session;
    next_id_ = 1;
    const uint8_t mood = in_.Octet();
    SetHeader(mood);
    Proof proof = Prove(nonces, body);
    const bool opens = session == nullptr || session->ended || (mood & 7) == 7;
    if (opens) AddAlert("1201");
    if (session != nullptr) Answer();
    for (uint32_t n = in_.Below(4); n > 1; --n) AddSomething();
    out.message().final = in_.Below(4) != 3;
    return proof;
  }

 private:
  std::string_view Number(uint64_t n) { return out_->Keep(std::to_string(n)); }

  void SetHeader(uint8_t mood) {
    static constexpr std::array<std::string_view, 4> kVersions = {"DM/1.2", "DM/1.2", "DM/1.1",
                                                                  "DM/9"};
    static constexpr std::array<std::string_view, 3> kSessions = {"1", "2", "A7"};
    syncml::Header& header = out_->message().header;
    header.ver_dtd = "1.2";
    header.ver_proto = (mood & 0x78) == 0x78 ? in_.Of(kVersions) : kVersions[0];
    header.target.uri = "https://dm.example.com/dm";
    header.source.uri = kTerminal;
    const bool goes_on = session_ != nullptr && (mood & 7) != 7;
    header.session_id = goes_on ? out_->Keep(session_->session_id) : in_.Of(kSessions);
    const uint32_t last = goes_on ? session_->client_msg_id : 0;
    const uint32_t step = (mood & 0x80) != 0 ? in_.Below(4) : 1;
    header.msg_id = Number(last + step);
    static constexpr std::array<uint64_t, 8> kSizes = {0, 0, 5'000, 0, 2'000, 20'000, 600, 9'000};
    if (!goes_on || (mood & 0x40) != 0) {
      const uint64_t size = in_.Of(kSizes);
      if (size != 0) header.meta.max_msg_size = size;
      if (in_.Below(4) == 3) header.meta.max_obj_size = 3'000;
    }
  }

  Proof Prove(const NonceState& nonces, std::string_view body) {
    const Secrets& secrets = AllSecrets();
    const uint8_t choice = in_.Octet();
    Proof proof;
    const bool mac = session_ != nullptr ? session_->mac : (choice & 0x80) != 0;
    const uint32_t kind = choice & 15;
    if (kind == 15) {
      proof.kind = Proof::Kind::kNone;
      return proof;
    }
    proof.kind = kind == 14 ? Proof::Kind::kWrong : Proof::Kind::kRight;
    const std::string& a1 = kind == 14   ? secrets.wrong
                            : kind == 13 ? secrets.next_client
                                         : secrets.client;
    const std::string nonce = NonceOf(kind, nonces);
    if (mac != ((choice & 0x70) == 0x70)) {
      proof.mac_header =
          dmauth::FormatMacHeader({std::string(kTerminal), dmauth::Mac(a1, nonce, body)});
      return proof;
    }
    syncml::Credentials cred;
    const bool basic = (choice & 0x60) == 0x40;
    cred.meta.format = "b64";
    cred.meta.type = basic ? "syncml:auth-basic" : "syncml:auth-md5";
    cred.data.octets = out_->Keep(basic ? dmauth::BasicCredential(kTerminal, Password(kind))
                                        : dmauth::Md5Credential(a1, nonce));
    out_->message().header.cred = cred;
    return proof;
  }

  static std::string_view Password(uint32_t kind) {
    return kind == 14 ? "wrong" : kind == 13 ? "nextpw" : "clientpw";
  }

  std::string NonceOf(uint32_t kind, const NonceState& nonces) const {
    switch (kind) {
      case 8:
        return nonces.previous_nonce;
      case 9:
        return "enrolment-client";
      case 10:
        return std::string(notification::kResyncNonce);
      case 11:
        return std::string(notification::kResyncNonceText);
      case 12:
        return nonces.challenge_nonce;
      default:
        return nonces.known                     ? nonces.client_nonce
               : nonces.challenge_nonce.empty() ? account_.client_nonce
                                                : nonces.challenge_nonce;
    }
  }

  // Of our last message, command by command.
  void Answer() {
    const uint8_t how = in_.Octet();
    AddHeaderStatus(how);
    if ((how & 0x0F) == 0x0F) return;
    for (const SentCommand& sent : session_->sent) {
      const uint8_t choice = (how & 0x10) != 0 ? in_.Octet() : 0;
      AnswerOne(sent, choice);
      if ((choice & 0xC0) == 0xC0) AnswerOne(sent, in_.Octet());  // Twice.
    }
    const bool next = session_->outgoing || (how & 0x20) != 0;
    if (next) AddAlert((how & 0x40) != 0 ? "1225" : "1222");
  }

  void AddHeaderStatus(uint8_t how) {
    static constexpr std::array<std::string_view, 6> kCodes = {"200", "212", "200",
                                                               "401", "407", "200"};
    syncml::Command& status = NewCommand(syncml::CommandKind::kStatus);
    status.msg_ref = Number(session_->server_msg_id);
    status.cmd_ref = "0";
    status.cmd = "SyncHdr";
    const std::string_view code = (how & 0x80) != 0 ? in_.Of(kCodes) : kCodes[0];
    status.data = syncml::Data{code};
    if (code == "200" && (how & 0x80) == 0) return;
    syncml::Meta chal;
    chal.format = "b64";
    chal.type = in_.Bit() ? "syncml:auth-MAC" : "syncml:auth-md5";
    chal.next_nonce.octets = "Tm9uY2U=";
    status.chal = chal;
  }

  void AnswerOne(const SentCommand& sent, uint8_t choice) {
    static constexpr std::array<std::string_view, 16> kCodes = {
        "200", "200", "404", "202", "213", "214", "215", "216",
        "304", "401", "408", "418", "507", "500", "abc", "424"};
    if ((choice & 0x3F) == 0x3F) return;  // Says nothing of it.
    syncml::Command& status = NewCommand(syncml::CommandKind::kStatus);
    const bool wrong = (choice & 0x30) == 0x30;
    if ((choice & 0x20) == 0 || wrong) status.msg_ref = Number(sent.msg_id + (wrong ? 1 : 0));
    status.cmd_ref = Number(sent.cmd_id);
    const bool piece = sent.role == SentCommand::Role::kChunk;
    status.data = syncml::Data{piece && choice == 0 ? kCodes[4] : kCodes[choice & 15]};
    const bool own = sent.role == SentCommand::Role::kCommand;
    const CommandSpec* spec =
        own ? &session_->operations[sent.operation].assignment.commands[sent.command] : nullptr;
    status.cmd = spec != nullptr && spec->prompt ? "Alert" : "Get";
    if (spec != nullptr && spec->prompt) {
      status.items.emplace_back().data = syncml::Data{"1"};
      return;
    }
    const bool reads = sent.role == SentCommand::Role::kVerify ||
                       sent.role == SentCommand::Role::kProbe ||
                       (spec != nullptr && spec->verb == Verb::kGet);
    if (reads && (choice & 15) < 2) AddResults(sent);
  }

  void AddResults(const SentCommand& sent) {
    const uint8_t choice = in_.Octet();
    syncml::Command& results = NewCommand(syncml::CommandKind::kResults);
    if ((choice & 1) == 0) results.msg_ref = Number(sent.msg_id);
    results.cmd_ref = Number(sent.cmd_id);
    if (sent.role == SentCommand::Role::kProbe) {
      results.items.emplace_back().data = syncml::Data{(choice & 2) == 0 ? "true" : "false"};
      return;
    }
    for (uint32_t n = (choice & 0xC0) == 0xC0 ? 3 : 1; n > 0; --n) AddItem(results, choice);
  }

  void AddItem(syncml::Command& command, uint8_t choice) {
    static constexpr std::array<std::string_view, 4> kSources = {"./A/B", "./A/B", "./A/C",
                                                                 "./DMAcc/1/AppAuth/1/AAuthSecret"};
    static constexpr std::array<std::string_view, 4> kFormats = {"chr", "b64", "bin", "node"};
    static constexpr std::array<uint64_t, 4> kSizes = {7, 30, 3000, 1ULL << 40};
    syncml::Item& item = command.items.emplace_back();
    item.source = syncml::Location{kSources[choice >> 6], {}};
    item.meta.format = kFormats[choice / 16 % 4];
    if ((choice & 4) != 0) item.meta.type = "text/plain";
    const std::string data = ValueFor(in_);
    const bool text = data.find('\xFF') == std::string::npos;
    item.data =
        syncml::Data{out_->Keep(data), text ? syncml::DataForm::kText : syncml::DataForm::kOpaque};
    if ((choice & 8) == 0) return;
    const uint8_t piece = in_.Octet();
    item.more_data = (piece & 1) == 0;
    if ((piece & 2) != 0) item.meta.size = kSizes[piece / 4 % 4];
    if ((piece & 16) != 0) item.meta.size = data.size() * (1 + piece / 32 % 4);
  }

  // What was not asked for.
  void AddSomething() {
    static constexpr std::array<std::string_view, 10> kCodes = {
        "1226", "1224", "1222", "1223", "1225", "1200", "1226", "1101", "9999", "1226"};
    const uint32_t kind = in_.Below(16);
    if (kind < 8) {
      syncml::Command& alert = AddAlert(in_.Of(kCodes));
      alert.correlator = in_.Bit() ? "a" : "";
      if (in_.Below(4) == 3) return;
      AddItem(alert, in_.Octet());
      if (in_.Bit()) alert.items.back().meta.type = "urn:oma:at:scomo:1.0:OperationComplete";
      return;
    }
    if (kind < 10) return AddDevInfo();
    if (kind < 12 && session_ != nullptr && session_->incoming) return GoOn();
    if (kind < 13 && session_ != nullptr && !session_->sent.empty()) {
      return AddResults(session_->sent[in_.Below(static_cast<uint32_t>(session_->sent.size()))]);
    }
    static constexpr std::array<syncml::CommandKind, 5> kKinds = {
        syncml::CommandKind::kGet, syncml::CommandKind::kUnknown, syncml::CommandKind::kAtomic,
        syncml::CommandKind::kPut, syncml::CommandKind::kStatus};
    syncml::Command& odd = NewCommand(in_.Of(kKinds));
    if (in_.Bit()) odd.cmd_id = {};
    odd.cmd_ref = "7";
  }

  // The next piece of the object that is on its way.
  void GoOn() {
    const Incoming& incoming = *session_->incoming;
    syncml::Command& command =
        NewCommand(incoming.of_alert ? syncml::CommandKind::kAlert : syncml::CommandKind::kResults);
    if (incoming.of_alert) command.data = syncml::Data{"1226"};
    command.correlator = out_->Keep(incoming.correlator);
    command.msg_ref = out_->Keep(incoming.msg_ref);
    command.cmd_ref = out_->Keep(incoming.cmd_ref);
    const uint8_t choice = in_.Octet();
    AddItem(command, choice);
    syncml::Item& item = command.items.back();
    if ((choice & 1) == 0) item.source = syncml::Location{out_->Keep(incoming.uri), {}};
    if (incoming.of_alert) item.meta.type = "t";
    if ((choice & 2) != 0) item.meta.size = incoming.size;
  }

  void AddDevInfo() {
    syncml::Command& replace = NewCommand(syncml::CommandKind::kReplace);
    syncml::Item& item = replace.items.emplace_back();
    item.source = syncml::Location{in_.Bit() ? "./DevInfo/Man" : "./Elsewhere", {}};
    item.data = syncml::Data{out_->Keep(ValueFor(in_))};
  }

  syncml::Command& AddAlert(std::string_view code) {
    syncml::Command& alert = NewCommand(syncml::CommandKind::kAlert);
    alert.data = syncml::Data{code};
    return alert;
  }

  syncml::Command& NewCommand(syncml::CommandKind kind) {
    syncml::Command& command = out_->message().commands.emplace_back();
    command.kind = kind;
    command.name = kind == syncml::CommandKind::kUnknown ? "Nonsense" : syncml::Name(kind);
    command.cmd_id = Number(next_id_++);
    return command;
  }

  Input& in_;
  const Account& account_;
  syncml::Document* out_ = nullptr;
  const SessionState* session_ = nullptr;
  uint32_t next_id_ = 1;
};

}  // namespace drover::session::fuzz
