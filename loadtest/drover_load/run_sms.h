// The short messages of a run: its terminals register by them, and open a session when a
// notification has come by them. Sorts what the SMSC delivers, knows who waits since when, and
// keeps the books of it; 8 octets and a bit for each terminal.
//
// On the run's thread, all of it.
#pragma once
#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "loadtest/drover_load/run_prepare.h"
#include "loadtest/drover_load/sms_bearer.h"
#include "loadtest/fleet/fleet.h"
#include "loadtest/report/run_record.h"
#include "loadtest/scenario/scenario.h"

namespace drover::load {

class RunSms {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Config {
    std::string smsc;  // URL of the SMSC's ledger.
    scenario::Sms sms;
  };
  // Submits the operations of these terminals; returns at once.
  using Submit = std::function<void(std::vector<uint64_t> terminals)>;
  // fleet, record: outlive it. record: filled as things happen.
  RunSms(const fleet::Fleet& fleet, const Config& config, Submit submit, report::Sms& record);
  ~RunSms();

  // From now on messages are taken. kUnavailable: there is no SMSC.
  Result<void> Begin();
  // Every terminal registers itself, and waits for its confirmation. kUnavailable: nobody is
  // confirmed; kCancelled.
  Result<void> RegisterAll(const Watchful& watchful);

  // --- Who waits ------------------------------------------------------------------------------

  // Whether the terminal has operations that are not submitted yet.
  bool HasWork(uint64_t index) const;
  // Submits them; from now on it waits. due: when that was due.
  void Wake(uint64_t index, Time due);
  bool Waits(uint64_t index) const { return due_[index] != 0; }
  uint64_t waiting() const { return waiting_; }
  bool Submitted(uint64_t index) const { return submitted_[index] != 0; }
  // It waits no longer; when it was due.
  Time TakeDue(uint64_t index);
  // What it had taken for its notification was none.
  void WaitOn(uint64_t index, Time due);
  // Hands over what was gathered to be submitted.
  void Flush(Time now);

  // --- What comes -----------------------------------------------------------------------------

  struct Notification {
    uint64_t index = 0;
    std::string package;  // Package #0.
    Time at;
  };
  // Notifications that have come since the last call, in order.
  std::vector<Notification> Take();
  // What the terminal made of one: its session is opened, or why not.
  // awaited: it was the one that the terminal waited for.
  void Accepted(const Notification& notification, bool awaited, Time opened);
  void Refused(const Error& error);

  // Behind the last session: stops listening, closes the books.
  void End();
  // Messages that came and are neither notifications nor confirmations.
  uint64_t strange() const { return strange_; }
  uint64_t size_octets() const;

 private:
  struct Inbox {
    std::vector<ShortMessage> messages;
    Time at;
  };

  // Tenths of a millisecond since origin_, which are never 0.
  uint32_t Ticks(Time time) const;
  Time At(uint32_t ticks) const;
  SentMessage Registration(uint64_t index) const;
  std::string Confirmation(uint64_t index) const;
  void HandOver(Time now);
  void Drain();
  void Sort(const ShortMessage& message, Time at);
  void Confirmed(uint64_t index, Time at);
  Result<void> SendRegistrations(const std::vector<uint64_t>& indexes);

  const fleet::Fleet& fleet_;
  const Config config_;
  report::Sms& record_;
  const Time origin_;
  const Submit submit_;
  SmsBearer bearer_;
  SmsBearer::Counts before_;  // The SMSC's.
  std::mutex mutex_;          // Guards inbox_.
  std::vector<Inbox> inbox_;
  std::vector<Notification> notifications_;
  std::vector<uint32_t> due_;        // Of those that wait; else 0.
  std::vector<uint32_t> submitted_;  // When the registration was sent, later the operations.
  std::vector<bool> confirmed_;
  std::vector<uint64_t> gathered_;
  Time gathering_since_;
  uint64_t waiting_ = 0;
  uint64_t strange_ = 0;
};

// Why a terminal has dropped a notification, in a word for the report.
std::string ReasonOf(const Error& error);

}  // namespace drover::load
