// The command line of drover-gwsim.
#pragma once
#include <string>
#include <vector>

#include "libs/base/result.h"
#include "loadtest/gateway/simulator.h"

namespace CLI {
class App;
}

namespace drover::gwsim {

// As people write them.
struct CommandLine {
  std::vector<std::string> servers;
  std::string http = "127.0.0.1:2786";
  std::string sip = "127.0.0.1:5070";
  uint32_t sip_sockets = 1;
  std::string transport = "udp";
  std::string tls_certificate;
  std::string tls_key;
  std::string registrar;
  std::string sip_domain = "gateways.example";
  std::string count = "100";
  uint32_t first = 0;
  uint64_t seed = 1;
  std::string mix;  // Empty: DefaultMix.
  std::string serial_prefix = "00D09E-GW";
  std::string user_prefix = "6960";
  std::string agreed_path = "/gw/v1/file/";
  std::string register_over = "10s";
  std::string interval = "1h";
  std::string restart_time = "2s";
  std::string retry_after = "5s";
  std::string patience = "30s";
  size_t visits = 1000;
  size_t piece_octets = 256 * 1024;
  size_t keep = 200'000;
  bool basic = false;
  std::string report_after;  // Empty: until it is ended.
};

void AddOptions(CLI::App& app, CommandLine& line);
// kInvalidArgument says which option is wrong and what it may be.
Result<SimulatorOptions> OptionsFrom(const CommandLine& line);

}  // namespace drover::gwsim
