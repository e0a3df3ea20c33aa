// What comes over SIP: REGISTER of gateways, and the keep-alives that they send.
//
// A binding is in Redis and, as the contact of its gateway, in PostgreSQL before the 200 leaves.
// Loop thread only.
#pragma once
#include <string>
#include <unordered_map>

#include "libs/sip/link/endpoint.h"
#include "libs/sip/registrar.h"
#include "services/sip/adapters/redis_bindings.h"
#include "services/sip/handlers/models.h"
#include "services/sip/handlers/store.h"
#include "services/sip/handlers/triggers.h"

namespace drover::gateways {

class Registrar {
 public:
  struct Config {
    bool enabled = false;
    sip::RegistrarSettings settings;
    std::string nonce_key;
    std::string owner;             // This process.
    size_t most_running = 2'000;   // REGISTERs that are being answered; past it 503.
    uint32_t most_from_one = 100;  // Requests a second of one address; more are dropped.
  };
  struct Ports {
    Store& store;
    PgGateways& table;
    Models& models;
    Triggers& triggers;
    RedisBindings& bindings;
    const dmauth::SealKeys& keys;
  };
  Registrar(asio::io_context& loop, Ports ports, Config config, Clock clock, RandomOctets random,
            Metrics& metrics);

  // For Endpoint::SetOnRequest and SetAdmit.
  void Handle(sip::Incoming& incoming);
  bool Admit(const sip::Message& message, const sip::Hop& source);

 private:
  Process Serve(std::shared_ptr<sip::Incoming> incoming, sip::RegisterRequest request);
  Task<sip::RegisterReply> Register(const sip::RegisterRequest& request, const sip::Hop& source);
  Task<void> Keep(const Gateway& gateway, const sip::RegisterRequest& request,
                  const std::vector<sip::Binding>& bindings, const sip::Hop& source,
                  Deadline deadline);
  v1::Contact ContactOf(const sip::Binding& binding, const sip::Hop& source) const;
  uint64_t Random() const;

  asio::io_context& loop_;
  Ports ports_;
  const Config config_;
  Clock clock_;
  RandomOctets random_;
  Metrics& metrics_;
  sip::NonceMint mint_;
  sip::ReplayGuard guard_;
  size_t running_ = 0;
  std::unordered_map<std::string, uint32_t> from_;  // By address, in this second.
  int64_t second_ = 0;
};

}  // namespace drover::gateways
