#include "services/push/config.h"

#include "services/push/settings_file.h"

namespace drover::push {

using service::Flag;

namespace {

// All that push asks for is found by a key, which the planner only knows once a table has been
// analysed; until then it would scan, and keep that plan.
std::string ByKeysOnly(const std::string& url) {
  if (url.find("options=") != std::string::npos) return url;  // Whoever sets options knows better.
  return url + (url.find('?') == std::string::npos ? "?" : "&") +
         "options=-c%20enable_seqscan%3Doff%20-c%20enable_hashjoin%3Doff"
         "%20-c%20enable_mergejoin%3Doff%20-c%20jit%3Doff";
}

}  // namespace

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
      {"push-file", Kind::kString, "",
       "YAML file of SMSCs, schedule, registration profiles and push initiators"},
      {"pap-listen", Kind::kString, "",
       "address for PAP over HTTP, host:port; port 0: any; empty: none"},
      {"pap-tls-listen", Kind::kString, "", "address for PAP over HTTPS, host:port; empty: none"},
      {"pap-tls-cert-file", Kind::kString, "", "PEM file with the certificate chain for it"},
      {"pap-tls-key-file", Kind::kString, "", "PEM file with its private key"},
      {"pap-client-ca-file", Kind::kString, "",
       "PEM file with the authorities of push initiators' certificates; empty: none is asked for"},
      {"pap-max-body", Kind::kInt, "10485760", "octets of a push initiator's request; past it 413",
       1024, 64 << 20},
      {"pap-max-connections", Kind::kInt, "1000", "push initiators' connections; past it 503", 1,
       100'000},
      {"most-pending", Kind::kInt, "1000000",
       "groups that have not ended; past it no work is taken", 1, 10'000'000},
      {"wakeup-rate", Kind::kInt, "1000",
       "wake-ups a second that are taken from their topic at most; 0: no limit", 0, 1'000'000},
      {"push-ttl", Kind::kDuration, "1h", "how long a push that says nothing waits for its end"},
      {"push-retention", Kind::kDuration, "7d",
       "how long pushes that ended, and their ids, are kept"},
      {"dead-letter-retention", Kind::kDuration, "30d",
       "how long messages that were not read are kept"},
  };
}

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
  config.kafka.brokers = flags.String("kafka-brokers");
  config.kafka.client_id = "drover-push";
  config.kafka.linger = flags.Duration("kafka-linger");
  config.session_target = flags.String("session-target");
  config.token = flags.Secret("grpc-token-file");
  config.server_id = flags.String("server-id");
  config.pap_listen = flags.String("pap-listen");
  config.pap_tls_listen = flags.String("pap-tls-listen");
  config.pap_tls.certificate_file = flags.String("pap-tls-cert-file");
  config.pap_tls.key_file = flags.String("pap-tls-key-file");
  config.pap_tls.client_ca_file = flags.String("pap-client-ca-file");
  config.pap_limits.body_octets = static_cast<size_t>(flags.Int("pap-max-body"));
  config.pap_limits.connections = static_cast<size_t>(flags.Int("pap-max-connections"));
  config.drain_timeout = flags.Duration("drain-timeout");
  config.most_pending = static_cast<size_t>(flags.Int("most-pending"));
  config.wakeups_a_second = static_cast<size_t>(flags.Int("wakeup-rate"));
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
  if (!settings) return {"--push-file: " + settings.error().message};
  std::vector<std::string> errors;
  const bool tls = !flags.String("pap-tls-listen").empty();
  if ((tls || !flags.String("pap-listen").empty()) && settings->accounts.empty()) {
    errors.emplace_back("--pap-listen: --push-file has no accounts that could use it");
  }
  if (tls &&
      (flags.String("pap-tls-cert-file").empty() || flags.String("pap-tls-key-file").empty())) {
    errors.emplace_back("--pap-tls-listen needs --pap-tls-cert-file and --pap-tls-key-file");
  }
  return errors;
}

}  // namespace drover::push
