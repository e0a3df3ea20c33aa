// What the commands of drover-load are told.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "libs/base/result.h"

namespace drover::load {

// Where the services are.
struct Endpoints {
  std::string context;     // File: "tree: H:P", "operations: H:P", "token-file: F", "sip: H:P".
  std::string tree;        // host:port; wins over the context.
  std::string operations;  // host:port
  std::string token_file;
  std::string sip;  // host:port; wins over the context. Only gateways need it.
  std::string ingress = "http://127.0.0.1:8080/dm";
  std::string kafka = "127.0.0.1:9092";
  std::string server_id = "drover.example";  // As the services' --server-id.
};

struct DemoOptions {
  Endpoints endpoints;
  uint32_t devices = 200;
  uint64_t seed = 0;  // 0: another one each time.
  int64_t timeout_s = 120;
  std::string summary;              // File; empty: none.
  bool with_dm11 = false;           // Terminals of DM 1.1.2 too.
  uint32_t concurrency = 64;        // Sessions at the same time.
  std::vector<std::string> quirks;  // For every terminal, besides its model's.
  // URL of the simulated SMSC's ledger: terminals register and are woken by short messages. Empty:
  // they listen on drover.wakeups.
  std::string smsc;
  // URL that simulated voice home gateways ask, "http://host:port/gw/v1": they run beside the
  // terminals. Empty: there are none.
  std::string gateways_url;
  uint32_t gateways = 40;
};

enum class Phase : uint8_t { kAll, kPrepare, kRun };

struct SessionsOptions {
  Endpoints endpoints;
  uint32_t devices = 10'000;
  uint32_t concurrency = 64;
  uint64_t seed = 1;
  int64_t duration_s = 0;  // 0: until each terminal had its session.
  Phase phase = Phase::kAll;
  bool handshake = false;
  std::string sizes;  // File; empty: none.
};

struct FloorOptions {
  std::string url = "http://127.0.0.1:80/";
  uint32_t sessions = 10'000;
  uint32_t concurrency = 64;
  std::vector<uint32_t> request_octets{600, 400};
  bool resumption = true;  // Of TLS sessions; https only.
};

struct SoakOptions {
  Endpoints endpoints;
  uint32_t devices = 500;
  uint64_t seed = 1;
  int64_t duration_s = 60;     // Then no new operations.
  bool until_stopped = false;  // Until SIGTERM or SIGINT instead.
  int64_t quiesce_s = 180;     // How long the operations that are open then may take.
  uint32_t slots = 3;          // Operations under way for each terminal.
  double sessions_per_s = 40;
  uint32_t concurrency = 100;
  int64_t answer_timeout_ms = 6000;  // A terminal's patience for one answer.
  bool atomics = false;
  bool large_objects = false;
  bool json = false;    // A line of JSON four times a second instead of one for people.
  std::string summary;  // File; empty: none.
};

// Exit codes: 0 all went well, 1 something did not.
int RunDemo(const DemoOptions& options);
int RunSessions(const SessionsOptions& options);
int RunFloor(const FloorOptions& options);
int RunSoak(const SoakOptions& options);

// Fills what is empty from the context file. kInvalidArgument says what is missing.
Result<void> Complete(Endpoints& endpoints);

}  // namespace drover::load
