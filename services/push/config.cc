#include "services/push/config.h"

namespace drover::push {

using service::Flag;

std::vector<Flag> Config::AllFlags() {
  using Kind = Flag::Kind;
  return {
      {"postgres-url", Kind::kString, "postgresql://127.0.0.1:5432/drover",
       "PostgreSQL, without password"},
      {"postgres-password-file", Kind::kFile, "", "file with PostgreSQL's password"},
      {"postgres-connections", Kind::kInt, "4", "connections at most", 1, 64},
      {"kafka-brokers", Kind::kString, "127.0.0.1:9092", "Kafka brokers, host:port[,host:port]"},
      {"kafka-linger", Kind::kDuration, "5ms", "how long a record may wait for company"},
      {"session-target", Kind::kString, "session:9090", "gRPC address of session, host:port"},
      {"server-id", Kind::kString, "drover", "this server's name in bootstrap documents"},
      {"push-file", Kind::kString, "", "YAML file of SMSCs, schedule and registration profiles"},
      {"most-pending", Kind::kInt, "1000000",
       "groups that have not ended; past it no work is taken", 1, 10'000'000},
      {"push-ttl", Kind::kDuration, "1h", "how long a push that says nothing waits for its end"},
      {"push-retention", Kind::kDuration, "7d",
       "how long pushes that ended, and their ids, are kept"},
      {"dead-letter-retention", Kind::kDuration, "30d",
       "how long messages that were not read are kept"},
  };
}

postgres::Config Config::Postgres(const service::Flags& flags) {
  postgres::Config config;
  config.url = flags.String("postgres-url");
  config.password = flags.Secret("postgres-password-file");
  config.connections = static_cast<size_t>(flags.Int("postgres-connections"));
  return config;
}

Result<Config> Config::From(const service::Flags& flags) {
  Config config;
  config.postgres = Postgres(flags);
  config.kafka.brokers = flags.String("kafka-brokers");
  config.kafka.client_id = "drover-push";
  config.kafka.linger = flags.Duration("kafka-linger");
  config.session_target = flags.String("session-target");
  config.token = flags.Secret("grpc-token-file");
  config.server_id = flags.String("server-id");
  config.most_pending = static_cast<size_t>(flags.Int("most-pending"));
  config.push_ttl = flags.Duration("push-ttl");
  config.push_retention = flags.Duration("push-retention");
  config.dead_letter_retention = flags.Duration("dead-letter-retention");
  DROVER_TRY(config.settings, LoadSettings(flags.String("push-file")));
  return config;
}

std::vector<std::string> Config::Check(const service::Flags& flags) {
  if (flags.String("push-file").empty()) {
    return {"--push-file is needed: it names the SMSCs (docs/push.md)"};
  }
  const Result<Settings> settings = LoadSettings(flags.String("push-file"));
  if (settings) return {};
  return {"--push-file: " + settings.error().message};
}

}  // namespace drover::push
