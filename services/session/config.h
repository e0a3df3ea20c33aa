// The session service's settings.
#pragma once
#include <vector>

#include "libs/dmauth/seal.h"
#include "libs/kafka/producer.h"
#include "libs/redis/client.h"
#include "libs/service/service.h"
#include "libs/service/stream.h"
#include "services/session/adapters/redis_session_store.h"
#include "services/session/handlers/exchange_handler.h"

namespace drover::session {

struct Config {
  redis::Config redis;
  kafka::Config kafka;
  service::StreamClientConfig operations;
  service::StreamClientConfig tree;
  dmauth::SealKeys seal_keys;
  StoreConfig store;
  ExchangeConfig exchange;
  UnknownTerminals unknown;

  static std::vector<service::Flag> AllFlags();
  static Result<Config> From(const service::Flags& flags);
};

}  // namespace drover::session
