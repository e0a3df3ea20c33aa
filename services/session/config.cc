#include "services/session/config.h"

namespace drover::session {

using service::Flag;

std::vector<Flag> Config::AllFlags() {
  using Kind = Flag::Kind;
  return {
      {"redis-url", Kind::kString, "redis://127.0.0.1:6379/0",
       "redis://HOST[:PORT][/DB] or redis-cluster://HOST:PORT,.., without password"},
      {"redis-password-file", Kind::kFile, "", "file with Redis's password"},
      {"kafka-brokers", Kind::kString, "127.0.0.1:9092", "Kafka brokers, host:port[,host:port]"},
      {"kafka-linger", Kind::kDuration, "5ms", "how long an event may wait for company"},
      {"operations-target", Kind::kString, "operations:9090",
       "gRPC address of operations, host:port"},
      {"tree-target", Kind::kString, "tree:9090", "gRPC address of tree, host:port"},
      {"seal-key-file", Kind::kFile, "", "keys that accounts are sealed with; the same as tree's"},
      {"server-id", Kind::kString, "drover",
       "our name towards terminals (ServerID of their DM accounts)"},
      {"resp-uri", Kind::kString, "",
       "absolute URL where terminals post from their second message on; empty: not said"},
      {"max-msg-size", Kind::kInt, "65536", "octets of a message, announced to terminals", 1024,
       1 << 20},
      {"operations-at-once", Kind::kInt, "16", "operations that one session holds at most", 1, 256},
      {"max-obj-size", Kind::kInt, "1048576",
       "octets of a large object, announced to terminals and put together at most", 4096, 4 << 20},
      {"max-messages", Kind::kInt, "200",
       "messages of one session, those of large objects not counted; then it is aborted", 4,
       100'000},
      {"session-limit", Kind::kDuration, "1h", "how long one session may last; then it is aborted"},
      {"session-ttl", Kind::kDuration, "10m", "how long a silent session is remembered"},
      {"nonce-ttl", Kind::kDuration, "90d", "how long a silent terminal's nonces are remembered"},
      {"unknown-terminals", Kind::kChoice, "challenge",
       "what becomes of a terminal that is not registered", INT64_MIN, INT64_MAX,
       "refuse|challenge|enrol"},
      {"enrol-password-file", Kind::kFile, "", "with --unknown-terminals=enrol: their password"},
      {"enrol-server-password-file", Kind::kFile, "",
       "with --unknown-terminals=enrol: our password towards them"},
      {"throttle-failures", Kind::kInt, "5",
       "wrong credentials in a row before a terminal has to pause", 1, 1000},
      {"throttle-pause", Kind::kDuration, "30s", "how long it has to"},
  };
}

Result<Config> Config::From(const service::Flags& flags) {
  Config config;
  config.redis.url = flags.String("redis-url");
  config.redis.password = flags.Secret("redis-password-file");
  config.kafka.brokers = flags.String("kafka-brokers");
  config.kafka.client_id = "session";
  config.kafka.linger = flags.Duration("kafka-linger");
  const std::string& token = flags.Secret("grpc-token-file");
  config.operations = {.target = flags.String("operations-target"), .token = token};
  config.tree = {.target = flags.String("tree-target"), .token = token};
  if (flags.Secret("seal-key-file").empty()) {
    return InvalidArgument("--seal-key-file is needed: the file that tree seals accounts with");
  }
  DROVER_TRY(config.seal_keys, dmauth::SealKeys::Parse(flags.Secret("seal-key-file")));
  using std::chrono::duration_cast, std::chrono::seconds;
  config.store.session_ttl = duration_cast<seconds>(flags.Duration("session-ttl"));
  config.store.nonce_ttl = duration_cast<seconds>(flags.Duration("nonce-ttl"));
  config.exchange.server_id = flags.String("server-id");
  config.exchange.resp_uri = flags.String("resp-uri");
  config.exchange.max_msg_size = static_cast<uint64_t>(flags.Int("max-msg-size"));
  config.exchange.max_obj_size = static_cast<uint64_t>(flags.Int("max-obj-size"));
  config.exchange.max_duration = duration_cast<seconds>(flags.Duration("session-limit"));
  config.exchange.operations_at_once = static_cast<uint32_t>(flags.Int("operations-at-once"));
  config.exchange.max_messages = static_cast<uint32_t>(flags.Int("max-messages"));
  config.exchange.throttle.failures = static_cast<uint32_t>(flags.Int("throttle-failures"));
  config.exchange.throttle.pause = duration_cast<seconds>(flags.Duration("throttle-pause"));
  config.store.stranger_ttl =
      std::max(config.store.stranger_ttl, config.exchange.throttle.pause * 2);
  using Policy = UnknownTerminals::Policy;
  const std::string& policy = flags.String("unknown-terminals");
  config.unknown.policy = policy == "refuse"  ? Policy::kRefuse
                          : policy == "enrol" ? Policy::kEnrol
                                              : Policy::kChallenge;
  config.exchange.refuse_unknown = config.unknown.policy == Policy::kRefuse;
  config.unknown.password = flags.Secret("enrol-password-file");
  config.unknown.server_password = flags.Secret("enrol-server-password-file");
  if (config.unknown.policy == Policy::kEnrol && config.unknown.password.empty()) {
    return InvalidArgument("--unknown-terminals=enrol needs --enrol-password-file");
  }
  return config;
}

}  // namespace drover::session
