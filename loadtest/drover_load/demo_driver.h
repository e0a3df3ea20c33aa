// The terminals' side of the demonstration: they are woken, hold their sessions, and report
// finished firmware updates in sessions of their own.
//
// Woken by notifications that came as short messages (Notify); or, without a bearer, by
// drover.wakeups, in whose place it then stands: it answers DELIVERED on drover.wakeup-results
// before the session opens. Loop thread only.
#pragma once
#include <deque>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "drover/events/v1/events.pb.h"
#include "libs/kafka/consumer.h"
#include "libs/kafka/producer.h"
#include "loadtest/client/session_run.h"
#include "loadtest/drover_load/fleet.h"

namespace drover::load {

struct DemoProgress {
  terminal::Traffic traffic;
  uint64_t wakeups = 0;
  uint64_t refused_notifications = 0;  // Their digest was wrong, or the like.
  uint64_t reports = 0;                // Generic alerts that the server has acknowledged.
  uint64_t protocol_faults = 0;
  uint32_t active = 0;  // Sessions open now.
  uint32_t busy = 0;    // Terminals with a session, an update or a report outstanding.
  std::vector<std::string> failures;  // Of sessions; the first few.
  uint64_t failed_sessions = 0;
  uint64_t power_losses = 0;
};

class DemoDriver {
 public:
  // brokers: of Kafka; empty: the terminals are woken by Notify alone. group: of this run alone.
  // All outlive the driver.
  DemoDriver(asio::io_context& loop, Fleet& fleet, const std::string& brokers,
             const std::string& group, uint32_t concurrency);

  void Start();
  // A push PDU arrived at the terminal's push port.
  void Notify(uint32_t index, std::string_view push);
  // Breaks off what goes on; the driver may be destroyed once it is idle.
  void Stop();
  bool idle() const { return !listening_ && waking_ == 0 && active_ == 0; }
  DemoProgress progress() const;

 private:
  // What one terminal is about.
  struct Unit {
    bool in_session = false;
    bool queued = false;
    bool wanted = false;  // Another session, once this one has ended.
    bool busy = false;    // Something is under way in the terminal: its timer runs.
    bool server_initiated = false;
    std::string notification;  // Package #0 that it was woken by; not looked at yet.
    bool lost_power = false;   // Each does once, in the middle of its update.
    int failures = 0;          // In a row.
  };

  Process Listen();
  Process Wake(events::v1::WakeupRequested wakeup, uint32_t index);
  void Want(uint32_t index, bool server_initiated);
  void StartSome();
  Process Hold(uint32_t index);
  void Refused(uint32_t index);
  void Ended(uint32_t index, const Result<terminal::SessionEnd>& end);
  Process LiveOn(uint32_t index);
  Process TryAgain(uint32_t index, std::chrono::milliseconds pause);

  asio::io_context& loop_;
  Fleet& fleet_;
  const uint32_t concurrency_;
  std::string group_;
  std::optional<kafka::Producer> producer_;
  std::optional<kafka::Consumer> consumer_;
  terminal::DeadlineWatch watch_;
  terminal::SessionRunConfig config_;
  terminal::Traffic traffic_;
  std::vector<Unit> units_;
  std::deque<uint32_t> queue_;
  std::unordered_set<std::string> seen_;
  std::vector<std::string> failures_;
  uint64_t failed_sessions_ = 0;
  uint64_t wakeups_ = 0;
  uint64_t refused_notifications_ = 0;
  uint64_t power_losses_ = 0;
  uint32_t active_ = 0;
  uint32_t waking_ = 0;
  bool listening_ = false;
  bool stopping_ = false;
};

}  // namespace drover::load
