#include "loadtest/terminal/terminal.h"

#include <utility>

#include "libs/base/bytes.h"
#include "libs/base/check.h"
#include "loadtest/terminal/exchange.h"
#include "loadtest/terminal/mo_diagmon.h"

namespace drover::terminal {
namespace {

constexpr size_t kMaxFaults = 8;
constexpr size_t kNonceOctets = 16;
constexpr size_t kNonceDigits = 5;

size_t HeapOctets(const std::string& text) {
  return text.capacity() > 15 ? text.capacity() + 1 : 0;
}

// Upper-case hex without leading zeros, as a notification's session id is written.
std::string ShortHex(uint32_t value) {
  std::string text;
  for (int shift = 12; shift >= 0; shift -= 4) {
    const uint32_t digit = value >> shift & 15;
    if (digit != 0 || !text.empty() || shift == 0) text += "0123456789ABCDEF"[digit];
  }
  return text;
}

}  // namespace

std::string_view Name(SessionEnd::Outcome outcome) {
  switch (outcome) {
    case SessionEnd::Outcome::kCompleted:
      return "completed";
    case SessionEnd::Outcome::kNotAuthenticated:
      return "not-authenticated";
    case SessionEnd::Outcome::kServerNotAuthenticated:
      return "server-not-authenticated";
    case SessionEnd::Outcome::kAborted:
      return "aborted";
    case SessionEnd::Outcome::kSilent:
      return "silent";
    case SessionEnd::Outcome::kRefused:
      return "refused";
    case SessionEnd::Outcome::kProtocolError:
      break;
  }
  return "protocol-error";
}

Terminal::Terminal(const Model& model, const Surroundings& surroundings, Account account)
    : model_(&model),
      surroundings_(&surroundings),
      account_(std::move(account)),
      client_scheme_(model.spec().client_scheme),
      server_scheme_(model.spec().server_scheme),
      tree_(model.blueprint(), std::exchange(account_.device_id, std::string())),
      ledger_(surroundings.ledger_capacity) {}

Terminal::Terminal(const Model& model, const Surroundings& surroundings, Account account,
                   Memory memory, ManagementTree tree)
    : model_(&model),
      surroundings_(&surroundings),
      account_(std::move(account)),
      previous_server_nonce_(std::move(memory.previous_server_nonce)),
      client_scheme_(memory.client_scheme),
      server_scheme_(memory.server_scheme),
      fell_back_(memory.fell_back),
      tree_(std::move(tree)),
      ledger_(surroundings.ledger_capacity),
      sessions_(memory.sessions),
      notified_(memory.notified) {
  account_.device_id.clear();  // The tree has it.
}

Terminal::~Terminal() = default;
Terminal::Terminal(Terminal&&) noexcept = default;
Terminal& Terminal::operator=(Terminal&&) noexcept = default;

std::string Terminal::UserName() const {
  return account_.user.empty() ? tree_.device_id() : account_.user;
}

std::string Terminal::SourceUri() const {
  const Quirks& quirks = model_->spec().quirks;
  std::string uri = tree_.device_id();
  constexpr std::string_view kImei = "IMEI:";
  constexpr size_t kImeiDigits = 15;
  if (!uri.starts_with(kImei)) return uri;
  if (quirks.Has(Quirk::kImeiWithoutCheckDigit) && uri.size() == kImei.size() + kImeiDigits) {
    uri.pop_back();
  }
  if (quirks.Has(Quirk::kLowercaseImei)) uri.replace(0, kImei.size(), "imei:");
  return uri;
}

std::string Terminal::NewNonce() const {
  if (!model_->spec().quirks.Has(Quirk::kDigitNonces)) return surroundings_->random(kNonceOctets);
  std::string digits = surroundings_->random(kNonceDigits);
  for (char& c : digits) c = static_cast<char>('0' + static_cast<unsigned char>(c) % 10);
  return digits;
}

void Terminal::Fault(std::string what) {
  ++fault_count_;
  if (faults_.size() < kMaxFaults) faults_.push_back(std::move(what));
}

std::string Terminal::NewSessionId() {
  const Quirks& quirks = model_->spec().quirks;
  const uint32_t number = sessions_++;
  if (quirks.Has(Quirk::kSessionIdZero)) return ShortHex(number & 0xFFFF);
  const std::string random = surroundings_->random(8);
  if (quirks.Has(Quirk::kLongSessionId)) return base::Hex(random);
  // Never the one before, never 0.
  const auto high = static_cast<unsigned char>(random[0]);
  const uint32_t id = (high | 1U) << 8 | (number & 0xFF);
  return quirks.Has(Quirk::kSessionIdDecimal) ? std::to_string(id) : ShortHex(id);
}

Request Terminal::StartSession(SessionReason reason, std::vector<ClientAlert> alerts) {
  return StartSession(reason, std::move(alerts), NewSessionId(), "");
}

Request Terminal::StartSession(SessionReason reason, std::vector<ClientAlert> alerts,
                               std::string id, std::string_view resync_nonce) {
  const ModelSpec& spec = model_->spec();
  AdoptCredentials();
  session_ = std::make_unique<Session>();
  session_->reason = reason;
  session_->alerts = std::move(alerts);
  session_->id = std::move(id);
  session_->version = fell_back_ ? DmVersion::k11 : spec.version;
  session_->target = surroundings_->server.url;
  session_->scheme = client_scheme_;
  session_->send_cred =
      client_scheme_ != AuthScheme::kNone && !spec.quirks.Has(Quirk::kNoCredFirst);
  session_->client_nonce = account_.client_nonce;
  if (spec.quirks.Has(Quirk::kNonceOutOfStep)) session_->client_nonce = NewNonce();
  if (spec.quirks.Has(Quirk::kServerNonceOutOfStep)) {
    account_.server_nonce = NewNonce();
    previous_server_nonce_ = account_.server_nonce;
  }
  if (!resync_nonce.empty()) {
    session_->resync_nonce = resync_nonce;
    session_->client_nonce = resync_nonce;
    session_->send_cred = client_scheme_ != AuthScheme::kNone;
  }
  return Exchange(*this).Package1(false);
}

bool Terminal::MayFallBack() const {
  return model_->spec().quirks.Has(Quirk::kVersionFallBack) &&
         session_->version != DmVersion::k11 && !session_->client_accepted;
}

Next Terminal::FallBack() {
  fell_back_ = true;
  const SessionReason reason = session_->reason;
  return StartSession(reason, std::move(session_->alerts));
}

Next Terminal::OnResponse(const Response& response) {
  DROVER_CHECK(session_ != nullptr);
  const auto end = [this](SessionEnd::Outcome outcome, std::string cause) {
    session_.reset();
    return SessionEnd{outcome, std::move(cause)};
  };
  const ModelSpec& spec = model_->spec();
  if (response.http_status != 200) {
    const bool come_again = response.http_status == 503 || response.http_status == 429;
    if (!come_again && MayFallBack()) return FallBack();
    return end(SessionEnd::Outcome::kRefused,
               "HTTP status " + std::to_string(response.http_status));
  }
  if (!AcceptsMediaType(spec, response.media_type)) {
    Fault("answered in media type " + std::string(response.media_type));
  } else if (spec.quirks.Has(Quirk::kExactMediaType) &&
             !IsExactMediaType(spec, response.media_type)) {
    const std::string cause = "answered in media type " + std::string(response.media_type);
    Fault(cause);
    return end(SessionEnd::Outcome::kProtocolError, cause);
  }
  const syncml::Decoded decoded = syncml::Decode(spec.encoding, response.body);
  if (!decoded) {
    Fault("the answer does not decode: " + decoded.error.message);
    return end(SessionEnd::Outcome::kProtocolError, "the answer does not decode");
  }
  return Exchange(*this, decoded.document.message(), response).Run();
}

void Terminal::AbandonSession() { session_.reset(); }

void Terminal::AbortSession() {
  DROVER_CHECK(session_ != nullptr);
  session_->abort_due = true;
}

std::optional<TimePoint> Terminal::next_due() const {
  return objects_ == nullptr ? std::nullopt : objects_->next_due();
}

void Terminal::Tick(TimePoint now) {
  if (objects_ == nullptr) return;
  WithObjects([now](Host& host) {
    host.now = now;
    host.objects.Tick(host);
    return 0;
  });
}

void Terminal::PowerLoss() {
  AbandonSession();
  if (objects_ == nullptr) return;
  WithObjects([](Host& host) {
    host.objects.PowerLoss(host);
    return 0;
  });
}

void Terminal::Sense(std::string_view quantity, int value) {
  WithObjects([quantity, value](Host& host) {
    terminal::Sense(host, quantity, value);
    return 0;
  });
}

void Terminal::DeregisterTraps() {
  WithObjects([](Host& host) {
    terminal::DeregisterTraps(host);
    return 0;
  });
}

void Terminal::GiveFate(Fate fate) {
  WithObjects([&fate](Host& host) {
    host.objects.Give(std::move(fate));
    return 0;
  });
}

size_t Terminal::size_octets() const {
  size_t octets = sizeof(Terminal) + tree_.size_octets();
  for (const std::string* text :
       {&account_.user, &account_.password, &account_.server_password, &account_.client_nonce,
        &account_.server_nonce, &previous_server_nonce_}) {
    octets += HeapOctets(*text);
  }
  octets += ledger_.executions().capacity() * sizeof(Execution);
  for (const Execution& execution : ledger_.executions()) {
    octets += HeapOctets(execution.uri) + HeapOctets(execution.correlator);
  }
  octets += ledger_.dialogs().capacity() * sizeof(ShownDialog);
  for (const ShownDialog& shown : ledger_.dialogs()) {
    octets += HeapOctets(shown.dialog.text) + shown.dialog.choices.capacity() * sizeof(std::string);
  }
  if (objects_ != nullptr) octets += objects_->size_octets();
  for (const ClientAlert& report : reports_) {
    octets += HeapOctets(report.type) + HeapOctets(report.data) + HeapOctets(report.source) +
              HeapOctets(report.target) + HeapOctets(report.correlator) + HeapOctets(report.mark);
  }
  return octets + reports_.capacity() * sizeof(ClientAlert);
}

}  // namespace drover::terminal
