// The push service's settings: flags, and the file that --push-file names.
#pragma once
#include <string>
#include <vector>

#include "libs/http/server.h"
#include "libs/kafka/producer.h"
#include "libs/postgres/pool.h"
#include "libs/service/service.h"
#include "services/push/core/settings.h"

namespace drover::push {

struct Config {
  postgres::Config postgres;
  kafka::Config kafka;
  std::string session_target;
  std::string token;
  std::string server_id;
  Settings settings;
  std::string pap_listen, pap_tls_listen;  // Empty: none.
  http::Limits pap_limits;
  http::TlsConfig pap_tls;
  std::chrono::milliseconds drain_timeout{};
  size_t most_pending = 0;
  size_t wakeups_a_second = 0;
  std::chrono::milliseconds push_ttl{}, push_retention{}, dead_letter_retention{};

  static std::vector<service::Flag> AllFlags();
  static postgres::Config Postgres(const service::Flags& flags);
  static Result<Config> From(const service::Flags& flags);
  // What is wrong with the file; for check-config.
  static std::vector<std::string> Check(const service::Flags& flags);
};

}  // namespace drover::push
