#include "services/ingress/config.h"

namespace drover::ingress {

using service::Flag;

std::vector<Flag> Config::AllFlags() {
  using Kind = Flag::Kind;
  return {
      {"http-listen", Kind::kString, "127.0.0.1:8080",
       "address for HTTP, host:port; port 0: any; empty: none"},
      {"https-listen", Kind::kString, "", "address for HTTPS, host:port; empty: none"},
      {"tls-cert-file", Kind::kString, "", "PEM file with the certificate chain for HTTPS"},
      {"tls-key-file", Kind::kString, "", "PEM file with its private key"},
      {"tls-ticket-key-file", Kind::kString, "",
       "file with keys of TLS session tickets, the newest first, 64 hex digits a line; read again "
       "each minute; empty: own keys"},
      {"dm-paths", Kind::kString, "",
       "paths besides /dm that terminals post to, separated by commas"},
      {"session-targets", Kind::kString, "session:9090",
       "gRPC addresses of the replicas of session, host:port[,host:port]"},
      {"session-timeout", Kind::kDuration, "20s", "how long session may take; then 503", 100,
       600'000},
      {"max-in-flight", Kind::kInt, "4000", "requests at session at once; past it 503", 1,
       1'000'000},
      {"target-delay", Kind::kDuration, "50ms",
       "how long session should take on average; past it new sessions get 503; 0s: however long", 0,
       60'000},
      {"min-in-flight", Kind::kInt, "256", "requests at session that --target-delay leaves alone",
       1, 1'000'000},
      {"expected-rate", Kind::kInt, "1000",
       "sessions a second, until they were measured: tells refused terminals when to come back", 1,
       1'000'000},
      {"max-body", Kind::kInt, "1048576", "octets of a request's body; past it 413", 1024,
       16 << 20},
      {"max-header", Kind::kInt, "8192", "octets of request line and headers; past it 431", 1024,
       1 << 20},
      {"max-connections", Kind::kInt, "10000", "open connections; past it 503", 1, 1'000'000},
      {"idle-timeout", Kind::kDuration, "60s", "how long a connection may wait for a request", 100,
       3'600'000},
      {"header-timeout", Kind::kDuration, "10s", "how long headers may take; then 408", 100,
       600'000},
      {"body-timeout", Kind::kDuration, "30s", "how long a body may take; then 408", 100, 600'000},
  };
}

std::vector<std::string> Config::Check(const service::Flags& flags) {
  std::vector<std::string> errors;
  const bool https = !flags.String("https-listen").empty();
  if (!https && flags.String("http-listen").empty()) {
    errors.emplace_back("--http-listen and --https-listen are both empty: give one");
  }
  if (https && (flags.String("tls-cert-file").empty() || flags.String("tls-key-file").empty())) {
    errors.emplace_back("--https-listen needs --tls-cert-file and --tls-key-file");
  }
  if (flags.List("session-targets").empty()) {
    errors.emplace_back("--session-targets is empty: give at least one host:port");
  }
  for (const std::string& path : flags.List("dm-paths")) {
    if (!path.starts_with('/')) {
      errors.push_back("--dm-paths: '" + path + "' does not begin with /");
    }
  }
  return errors;
}

Config Config::From(const service::Flags& flags) {
  Config config;
  config.http_listen = flags.String("http-listen");
  config.https_listen = flags.String("https-listen");
  config.tls = {.certificate_file = flags.String("tls-cert-file"),
                .key_file = flags.String("tls-key-file"),
                .ticket_key_file = flags.String("tls-ticket-key-file")};
  config.limits.body_octets = static_cast<size_t>(flags.Int("max-body"));
  config.limits.head_octets = static_cast<size_t>(flags.Int("max-header"));
  config.limits.connections = static_cast<size_t>(flags.Int("max-connections"));
  config.limits.idle_time = flags.Duration("idle-timeout");
  config.limits.head_time = flags.Duration("header-timeout");
  config.limits.body_time = flags.Duration("body-timeout");
  config.session_timeout = flags.Duration("session-timeout");
  // The session's timeout answers first.
  config.limits.handle_time = config.session_timeout * 2 + std::chrono::seconds(5);
  config.paths = {"/dm"};
  for (std::string& path : flags.List("dm-paths")) config.paths.insert(std::move(path));
  config.session_targets = flags.List("session-targets");
  config.session_token = flags.Secret("grpc-token-file");
  config.admission.target_delay = flags.Duration("target-delay");
  config.admission.min_in_flight = static_cast<size_t>(flags.Int("min-in-flight"));
  config.admission.max_in_flight = static_cast<size_t>(flags.Int("max-in-flight"));
  config.admission.expected_per_s = static_cast<double>(flags.Int("expected-rate"));
  config.drain_timeout = flags.Duration("drain-timeout");
  return config;
}

}  // namespace drover::ingress
