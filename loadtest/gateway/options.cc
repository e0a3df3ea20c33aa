#include "loadtest/gateway/options.h"

#include <CLI/CLI.hpp>

#include "loadtest/scenario/units.h"

namespace drover::gwsim {
namespace {

using std::chrono::milliseconds;

template <typename T>
Result<T> Named(const char* option, Result<T> result) {
  if (result) return result;
  return InvalidArgument(std::string(option) + ": " + result.error().message);
}

Result<void> Time(const char* option, const std::string& text, milliseconds& out) {
  DROVER_TRY(const auto time, Named(option, scenario::ParseDuration(text)));
  out = std::chrono::duration_cast<milliseconds>(time);
  return {};
}

Result<void> TakePopulation(const CommandLine& line, SimulatorOptions& options) {
  DROVER_TRY(const uint64_t count, Named("--count", scenario::ParseCount(line.count)));
  if (count < 1 || count > kMostGateways || line.first > kMostGateways - count) {
    return InvalidArgument("--count and --first: gateways have numbers below " +
                           std::to_string(kMostGateways));
  }
  options.population = {.seed = line.seed,
                        .first = line.first,
                        .count = static_cast<uint32_t>(count),
                        .serial_prefix = line.serial_prefix,
                        .user_prefix = line.user_prefix};
  DROVER_TRY(options.mix, Named("--mix", ParseMix(line.mix.empty() ? DefaultMix()
                                                                   : std::string_view(line.mix))));
  return {};
}

Result<void> TakeSip(const CommandLine& line, SimulatorOptions& options) {
  options.sip_listen = line.sip;
  options.sip_sockets = line.sip_sockets;
  options.registrar = line.registrar;
  options.sip_domain = line.sip_domain;
  if (line.sip_sockets < 1 || line.sip_sockets > 1000) {
    return InvalidArgument("--sip-sockets: 1 to 1000");
  }
  if (line.transport == "tcp") {
    options.transport = SipTransport::kTcp;
  } else if (line.transport == "tls") {
    options.transport = SipTransport::kTls;
    if (line.tls_certificate.empty() || line.tls_key.empty()) {
      return InvalidArgument("--transport tls needs --tls-certificate and --tls-key");
    }
    options.tls = {.certificate_file = line.tls_certificate, .key_file = line.tls_key};
  } else if (line.transport != "udp") {
    return InvalidArgument("--transport: udp, tcp or tls");
  }
  return {};
}

}  // namespace

void AddOptions(CLI::App& app, CommandLine& line) {
  app.add_option("--server", line.servers,
                 "URL of the request server, http or https; several: a gateway keeps to one");
  app.add_option("--http", line.http, "address of the control port")->capture_default_str();
  app.add_option("--sip", line.sip, "address that gateways hear SIP at")->capture_default_str();
  app.add_option("--sip-sockets", line.sip_sockets,
                 "UDP sockets; those after the first have any port")
      ->capture_default_str();
  app.add_option("--transport", line.transport, "of SIP: udp, tcp, tls")->capture_default_str();
  app.add_option("--tls-certificate", line.tls_certificate, "PEM, of --transport tls");
  app.add_option("--tls-key", line.tls_key, "PEM, of --transport tls");
  app.add_option("--registrar", line.registrar,
                 "address and UDP port of the registrar, for gateways that register by SIP");
  app.add_option("--sip-domain", line.sip_domain, "of their addresses of record")
      ->capture_default_str();
  app.add_option("--count", line.count, "gateways: 100, 100k")->capture_default_str();
  app.add_option("--first", line.first, "number of the first one")->capture_default_str();
  app.add_option("--seed", line.seed, "all that is drawn")->capture_default_str();
  app.add_option(
      "--mix", line.mix,
      "plain=60,sipura=30,silent=10: shares of habits; default " + std::string(DefaultMix()));
  app.add_option("--serial-prefix", line.serial_prefix, "of serial numbers")->capture_default_str();
  app.add_option("--user-prefix", line.user_prefix, "of SIP users")->capture_default_str();
  app.add_option("--agreed-path", line.agreed_path, "where files are if a response does not say")
      ->capture_default_str();
  app.add_option("--register-over", line.register_over, "first registrations are spread over")
      ->capture_default_str();
  app.add_option("--interval", line.interval, "between registrations, unless the server tells")
      ->capture_default_str();
  app.add_option("--restart-time", line.restart_time, "how long a restart takes")
      ->capture_default_str();
  app.add_option("--retry-after", line.retry_after, "after a visit that failed, doubled each time")
      ->capture_default_str();
  app.add_option("--patience", line.patience, "for an HTTP answer")->capture_default_str();
  app.add_option("--visits", line.visits, "gateways that speak over HTTP at a time")
      ->capture_default_str();
  app.add_option("--piece-octets", line.piece_octets, "of a file, in a request")
      ->capture_default_str();
  app.add_option("--keep", line.keep, "executions that are remembered")->capture_default_str();
  app.add_flag("--basic", line.basic, "sends Basic credentials without being asked");
  app.add_option("--report-after", line.report_after, "ends by itself after so long");
}

Result<SimulatorOptions> OptionsFrom(const CommandLine& line) {
  SimulatorOptions options;
  DROVER_TRY(TakePopulation(line, options));
  DROVER_TRY(TakeSip(line, options));
  DROVER_TRY(Time("--register-over", line.register_over, options.register_over));
  DROVER_TRY(Time("--interval", line.interval, options.interval));
  DROVER_TRY(Time("--restart-time", line.restart_time, options.restart_time));
  DROVER_TRY(Time("--retry-after", line.retry_after, options.retry_after));
  DROVER_TRY(Time("--patience", line.patience, options.web.patience));
  if (line.visits < 1) return InvalidArgument("--visits: at least 1");
  if (line.piece_octets < 1 || line.piece_octets > (8 << 20)) {
    return InvalidArgument("--piece-octets: 1 to 8388608");
  }
  if (line.servers.empty()) return InvalidArgument("--server: where do gateways register?");
  options.servers = line.servers;
  options.agreed_path = line.agreed_path;
  options.visits = line.visits;
  options.piece_octets = line.piece_octets;
  options.keep = line.keep;
  options.web.basic_at_once = line.basic;
  return options;
}

}  // namespace drover::gwsim
