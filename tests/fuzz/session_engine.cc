// The session engine against a hostile terminal: an input is a small world (account, traits,
// limits, work of all kinds) and what the terminal says in it, message by message. After each one
// must hold:
//
//  - nothing that is not proved leaves a session or an effect;
//  - what operations handed out is held, or was given back, or ended: each once, by its session;
//  - a session that ended holds nothing; what one holds is bounded; its indices are valid;
//  - our MsgIDs ascend, our messages can be read, and fit where they can;
//  - the same octets again get the same answer, and do nothing.
#include "libs/base/check.h"
#include "services/session/core/exchange.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/session_engine/hostile_terminal.h"

namespace drover::session::fuzz {
namespace {

constexpr int kMessages = 12;

size_t Octets(const std::vector<Value>& values) {
  size_t octets = 0;
  for (const Value& value : values) {
    octets += value.data.size() + value.uri.size() + value.type.size() + value.format.size();
  }
  return octets;
}

class Run {
 public:
  explicit Run(Input& in)
      : in_(in),
        encoding_(in.Bit() ? syncml::Encoding::kWbxml : syncml::Encoding::kXml),
        config_(ConfigOf(in)),
        account_(AccountOf(in)),
        terminal_(in, account_) {
    SubmitWork(in, operations_);
    if (in.Below(4) == 3) {
      nonces_.resync_session = 1;
      nonces_.resync_until = now_ + std::chrono::minutes(5);
    }
  }

  void Play() {
    for (int i = 0; i < kMessages && !in_.empty(); ++i) {
      const uint8_t around = in_.Octet();
      now_ += std::chrono::seconds((around & 0xE0) == 0xE0 ? 2000 : 1);
      if ((around & 0x1F) == 0x1F) {
        changed_encoding_ = changed_encoding_ || encoding_ != syncml::Encoding::kXml;
        encoding_ = syncml::Encoding::kXml;
      }
      if ((around & 0x1E) == 0x1C) session_.reset();  // Redis was emptied.
      syncml::Document document;
      const std::string body = "message " + std::to_string(i);
      const Proof proof = terminal_.Speak(session_ ? &*session_ : nullptr, nonces_, body, document);
      const bool kept = Receive(document.message(), body, proof, (around & 1) != 0);
      if (kept && (around & 2) != 0) Repeat(document.message(), body, proof);
    }
  }

 private:
  Request RequestOf(const syncml::Message& message, std::string_view body, const Proof& proof) {
    return {device_, encoding_, body, proof.mac_header, message, now_};
  }

  // Whether the answer left a session.
  bool Receive(const syncml::Message& message, std::string_view body, const Proof& proof,
               bool look) {
    const bool marked = !look;
    Exchange exchange(config_, random_, RequestOf(message, body, proof),
                      {session_, nonces_, account_, false, marked});
    bool any = false;
    while (const Effects* effects = exchange.Next()) {
      any = true;
      EffectsResult result;
      result.assignments = operations_.Advance(exchange.session().key, *effects);
      exchange.Done(std::move(result));
    }
    const Answer* answer = std::get_if<Answer>(&exchange.answer());
    if (answer == nullptr) {
      DROVER_CHECK(!any);
      return false;
    }
    CheckAuthentication(message, proof, *answer, any);
    if (answer->nonces_changed) nonces_ = answer->nonces;
    if (look) CheckReadable(*answer);
    if (answer->session) Keep(*answer);
    return answer->session.has_value();
  }

  // Only a right proof, or a message of a session that goes on, leaves anything.
  void CheckAuthentication(const syncml::Message& message, const Proof& proof, const Answer& answer,
                           bool any) {
    if (proof.kind == Proof::Kind::kRight) return;
    uint64_t msg_id = 0;
    const std::string_view text = message.header.msg_id;
    std::from_chars(text.data(), text.data() + text.size(), msg_id);
    const bool goes_on = session_ && session_->session_id == message.header.session_id &&
                         msg_id > session_->client_msg_id && !session_->mac;
    if (goes_on) return;
    DROVER_CHECK(!any && !answer.session && !answer.authenticated && answer.endings.empty());
  }

  void Keep(const Answer& answer) {
    const SessionState& next = *answer.session;
    const bool same = session_ && session_->key == next.key;
    DROVER_CHECK(answer.expected_version == (session_ ? session_->version : 0));
    DROVER_CHECK(!same || next.server_msg_id > session_->server_msg_id);
    DROVER_CHECK(!same || next.client_msg_id > session_->client_msg_id);
    operations_.CheckHeld(next);
    CheckBounds(next);
    CheckIndices(next);
    CheckFits(next, answer.body);
    if (next.ended) {
      DROVER_CHECK(next.operations.empty() && next.sent.empty());
      DROVER_CHECK(!next.incoming && !next.outgoing);
    }
    session_ = next;
  }

