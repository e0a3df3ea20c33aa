#include "services/tree/config.h"

namespace drover::tree {

using service::Flag;

std::vector<Flag> Config::AllFlags() {
  using Kind = Flag::Kind;
  return {
      {"postgres-url", Kind::kString, "postgresql://drover@127.0.0.1:5432/drover",
       "PostgreSQL, without password"},
      {"postgres-password-file", Kind::kFile, "", "file with PostgreSQL's password"},
      {"postgres-connections", Kind::kInt, "4",
       "connections to PostgreSQL, besides the outbox relay's", 1, 64},
      {"redis-url", Kind::kString, "redis://127.0.0.1:6379/0",
       "redis://HOST[:PORT][/DB] or redis-cluster://HOST:PORT,.., without password"},
      {"redis-password-file", Kind::kFile, "", "file with Redis's password"},
      {"kafka-brokers", Kind::kString, "127.0.0.1:9092", "Kafka brokers, host:port[,host:port]"},
      {"kafka-linger", Kind::kDuration, "50ms", "how long an event may wait for company"},
      {"seal-key-file", Kind::kFile, "",
       "keys that accounts are sealed with, \"<number> <64 hex digits>\" a line; the last one "
       "seals"},
      {"server-id", Kind::kString, "drover",
       "our name towards terminals (ServerID of their DM accounts)"},
      {"account-cache-ttl", Kind::kDuration, "10m",
       "how long an account that was looked up stays in Redis", 1000},
      {"history-retention", Kind::kDuration, "90d",
       "how long a value that a node had is kept after it changed", 60'000},
      {"batch-accounts", Kind::kInt, "256", "accounts looked up by one statement", 1, 10'000},
      {"batch-nodes", Kind::kInt, "512", "nodes written by one transaction", 1, 100'000},
      {"batches", Kind::kInt, "1", "transactions with reports at a time", 1, 16},
      {"batch-spacing", Kind::kDuration, "10ms",
       "from one transaction with reports to the next, and of look-ups; 0: none"},
      {"max-waiting", Kind::kInt, "20000",
       "requests of each kind that wait; past it RESOURCE_EXHAUSTED", 1, 1'000'000},
  };
}

namespace {

// Everything that tree asks for is found by a key. Said to the planner once and for all: it plans a
// statement when tables are small or not analysed yet, and keeps the plan.
std::string ByKeysOnly(const std::string& url) {
  if (url.find("options=") != std::string::npos) return url;  // Whoever sets options knows better.
  return url + (url.find('?') == std::string::npos ? "?" : "&") +
         "options=-c%20enable_seqscan%3Doff%20-c%20enable_hashjoin%3Doff"
         "%20-c%20enable_mergejoin%3Doff%20-c%20jit%3Doff";
}

}  // namespace

postgres::Config Config::Postgres(const service::Flags& flags) {
  postgres::Config config;
  config.url = ByKeysOnly(flags.String("postgres-url"));
  config.password = flags.Secret("postgres-password-file");
  config.connections = static_cast<size_t>(flags.Int("postgres-connections"));
  return config;
}

Result<Config> Config::From(const service::Flags& flags) {
  Config config;
  config.postgres = Postgres(flags);
  config.redis.url = flags.String("redis-url");
  config.redis.password = flags.Secret("redis-password-file");
  config.kafka.brokers = flags.String("kafka-brokers");
  config.kafka.client_id = "tree";
  config.kafka.linger = flags.Duration("kafka-linger");
  if (flags.Secret("seal-key-file").empty()) {
    return InvalidArgument(
        "--seal-key-file is needed: a line \"1 <64 hex digits>\", the same file as session's");
  }
  DROVER_TRY(config.seal_keys, dmauth::SealKeys::Parse(flags.Secret("seal-key-file")));
  config.server_id = flags.String("server-id");
  if (config.server_id.empty()) return InvalidArgument("--server-id must not be empty");
  config.account_ttl = flags.Duration("account-cache-ttl");
  config.history_retention = flags.Duration("history-retention");
  const auto waiting = static_cast<size_t>(flags.Int("max-waiting"));
  const auto at_once = static_cast<size_t>(flags.Int("batches"));
  const auto accounts = static_cast<size_t>(flags.Int("batch-accounts"));
  const auto nodes = static_cast<size_t>(flags.Int("batch-nodes"));
  const auto apart = flags.Duration("batch-spacing");
  config.lookups = {.weight = accounts, .running = 1, .waiting = waiting, .apart = apart};
  config.reports = {.weight = nodes, .running = at_once, .waiting = waiting, .apart = apart};
  return config;
}

}  // namespace drover::tree
