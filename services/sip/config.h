// The sip service's settings: flags, and the file that --profiles-file names.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "libs/dmauth/seal.h"
#include "libs/gateway/pacing.h"
#include "libs/gateway/profile.h"
#include "libs/http/server.h"
#include "libs/kafka/producer.h"
#include "libs/postgres/pool.h"
#include "libs/redis/client.h"
#include "libs/service/service.h"
#include "libs/service/stream.h"
#include "libs/sip/link/endpoint.h"
#include "services/sip/handlers/request_server.h"
#include "services/sip/handlers/sender.h"

namespace drover::gateways {

struct Config {
  postgres::Config postgres;
  redis::Config redis;
  kafka::Config kafka;
  service::StreamClientConfig operations, tree;
  std::optional<dmauth::SealKeys> seal_keys;
  sip::Endpoint::Config sip;
  Sender::Config sender;
  gateway::PacingOptions pacing;
  std::vector<gateway::Profile> profiles;
  std::string http_listen, https_listen;  // Empty: none.
  http::Limits http_limits;
  http::TlsConfig tls;
  RequestServer::Config requests;
  Cycles::Config cycles;
  std::string files_dir;
  bool registrar = false;
  std::string sip_realm;
  uint32_t most_from_one = 0;  // SIP requests a second of one address.
  std::chrono::milliseconds drain_timeout{};

  static std::vector<service::Flag> AllFlags();
  static postgres::Config Postgres(const service::Flags& flags);
  static Result<Config> From(const service::Flags& flags);
  // What no single flag can tell; for check-config.
  static std::vector<std::string> Check(const service::Flags& flags);
};

}  // namespace drover::gateways