  void CheckBounds(const SessionState& session) const {
    DROVER_CHECK(session.operations.size() <= config_.operations_at_once);
    DROVER_CHECK(session.messages - session.pieces <= config_.max_messages || session.ended);
    size_t commands = 0;
    size_t octets = session.incoming ? session.incoming->data.size() : 0;
    for (const HeldOperation& held : session.operations) {
      commands += held.assignment.commands.size();
      DROVER_CHECK(held.results.size() <= held.assignment.commands.size());
      for (const CommandResult& result : held.results) octets += Octets(result.values);
    }
    for (const SentCommand& sent : session.sent) octets += Octets(sent.values);
    DROVER_CHECK(session.sent.size() <= 2 * commands + 2);
    DROVER_CHECK(octets <= 2 * config_.max_obj_size + 4'096);
    DROVER_CHECK(!session.incoming || session.incoming->data.size() <= config_.max_obj_size);
  }

  static void CheckIndices(const SessionState& session) {
    using Role = SentCommand::Role;
    for (const SentCommand& sent : session.sent) {
      if (sent.role == Role::kSequence || sent.role == Role::kAtomic || sent.role == Role::kProbe) {
        continue;
      }
      DROVER_CHECK(sent.operation < session.operations.size());
      const HeldOperation& held = session.operations[sent.operation];
      DROVER_CHECK(sent.command < held.assignment.commands.size());
      DROVER_CHECK(!HasResult(held, sent.command));
      DROVER_CHECK(sent.msg_id <= session.server_msg_id);
    }
    DROVER_CHECK(!session.outgoing || !session.operations.empty());
  }

  // A message of several commands fits; so does a piece of a large object.
  void CheckFits(const SessionState& session, std::string_view body) const {
    uint64_t limit = config_.max_msg_size;
    const auto lower = [&](uint64_t other) { limit = other != 0 && other < limit ? other : limit; };
    lower(session.peer_max_msg_size);
    lower(session.traits.max_msg_size);
    if (body.size() <= limit) return;
    constexpr uint64_t kTiny = 4'096;  // One command or Atomic of so much goes out, come what may;
                                       // and so if the terminal lowers its limit in between.
    std::vector<SentCommand> sent = session.sent;
    std::erase_if(sent,
                  [&](const SentCommand& one) { return one.msg_id != session.server_msg_id; });
    const bool several = sent.size() > 1;
    const bool atomic = several && sent[0].role == SentCommand::Role::kAtomic;
    // An Atomic was measured in the encoding that the terminal spoke when it was handed out.
    DROVER_CHECK(!several ||
                 (atomic && (changed_encoding_ || limit < kTiny || body.size() < limit + kTiny)));
    const bool piece = session.outgoing && session.outgoing->sent > 64 && !sent.empty();
    DROVER_CHECK(!piece);
  }

  void CheckReadable(const Answer& answer) const {
    const syncml::Decoded decoded = syncml::Decode(encoding_, answer.body);
    DROVER_CHECK(decoded.ok);
    const syncml::Message& message = decoded.document.message();
    DROVER_CHECK(!message.commands.empty());
    DROVER_CHECK(message.commands[0].cmd == "SyncHdr" && message.commands[0].cmd_ref == "0");
    if (answer.session) {
      DROVER_CHECK(message.header.msg_id == std::to_string(answer.session->server_msg_id));
      DROVER_CHECK(!answer.session->ended || message.final);
    }
  }

  void Repeat(const syncml::Message& message, std::string_view body, const Proof& proof) {
    Exchange exchange(config_, random_, RequestOf(message, body, proof),
                      {session_, nonces_, account_, false, true});
    const bool any = exchange.Next() != nullptr;
    const Answer* answer = std::get_if<Answer>(&exchange.answer());
    DROVER_CHECK(!any && answer != nullptr && answer->repeated);
    DROVER_CHECK(answer->body == session_->response &&
                 answer->mac_header == session_->response_mac);
    DROVER_CHECK(!answer->session && !answer->nonces_changed && answer->endings.empty());
  }

  Input& in_;
  syncml::Encoding encoding_;
  bool changed_encoding_ = false;
  ExchangeConfig config_;
  Account account_;
  HostileTerminal terminal_;
  OperationsModel operations_;
  std::optional<SessionState> session_;
  NonceState nonces_;
  TimePoint now_{std::chrono::seconds(1'700'000'000)};
  uint64_t next_random_ = 0;
  RandomOctets random_ = [this](size_t n) {
    std::string octets = std::to_string(++next_random_);
    octets.resize(n, '.');
    return octets;
  };
  const DeviceId device_{std::string(kTerminal)};
};

}  // namespace
}  // namespace drover::session::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  drover::session::fuzz::Input input(data, size);
  drover::session::fuzz::Run(input).Play();
  return 0;
}
