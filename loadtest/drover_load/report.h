// What drover-load says at its end: the table, and the summaries that scripts read.
#pragma once
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "drover/operations/v1/operations.pb.h"
#include "loadtest/client/session_run.h"
#include "loadtest/report/run_record.h"

namespace drover::load {

// How the operations of one label came out.
struct LabelOutcome {
  std::string label;
  std::map<operations::v1::State, int64_t> states;
  int64_t total() const;
  int64_t succeeded() const;
  int64_t failed() const;  // FAILED, EXPIRED or CANCELLED.
  int64_t ended() const { return succeeded() + failed(); }
};

struct DemoSummary {
  uint64_t devices = 0;
  uint64_t submitted = 0;
  std::vector<LabelOutcome> outcomes;
  uint64_t ledger_differences = 0;
  uint64_t protocol_faults = 0;
  uint64_t reports = 0;
  uint64_t failed_sessions = 0;
  uint64_t registered = 0;             // By SMS, and confirmed.
  uint64_t notifications = 0;          // That arrived by SMS.
  uint64_t refused_notifications = 0;  // Of them, by the terminals.
  uint64_t power_losses = 0;           // In the middle of a firmware update.
  terminal::Traffic traffic;
  double terminal_octets = 0;  // Mean memory of one, its ledger included.
  report::Gateways gateways;   // Beside the terminals.
  double wall_s = 0;
};

std::string Table(const DemoSummary& summary);
std::string Json(const DemoSummary& summary);

// Latencies as {"p50":..,"p95":..,"p99":..,"max":..}, in milliseconds.
nlohmann::json LatencyJson(const terminal::Latency& latency);

// CPU time of this process, in microseconds.
double OwnCpuUs();

// Writes the whole file or says why not.
Result<void> WriteFile(const std::string& path, const std::string& content);

}  // namespace drover::load
