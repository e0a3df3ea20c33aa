// The terminals' side of a soak: sessions for ever, woken through Kafka and by themselves.
//
// Stands in for the bearers, as DemoDriver does. Sessions begin at a bounded rate, so that every
// terminal always has operations waiting; a terminal whose session broke comes back soon, in front
// of the others. Loop thread only.
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "libs/kafka/consumer.h"
#include "libs/kafka/producer.h"
#include "loadtest/client/session_run.h"
#include "loadtest/drover_load/fleet.h"
#include "loadtest/drover_load/soak_books.h"

namespace drover::load {

struct SoakPace {
  double sessions_per_s = 40;
  uint32_t concurrency = 100;
  std::chrono::seconds poll{20};  // A terminal comes by itself after that, more or less.
  double power_cuts = 0.003;      // Of the messages that terminals send.
  std::chrono::milliseconds answer_timeout{6000};
};

struct SoakTraffic {
  terminal::Traffic traffic;
  uint64_t broken = 0;  // Sessions that ended otherwise than completed; power cuts apart.
  uint64_t power_cuts = 0;
  uint64_t wakeups = 0;
  uint64_t reports = 0;  // Acknowledged.
  uint64_t protocol_faults = 0;
  uint32_t active = 0;  // Sessions open.
  uint32_t owing = 0;   // Terminals with a session, an update or a report outstanding.
  std::map<std::string, uint64_t> breaks;  // By cause.
};

class SoakDriver {
 public:
  // ended: told of the serial of an open operation that an event has ended.
  SoakDriver(asio::io_context& loop, Fleet& fleet, SoakBooks& books, const std::string& brokers,
             const std::string& group, const SoakPace& pace, uint64_t seed,
             std::function<void(uint64_t)> ended);

  void Start();
  // From now on: no pace, no power cuts; terminals come until nothing is outstanding.
  void Quiesce() { quiescing_ = true; }
  void Stop();
  bool idle() const { return !listening_ && !ticking_ && waking_ == 0 && traffic_.active == 0; }
  SoakTraffic traffic() const;
  // What the terminal executed goes to the books now.
  void Settle(uint32_t index);

 private:
  struct Unit {
    bool in_session = false;
    bool queued = false;
    bool wanted = false;
    bool server_initiated = false;
    uint32_t acknowledged = 0;
    std::chrono::steady_clock::time_point last;  // When its last session ended.
  };

  Process Listen();
  void Take(const kafka::Consumed& record);
  Process Wake(events::v1::WakeupRequested wakeup, uint32_t index);
  Process Tick();
  void Poll();
  void StartSome();
  void Want(uint32_t index, bool server_initiated, bool first = false);
  Process Hold(uint32_t index);
  void Ended(uint32_t index, const Result<terminal::SessionEnd>& end);
  Process TryAgain(uint32_t index, std::chrono::milliseconds pause);
  terminal::PowerCut DrawPowerCut();

  asio::io_context& loop_;
  Fleet& fleet_;
  SoakBooks& books_;
  const SoakPace pace_;
  std::function<void(uint64_t)> ended_;
  std::mt19937_64 random_;
  kafka::Producer producer_;
  kafka::Consumer consumer_;
  terminal::DeadlineWatch watch_;
  terminal::SessionRunConfig config_;
  SoakTraffic traffic_;
  std::vector<Unit> units_;
  std::deque<uint32_t> queue_;
  double allowance_ = 0;  // Sessions that may begin now.
  size_t next_poll_ = 0;
  uint32_t waking_ = 0;
  bool listening_ = false;
  bool ticking_ = false;
  bool quiescing_ = false;
  bool stopping_ = false;
};

}  // namespace drover::load
