#include "services/operations/config.h"

namespace drover::operations {

using service::Flag;

std::vector<Flag> Config::AllFlags() {
  using Kind = Flag::Kind;
  return {
      {"postgres-url", Kind::kString, "postgresql://127.0.0.1:5432/drover",
       "PostgreSQL, without password"},
      {"postgres-password-file", Kind::kFile, "", "file with PostgreSQL's password"},
      {"postgres-connections", Kind::kInt, "4",
       "connections for session steps, and as many again at most for everything else", 1, 64},
      {"redis-url", Kind::kString, "redis://127.0.0.1:6379/0",
       "redis://HOST[:PORT][/DB] or redis-cluster://HOST:PORT,.., without password"},
      {"redis-password-file", Kind::kFile, "", "file with Redis's password"},
      {"kafka-brokers", Kind::kString, "127.0.0.1:9092", "Kafka brokers, host:port[,host:port]"},
      {"kafka-linger", Kind::kDuration, "50ms", "how long an event may wait for company"},
      {"tree-target", Kind::kString, "tree:9090", "gRPC address of tree, host:port"},
      {"advance-batch", Kind::kInt, "128", "session steps in one transaction at most", 1, 1000},
      {"batch-spacing", Kind::kDuration, "10ms",
       "from one transaction of session steps to the next, unless it is full; 0: none"},
      {"operation-ttl", Kind::kDuration, "7d", "how long an operation waits for its terminal"},
      {"session-timeout", Kind::kDuration, "60m",
       "how long an operation may be with a session that says nothing more"},
      {"async-timeout", Kind::kDuration, "7d",
       "how long an operation that was answered 202 waits for the alert that ends it"},
      {"state-timeout", Kind::kDuration, "1d",
       "how long, after that, a terminal has to come and tell how far it is, if it can"},
      {"operation-retention", Kind::kDuration, "90d", "how long operations that ended are kept"},
      {"message-retention", Kind::kDuration, "7d", "how long raw messages are kept"},
      {"sweep-interval", Kind::kDuration, "1s", "how often is looked for what time has made due"},
  };
}

Result<Config> Config::From(const service::Flags& flags) {
  Config config;
  config.postgres.url = flags.String("postgres-url");
  config.postgres.password = flags.Secret("postgres-password-file");
  config.postgres.connections = static_cast<size_t>(flags.Int("postgres-connections"));
  config.redis.url = flags.String("redis-url");
  config.redis.password = flags.Secret("redis-password-file");
  config.kafka.brokers = flags.String("kafka-brokers");
  config.kafka.client_id = "drover-operations";
  config.kafka.linger = flags.Duration("kafka-linger");
  config.tree_target = flags.String("tree-target");
  config.token = flags.Secret("grpc-token-file");
  config.advance.batch = static_cast<size_t>(flags.Int("advance-batch"));
  config.advance.apart = flags.Duration("batch-spacing");
  config.advance.in_flight = config.postgres.connections;
  // A second batch beside one in flight only when it is full: each costs PostgreSQL a transaction.
  config.advance.company = config.advance.batch;
  config.submit.ttl = flags.Duration("operation-ttl");
  config.sweep.patience.session = flags.Duration("session-timeout");
  config.sweep.patience.async = flags.Duration("async-timeout");
  config.sweep.patience.read_state = flags.Duration("state-timeout");
  config.sweep.operation_retention = flags.Duration("operation-retention");
  config.sweep.message_retention = flags.Duration("message-retention");
  config.sweep.interval = flags.Duration("sweep-interval");
  return config;
}

}  // namespace drover::operations
