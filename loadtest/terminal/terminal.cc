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
      tree_(model.blueprint(), std::exchange(account_.device_id, std::string())),
      ledger_(surroundings.ledger_capacity) {}

Terminal::~Terminal() = default;
Terminal::Terminal(Terminal&&) noexcept = default;
Terminal& Terminal::operator=(Terminal&&) noexcept = default;

std::string Terminal::User() const {
  return account_.user.empty() ? tree_.device_id() : account_.user;
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
  return ShortHex((high | 1U) << 8 | (number & 0xFF));
}

Request Terminal::StartSession(SessionReason reason, std::vector<ClientAlert> alerts) {
  const ModelSpec& spec = model_->spec();
  session_ = std::make_unique<Session>();
  session_->reason = reason;
  session_->alerts = std::move(alerts);
  session_->id = NewSessionId();
  session_->target = surroundings_->server.url;
  session_->scheme = spec.client_scheme;
  session_->send_cred =
      spec.client_scheme != AuthScheme::kNone && !spec.quirks.Has(Quirk::kNoCredFirst);
  session_->client_nonce = spec.quirks.Has(Quirk::kNonceOutOfStep)
                               ? surroundings_->random(kNonceOctets)
                               : account_.client_nonce;
  if (spec.quirks.Has(Quirk::kServerNonceOutOfStep)) {
    account_.server_nonce = surroundings_->random(kNonceOctets);
    previous_server_nonce_ = account_.server_nonce;
  }
  return Exchange(*this, nullptr).Package1(false);
}

Next Terminal::OnResponse(const Response& response) {
  DROVER_CHECK(session_ != nullptr);
  const auto end = [this](SessionEnd::Outcome outcome, std::string cause) {
    session_.reset();
    return SessionEnd{outcome, std::move(cause)};
  };
  if (response.http_status != 200) {
    return end(SessionEnd::Outcome::kRefused,
               "HTTP status " + std::to_string(response.http_status));
  }
  if (!AcceptsMediaType(model_->spec(), response.media_type)) {
    Fault("answered in media type " + std::string(response.media_type));
  }
  const syncml::Decoded decoded = syncml::Decode(model_->spec().encoding, response.body);
  if (!decoded) {
    Fault("the answer does not decode: " + decoded.error.message);
    return end(SessionEnd::Outcome::kProtocolError, "the answer does not decode");
  }
  return Exchange(*this, &decoded.document.message()).Run();
}

void Terminal::AbandonSession() { session_.reset(); }

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
  if (objects_ != nullptr) octets += objects_->size_octets();
  return octets + reports_.capacity() * sizeof(ClientAlert);
}

}  // namespace drover::terminal
