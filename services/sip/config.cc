#include "services/sip/config.h"

#include "services/sip/settings_file.h"

namespace drover::gateways {

using service::Flag;

std::vector<Flag> Config::AllFlags() {
  using Kind = Flag::Kind;
  return {
      {"postgres-url", Kind::kString, "postgresql://127.0.0.1:5432/drover",
       "PostgreSQL, without password"},
      {"postgres-password-file", Kind::kFile, "", "file with PostgreSQL's password"},
      {"postgres-connections", Kind::kInt, "6", "connections at most", 1, 64},
      {"redis-url", Kind::kString, "redis://127.0.0.1:6379/0",
       "redis://HOST[:PORT][/DB] or redis-cluster://HOST:PORT,.., without password: bindings of "
       "SIP registrations"},
      {"redis-password-file", Kind::kFile, "", "file with Redis's password"},
      {"kafka-brokers", Kind::kString, "127.0.0.1:9092", "Kafka brokers, host:port[,host:port]"},
      {"kafka-linger", Kind::kDuration, "5ms", "how long a record may wait for company"},
      {"operations-target", Kind::kString, "operations:9090",
       "gRPC address of operations, host:port"},
      {"tree-target", Kind::kString, "tree:9090", "gRPC address of tree, host:port"},
      {"seal-key-file", Kind::kFile, "", "keys that gateways' secrets are sealed with; as tree's"},
      {"profiles-file", Kind::kString, "", "YAML file of vendor profiles and busy hours"},
      {"sip-udp-listen", Kind::kString, "0.0.0.0:5060",
       "address for SIP over UDP, host:port; port 0: any; empty: none"},
      {"sip-tcp-listen", Kind::kString, "", "address for SIP over TCP; empty: none is accepted"},
      {"sip-tls-listen", Kind::kString, "", "address for SIP over TLS; empty: none is accepted"},
      {"sip-tls-cert-file", Kind::kString, "", "PEM file with the certificate chain for it"},
      {"sip-tls-key-file", Kind::kString, "", "PEM file with its private key"},
      {"sip-tls-ca-file", Kind::kString, "",
       "PEM file with the authorities of gateways' certificates; empty: the system's"},
      {"sip-host", Kind::kString, "", "what Via and Contact name; empty: the address listened on"},
      {"sip-from", Kind::kString, "sip:dm@drover.invalid", "From of our NOTIFYs, a SIP URI"},
      {"sip-outbound-proxy", Kind::kString, "",
       "SIP URI of the proxy that all requests go through; empty: none"},
      {"sip-redirect-hosts", Kind::kString, "",
       "hosts to which a 3xx may lead, with commas; else only to the host that sent it"},
      {"sip-registrar", Kind::kBool, "false", "whether gateways may register by SIP"},
      {"sip-source-rate", Kind::kInt, "100",
       "SIP requests a second of one address; more are dropped", 1, 1'000'000},
      {"sip-realm", Kind::kString, "drover", "realm of our challenges to REGISTER"},
      {"notify-rate", Kind::kInt, "500", "NOTIFYs a second at most", 1, 1'000'000},
      {"most-unanswered", Kind::kInt, "20000", "NOTIFYs without an answer at most", 1, 1'000'000},
      {"most-owed", Kind::kInt, "10000",
       "requests that accepted NOTIFYs are about to bring, at most", 1, 1'000'000},
      {"utc-offset", Kind::kInt, "0", "minutes by which local time is ahead of UTC: busy hours",
       -720, 840},
      {"http-listen", Kind::kString, "", "address of the request server over HTTP; empty: none"},
      {"https-listen", Kind::kString, "", "address of the request server over HTTPS; empty: none"},
      {"https-cert-file", Kind::kString, "", "PEM file with the certificate chain for it"},
      {"https-key-file", Kind::kString, "", "PEM file with its private key"},
      {"https-client-ca-file", Kind::kString, "",
       "PEM file with the authorities of gateways' certificates; empty: none is asked for"},
      {"http-max-connections", Kind::kInt, "10000", "gateways' connections; past it 503", 1,
       1'000'000},
      {"http-realm", Kind::kString, "drover", "realm of our challenges"},
      {"http-basic", Kind::kBool, "false", "Basic over HTTP, too; over HTTPS it is always taken"},
      {"nonce-key-file", Kind::kFile, "",
       "16 or more random octets, the same in every replica: challenges are made with it"},
      {"enrolment-password-file", Kind::kFile, "",
       "with this password an unknown gateway enrols itself; empty: none may"},
      {"files-dir", Kind::kString, "", "folder of files for gateways; empty: none"},
      {"files-url", Kind::kString, "",
       "where gateways reach them, as in https://dm.example.com/gw/v1/file/; empty: told as a "
       "path"},
      {"files-open", Kind::kBool, "false", "files are given without authentication"},
  };
}

postgres::Config Config::Postgres(const service::Flags& flags) {
  postgres::Config config;
  config.url = flags.String("postgres-url");
  config.password = flags.Secret("postgres-password-file");
  config.connections = static_cast<size_t>(flags.Int("postgres-connections"));
  return config;
}

namespace {

void ReadSip(const service::Flags& flags, Config* config) {
  sip::Endpoint::Config& sip = config->sip;
  sip.udp_listen = flags.String("sip-udp-listen");
  sip.tcp_listen = flags.String("sip-tcp-listen");
  sip.tls_listen = flags.String("sip-tls-listen");
  sip.host = flags.String("sip-host");
  sip.outbound_proxy = flags.String("sip-outbound-proxy");
  sip.client.waiting = static_cast<size_t>(flags.Int("most-unanswered")) * 2;
  if (!sip.tls_listen.empty()) {
    sip.tls_server.emplace();
    sip.tls_server->certificate_file = flags.String("sip-tls-cert-file");
    sip.tls_server->key_file = flags.String("sip-tls-key-file");
  }
  sip.tls_client->ca_file = flags.String("sip-tls-ca-file");
  config->sender.from = flags.String("sip-from");
  config->sender.user_agent = "Drover";
  config->sender.redirect_hosts = flags.List("sip-redirect-hosts");
  config->registrar = flags.Bool("sip-registrar");
  config->most_from_one = static_cast<uint32_t>(flags.Int("sip-source-rate"));
  config->sip_realm = flags.String("sip-realm");
}

void ReadHttp(const service::Flags& flags, Config* config) {
  config->http_listen = flags.String("http-listen");
  config->https_listen = flags.String("https-listen");
  config->tls.certificate_file = flags.String("https-cert-file");
  config->tls.key_file = flags.String("https-key-file");
  config->tls.client_ca_file = flags.String("https-client-ca-file");
  config->http_limits.body_octets = 64 * 1024;
  config->http_limits.connections = static_cast<size_t>(flags.Int("http-max-connections"));
  config->http_limits.write_time = std::chrono::minutes(10);  // Firmware over a slow line.
  config->requests.realm = flags.String("http-realm");
  config->requests.nonce_key = flags.Secret("nonce-key-file");
  config->requests.enrolment_password = flags.Secret("enrolment-password-file");
  config->requests.basic_over_http = flags.Bool("http-basic");
  config->requests.files_open = flags.Bool("files-open");
  config->files_dir = flags.String("files-dir");
  config->cycles.files_url = flags.String("files-url");
  if (config->cycles.files_url.empty()) config->cycles.files_url = "/gw/v1/file/";
}

}  // namespace

Result<Config> Config::From(const service::Flags& flags) {
  Config config;
  config.postgres = Postgres(flags);
  config.redis.url = flags.String("redis-url");
  config.redis.password = flags.Secret("redis-password-file");
  config.kafka.brokers = flags.String("kafka-brokers");
  config.kafka.client_id = "drover-sip";
  config.kafka.linger = flags.Duration("kafka-linger");
  const std::string& token = flags.Secret("grpc-token-file");
  config.operations = {.target = flags.String("operations-target"), .token = token};
  config.tree = {.target = flags.String("tree-target"), .token = token};
  DROVER_TRY(config.seal_keys, dmauth::SealKeys::Parse(flags.Secret("seal-key-file")));
  ReadSip(flags, &config);
  ReadHttp(flags, &config);
  DROVER_TRY(FileSettings file, LoadSettings(flags.String("profiles-file")));
  config.profiles = std::move(file.profiles);
  config.pacing.per_second = static_cast<double>(flags.Int("notify-rate"));
  config.pacing.most_unanswered = static_cast<uint32_t>(flags.Int("most-unanswered"));
  config.pacing.most_owed = static_cast<uint32_t>(flags.Int("most-owed"));
  config.pacing.utc_offset = std::chrono::minutes(flags.Int("utc-offset"));
  config.pacing.busy = std::move(file.busy);
  config.drain_timeout = flags.Duration("drain-timeout");
  return config;
}

std::vector<std::string> Config::Check(const service::Flags& flags) {
  std::vector<std::string> errors;
  if (flags.Secret("seal-key-file").empty()) {
    errors.emplace_back("--seal-key-file is needed: a line \"1 <64 hex digits>\", as tree's");
  }
  if (flags.Secret("nonce-key-file").size() < 16) {
    errors.emplace_back(
        "--nonce-key-file is needed: 16 or more random octets, as of: openssl rand -hex 32");
  }
  const bool https = !flags.String("https-listen").empty();
  if (!https && flags.String("http-listen").empty()) {
    errors.emplace_back("--https-listen or --http-listen is needed: where gateways ask");
  }
  if (https &&
      (flags.String("https-cert-file").empty() || flags.String("https-key-file").empty())) {
    errors.emplace_back("--https-listen needs --https-cert-file and --https-key-file");
  }
  if (!flags.String("sip-tls-listen").empty() &&
      (flags.String("sip-tls-cert-file").empty() || flags.String("sip-tls-key-file").empty())) {
    errors.emplace_back("--sip-tls-listen needs --sip-tls-cert-file and --sip-tls-key-file");
  }
  const Result<FileSettings> file = LoadSettings(flags.String("profiles-file"));
  if (!file) errors.push_back("--profiles-file: " + file.error().message);
  return errors;
}

}  // namespace drover::gateways
