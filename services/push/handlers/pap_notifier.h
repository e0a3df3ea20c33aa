// Tells push initiators how their pushes ended: resultnotification-message over HTTP.
//
// What is to be told stands in push.pushes, so a restart goes on; any replica takes part. Five
// tries, from 1 s to 10 minutes apart; then it is parked. One host takes 16 of them at a time, all
// hosts 64. Loop thread only.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "libs/async/task.h"
#include "libs/base/clock.h"
#include "services/push/adapters/http_post.h"
#include "services/push/adapters/pg_pushes.h"
#include "services/push/handlers/pap_metrics.h"

namespace drover::push {

inline constexpr int kNotifyTries = 5;
// After so many tries.
std::chrono::seconds NotifyAgainAfter(int tries);

class PapNotifier {
 public:
  PapNotifier(asio::io_context& loop, PgPushes& pushes, HttpPost& http, std::string sender,
              Clock clock, PapMetrics& metrics);

  // Runs until Stop.
  Process Run();
  void Stop();
  // At once what is due, one round; how many there were.
  Task<size_t> Round();

 private:
  void Begin(StoredPush push, TimePoint now);
  Process Tell(StoredPush push, std::string host);
  Task<void> Post(const StoredPush& push);
  Told Outcome(const StoredPush& push, const Result<void>& posted);
  Task<void> Settle();

  asio::io_context& loop_;
  PgPushes& pushes_;
  HttpPost& http_;
  const std::string sender_;
  const Clock clock_;
  PapMetrics& metrics_;
  Timer timer_;
  std::vector<Told> told_;  // Not yet settled.
  size_t in_flight_ = 0;
  std::map<std::string, size_t> in_flight_to_;  // Of each host with port.
  bool stopping_ = false;
};

}  // namespace drover::push
