// A terminal's message, from load to answer: runs the core and carries out its effects.
#pragma once
#include <functional>
#include <string>

#include "libs/base/clock.h"
#include "libs/service/log.h"
#include "services/session/handlers/device_gate.h"
#include "services/session/metrics.h"
#include "services/session/ports.h"

namespace drover::session {

// What becomes of a terminal that tree does not know.
struct UnknownTerminals {
  enum class Policy : uint8_t {
    kRefuse,     // HTTP 403.
    kChallenge,  // Challenged like a known one, in vain: does not tell who is known.
    kEnrol,      // Registered if it proves the enrolment password.
  };
  Policy policy = Policy::kChallenge;
  std::string password;         // kEnrol: of terminals that come out of the box.
  std::string server_password;  // kEnrol: ours towards them; empty: none.
};

struct Inbound {
  DeviceId device;
  syncml::Encoding encoding = syncml::Encoding::kXml;
  std::string body;
  std::string mac_header;
  std::string media_type;
};

struct Outbound {
  std::string body;
  std::string mac_header;
};

// An Error with, for overload, when to come back.
struct Failure {
  Error error;
  std::chrono::seconds retry_after{0};
};

// A notification made with the zero nonce, and the session that may answer it so.
struct NonceResync {
  uint16_t session_id = 0;
  std::string notification;  // Package #0
  TimePoint valid_until;
};

class ExchangeHandler {
 public:
  struct Ports {
    SessionStore& store;
    OperationsPort& operations;
    TreePort& tree;
    EventsPort& events;
  };
  ExchangeHandler(asio::io_context& loop, Ports ports, ExchangeConfig config,
                  UnknownTerminals unknown, Clock clock, RandomOctets random, Metrics& metrics);

  // Calls done exactly once. Runs on the loop.
  using Done = std::function<void(std::variant<Outbound, Failure>)>;
  Process Serve(Inbound inbound, Deadline deadline, Done done);
  // kNotFound; kFailedPrecondition: the terminal has no server password.
  Task<NonceResync> StartNonceResync(DeviceId device, Deadline deadline);

 private:
  using Outcome = std::variant<Outbound, Failure>;
  Task<Outcome> ServeInTurn(const Inbound& inbound, Deadline deadline);
  Task<Outcome> ServeOnce(const Inbound& inbound, const syncml::Message& message,
                          Deadline deadline);
  Account Offer(const Inbound& inbound, const syncml::Header& header) const;
  // Moves from loaded. asked: whether the account had to be there.
  Stored StoredOf(const Inbound& inbound, const syncml::Message& message, Loaded& loaded,
                  bool asked) const;
  // Moves from effects what it hands on.
  Task<EffectsResult> Perform(const Inbound& inbound, Effects& effects, const Exchange& exchange,
                              const syncml::Header& header, int64_t mark, TimePoint now,
                              Deadline deadline);
  // The messages that an operation's results travelled in, without secrets.
  std::vector<RawMessage> MessagesOf(const Inbound& inbound, const SessionState& session,
                                     const syncml::Header& header,
                                     const std::optional<Account>& account, TimePoint now) const;
  std::vector<std::string> SecretsOf(const std::optional<Account>& account) const;
  Task<NonceResync> MakeNonceResync(DeviceId device, TimePoint valid_until, Deadline deadline);
  Task<void> Keep(const Inbound& inbound, const Answer& answer, const std::string& nonces_read,
                  TimePoint now, Deadline deadline);
  void Count(const Exchange& exchange, const Inbound& inbound);

  asio::io_context& loop_;
  Ports ports_;
  ExchangeConfig config_;
  UnknownTerminals unknown_;
  Clock clock_;
  RandomOctets random_;
  Metrics& metrics_;
  DeviceGate gate_;
  std::array<service::Sampler, 16> samplers_;
};

}  // namespace drover::session
