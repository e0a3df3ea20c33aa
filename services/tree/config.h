// The tree service's settings.
#pragma once
#include <string>
#include <vector>

#include "libs/async/batcher.h"
#include "libs/dmauth/seal.h"
#include "libs/kafka/producer.h"
#include "libs/postgres/pool.h"
#include "libs/redis/client.h"
#include "libs/service/service.h"

namespace drover::tree {

struct Config {
  postgres::Config postgres;
  redis::Config redis;
  kafka::Config kafka;
  dmauth::SealKeys seal_keys;
  std::string server_id;
  std::chrono::milliseconds account_ttl{};
  std::chrono::milliseconds history_retention{};
  BatchLimits lookups;
  BatchLimits reports;

  static std::vector<service::Flag> AllFlags();
  static Result<Config> From(const service::Flags& flags);
  // What `migrate` needs: PostgreSQL alone.
  static postgres::Config Postgres(const service::Flags& flags);
};

}  // namespace drover::tree
