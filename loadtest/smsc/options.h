// The command line of drover-smsc.
#pragma once
#include <string>
#include <vector>

#include "libs/base/result.h"
#include "loadtest/smsc/simulator.h"

namespace CLI {
class App;
}

namespace drover::smsc {

// As people write them.
struct CommandLine {
  std::string smpp = "127.0.0.1:2775";
  std::string http = "127.0.0.1:2776";
  uint64_t seed = 1;
  double time_scale = 1;
  std::string loss = "0%";
  std::string ack_loss = "0%";
  std::string present = "0s";
  std::string absent = "0s";
  std::string busy = "50%";
  bool instant = false;
  std::string retries = "60s,120s,300s,600s,900s,1800s,3600s";
  uint32_t attempts = 0;
  std::string validity = "24h";
  bool resume_on_return = false;
  uint32_t fast_retries = 2;
  std::string answer_after = "0s";
  std::string receipt_after = "0s";
  std::string id_format = "hex";
  std::string receipt_id_format;  // Empty: as id_format.
  std::string receipts = "both";
  bool alerts = true;
  uint64_t first_id = 0;  // 0: by the clock.
  uint32_t throttle_every = 0;
  std::string throttle_above = "0/s";
  size_t queue_limit = 100;
  std::vector<std::string> refuse;    // PREFIX=STATUS
  std::vector<std::string> accounts;  // SYSTEM_ID:PASSWORD
  size_t binds_per_account = 0;
  std::string system_id = "drover-smsc";
  std::string version = "3.4";
  size_t window = 100;
  std::string enquire_after = "30s";
  std::string answer = "proper";
  uint64_t answer_from = 0;
  uint32_t unknown_receipts = 0;
  size_t keep = 1'000'000;
  std::string journal;
};

void AddOptions(CLI::App& app, CommandLine& line);
// kInvalidArgument says which option is wrong and what it may be.
Result<SimulatorOptions> OptionsFrom(const CommandLine& line, TimePoint now);

}  // namespace drover::smsc
