// What `drover-load run` is told, and the scenario with all of it applied.
#pragma once
#include <optional>
#include <string>

#include "loadtest/drover_load/options.h"
#include "loadtest/scenario/scenario.h"

namespace drover::load {

struct RunOptions {
  Endpoints endpoints;
  std::string scenario;  // File
  // As people write them; empty: as the scenario has it.
  std::string devices;
  std::string rate;
  std::string duration;
  std::string concurrency;
  uint64_t seed = 1;
  uint64_t closed = 0;     // Sessions at a time; 0: open model.
  std::string out;         // Folder of the reports; empty: none are written.
  std::string thresholds;  // Instead of the scenario's.
  std::string name;        // Of this generator, where several are merged.
  bool local = false;
  std::string bin;               // With --local: where the services' programs are.
  std::string cluster;           // With --local: the script that starts them.
  std::vector<std::string> set;  // With --local: SERVICE.FLAG=VALUE.
  bool tls = false;
  bool no_resumption = false;
  bool keep_alive = false;
  bool prepare_only = false;
  bool no_prepare = false;
  bool no_ledgers = false;
  std::string smsc;       // URL of the simulated SMSC's ledger.
  std::string gateways;   // URL of the request server that gateways ask.
  std::string registrar;  // host:port of it, for those that register by SIP; empty: there is none.
  std::string enrolment_password_file;
  std::string settle;              // For what is open when the last session was due.
  std::vector<std::string> watch;  // NAME=PID or NAME=URL
  std::string command_line;
};

// The scenario with the options over it. kInvalidArgument says what to change.
Result<scenario::Scenario> ScenarioOf(const RunOptions& options);

// Exit codes: 0 all went well; 1 it broke off, or the ledgers differ; 2 it could not begin; 99 a
// threshold was missed.
int RunLoad(const RunOptions& options);

}  // namespace drover::load
