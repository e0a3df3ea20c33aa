// A scenario: who the terminals are, what waits for them, when they come and what goes wrong. Read
// from a YAML file; docs/load.md is its reference.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.h"
#include "loadtest/fleet/population.h"
#include "loadtest/scenario/arrivals.h"
#include "loadtest/scenario/faults.h"
#include "loadtest/scenario/units.h"

namespace drover::scenario {

// How terminals reach the server.
struct Transport {
  bool keep_alive = false;  // A connection serves one session after the other.
  bool tls = false;
  bool resumption = true;         // TLS sessions are resumed.
  uint64_t concurrency = 10'000;  // Connections at a time, at most.
  friend bool operator==(const Transport&, const Transport&) = default;
};

// What terminals wait for, and how long.
struct Timing {
  Duration answer_timeout = std::chrono::seconds(30);
  uint64_t attempts = 4;  // For one message, lost connections included.
  Duration retry_pause = std::chrono::milliseconds(100);  // Doubled for each further attempt.
  Duration come_back = std::chrono::seconds(5);   // After a session that failed; doubled each time.
  uint64_t returns = 8;                           // How often a terminal comes back for that.
  Duration update_min = std::chrono::seconds(2);  // How long a firmware update takes.
  Duration update_max = std::chrono::seconds(8);
  Duration settle = std::chrono::seconds(60);  // For what is open when the last session was due.
  friend bool operator==(const Timing&, const Timing&) = default;
};

// Terminals are reached by short messages: they open a session when a notification has come.
struct Sms {
  bool registers = true;  // They register themselves first, by SMS.
  double registrations_per_s = 500;
  Duration confirm_within = std::chrono::seconds(30);  // Else they register again.
  uint64_t registration_attempts = 3;
  friend bool operator==(const Sms&, const Sms&) = default;
};

// What is to be done on a voice home gateway: one operation each.
enum class GatewayWork : uint8_t {
  kNone,    // It only registers.
  kConfig,  // A parameter is set.
  kReboot,
  kRead,  // What it has told of itself is read: it is asked for nothing else.
};
inline constexpr std::array<fleet::Named<GatewayWork>, 4> kGatewayWorkNames{
    {{"none", GatewayWork::kNone},
     {"config", GatewayWork::kConfig},
     {"reboot", GatewayWork::kReboot},
     {"read", GatewayWork::kRead}}};

// Voice home gateways beside the terminals.
struct Gateways {
  uint64_t count = 1000;
  std::string mix;  // Habits and their weights, "plain=60,silent=10"; empty: the simulator's own.
  fleet::Shares<GatewayWork> work = GatewayWork::kConfig;
  double rate_per_s = 100;  // Operations submitted.
  Duration register_over = std::chrono::seconds(10);
};

// What may happen in the run without failing it: the scenario brings it about. Faults are failures
// that are expected.
struct Expected {
  bool refusals = false;  // Terminals that were told to come back later, and have not been served.
  bool failures = false;  // Sessions, and so operations, that failed for good.
};

struct Scenario {
  std::string name;
  std::string description;
  std::string text;  // The file as it was read.
  uint64_t devices = 10'000;
  Duration duration{0};  // 0: until each terminal has had its session.
  ArrivalShape arrivals{.rates = {{Duration{0}, 100}}};
  fleet::Population population;
  Faults faults;
  Transport transport;
  Timing timing;
  Expected expected;
  std::optional<Sms> sms;
  std::optional<Gateways> gateways;
  // Of a cluster that the run has to itself: "push.wakeup-rate" and what it is.
  std::vector<std::pair<std::string, std::string>> cluster;
  std::string
      thresholds;  // What the run has to reach if nothing else is said (report/threshold.h).
  bool first_contact = false;  // Each terminal has polled once before the run.
};

// file: its name, for errors. kInvalidArgument: "FILE:LINE: key: what is wrong and what to write".
Result<Scenario> ParseScenario(std::string_view text, const std::string& file);
// kInvalidArgument, kNotFound.
Result<Scenario> ReadScenario(const std::string& path);

}  // namespace drover::scenario
