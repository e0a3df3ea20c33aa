// Runs the sessions of a run: begins each when it is due (open model) or when another has ended
// (closed), lets terminals come back that failed or that have something to report, and counts.
#pragma once
#include <functional>
#include <optional>
#include <queue>
#include <string>
#include <unordered_map>
#include <vector>

#include "libs/async/task.h"
#include "loadtest/client/session_run.h"
#include "loadtest/drover_load/run_meter.h"
#include "loadtest/drover_load/run_sms.h"
#include "loadtest/fleet/fleet.h"
#include "loadtest/scenario/scenario.h"

namespace drover::load {

struct DriverConfig {
  uint64_t seed = 1;
  uint64_t closed = 0;  // Sessions at a time; 0: open model.
  uint64_t max_in_flight = 10'000;
  uint64_t limit = 0;  // Sessions that are due in all; 0: no bound but the duration.
  scenario::Duration duration{0};
  scenario::Duration settle = std::chrono::seconds(60);
  // All of them poll, whatever waits for them, and suffer nothing: the first contact.
  bool polls = false;
  // Terminals with operations wait for the notifications that these make come; null: operations
  // wait for them, and they come by themselves. Outlives the driver.
  RunSms* sms = nullptr;
};

class RunDriver {
 public:
  // All outlive the driver.
  RunDriver(fleet::Fleet& fleet, const scenario::Scenario& scenario,
            const terminal::SessionRunConfig& sessions, const DriverConfig& config,
            RunMeter& meter);
  ~RunDriver();

  // On this thread, until all sessions that were due have ended, or the time to settle is over.
  // turned: once a second, with a line for people. interrupts: how often the user wants it to end;
  // once: nothing new begins; twice: what is open is broken off.
  void Run(std::function<void(const std::string& line)> turned, std::function<int()> interrupts);

  // Of the terminal's last session.
  bool EndedWell(uint64_t index) const { return well_[index]; }
  // Sessions that were due, or of terminals that would come back, and for which no time was left.
  uint64_t not_started() const { return backlog_.size() + returns_.size(); }
  // That sessions were due for; of a storm until the last terminal was served. And how many
  // sessions ended well in this time.
  double duration_s() const { return duration_s_; }
  uint64_t good_in_time() const { return good_in_time_; }
  const terminal::Traffic& traffic() const { return traffic_; }
  uint64_t most_in_flight() const { return most_in_flight_; }
  bool was_full() const { return was_full_; }  // A session had to wait for another to end.
  // The first lines of what went wrong in sessions.
  const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  using SteadyClock = std::chrono::steady_clock;
  using Time = SteadyClock::time_point;
  struct Visit {
    Time due;
    Time first_due;  // Of the terminal's first attempt; it may be this one.
    uint64_t index = 0;
    uint32_t attempt = 0;  // Of a terminal that comes back, how often it has failed in a row.
    bool woken = false;    // By a notification that nobody has looked at.
    bool awaited = false;  // It had waited for one.
    friend bool operator>(const Visit& a, const Visit& b) { return a.due > b.due; }
  };
  using Letters = std::vector<RunSms::Notification>;
  using Visits = std::priority_queue<Visit, std::vector<Visit>, std::greater<>>;

  void TurnLoop();
  void Step(Time now);
  void EnterSteps(Time now);
  void Turn(Time now);
  void HearUser(Time now);
  void BeginDue(Time now);
  // Begins it, or has it wait to be woken.
  void Visited(const Visit& visit);
  void Begin(const Visit& visit);
  void BeginWaiting();
  void TakeLetters();
  void OpenLetter(uint64_t index, Time now);
  RunSms::Notification TakeLetter(uint64_t index);
  void Dropped(const Visit& visit, const Error& error);
  void Left();
  uint64_t waiting() const { return config_.sms == nullptr ? 0 : config_.sms->waiting(); }
  bool Finished(Time now);
  std::optional<uint64_t> NextTerminal();
  Process Session(Visit visit, uint64_t serial);
  // What became of it: empty if it went well, else the kind of error.
  std::string Outcome(uint64_t index, const fleet::Traits& traits,
                      const Result<terminal::SessionEnd>& end);
  void Ended(const Visit& visit, Time started, const std::string& kind,
             std::chrono::seconds retry_after);
  void ComeBack(const Visit& visit, bool refused, std::chrono::seconds retry_after);
  void LookAhead(uint64_t index, const fleet::Fleet::Outlook& outlook);
  scenario::Duration PauseBefore(uint32_t attempt, std::chrono::seconds retry_after);
  void Complain(uint64_t index, const std::string& what);

  // One thread, so no locks. Destroyed last: what waits on it is destroyed with it.
  asio::io_context loop_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
  fleet::Fleet& fleet_;
  const scenario::Scenario& scenario_;
  terminal::SessionRunConfig sessions_;
  DriverConfig config_;
  RunMeter& meter_;
  terminal::DeadlineWatch watch_;
  terminal::Traffic traffic_;
  scenario::Arrivals arrivals_;
  Time start_;
  std::optional<Time> next_arrival_;
  std::optional<Time> last_arrival_;  // Once there are no more.
  std::vector<scenario::PlannedStep> steps_;
  size_t entered_ = 0;  // Of the steps.
  // In a session, or waiting to come back or to be woken: no arrival takes it.
  std::vector<bool> busy_;
  std::vector<bool> well_;
  std::vector<std::unique_ptr<terminal::Connection>> idle_;  // Kept alive.
  std::queue<Visit> backlog_;                                // Due, and waiting for a place.
  Visits returns_;
  Visits updates_;                                 // Steps of what is under way in terminals.
  std::unordered_map<uint64_t, Letters> letters_;  // Notifications that nobody has looked at.
  uint64_t order_step_;
  uint64_t order_begin_;
  uint64_t order_ = 0;
  uint64_t serial_ = 0;
  uint64_t begun_ = 0;  // Visits that were due; not those of terminals that come back.
  uint64_t in_flight_ = 0;
  uint64_t most_in_flight_ = 0;
  bool was_full_ = false;
  int interrupts_ = 0;
  Time grace_ = Time::max();  // When what is open is broken off.
  Time turn_;
  double duration_s_ = 0;
  uint64_t good_in_time_ = 0;
  Time last_good_;
  std::function<void(const std::string&)> turned_;
  std::function<int()> wanted_;
  std::vector<std::string> complaints_;
};

}  // namespace drover::load
