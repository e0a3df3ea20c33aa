// The operations service's settings.
#pragma once
#include <vector>

#include "libs/kafka/producer.h"
#include "libs/postgres/pool.h"
#include "libs/redis/client.h"
#include "libs/service/service.h"
#include "services/operations/handlers/advance.h"
#include "services/operations/handlers/submit.h"
#include "services/operations/handlers/sweep.h"

namespace drover::operations {

struct Config {
  postgres::Config postgres;
  redis::Config redis;
  kafka::Config kafka;
  std::string tree_target;
  std::string token;
  AdvanceConfig advance;
  Submitter::Config submit;
  SweepConfig sweep;

  static std::vector<service::Flag> AllFlags();
  static Result<Config> From(const service::Flags& flags);
};

}  // namespace drover::operations
