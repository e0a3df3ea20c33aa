// Ends of jobs on their way to who waits for them: wake-ups to drover.wakeup-results, pushes to
// their row. The scheduler forgets a job when its end is there. Loop thread only.
#pragma once
#include <deque>
#include <functional>

#include "libs/async/task.h"
#include "libs/kafka/producer.h"
#include "services/push/adapters/pg_pushes.h"
#include "services/push/handlers/dispatcher.h"
#include "services/push/metrics.h"

namespace drover::push {

inline constexpr char kWakeupResultsTopic[] = "drover.wakeup-results";

class Ends {
 public:
  // kept: the end of this group is safe.
  Ends(asio::io_context& loop, PgPushes& pushes, kafka::Producer& producer, Metrics& metrics);

  void UseKept(std::function<void(dispatch::GroupId)> kept) { kept_ = std::move(kept); }
  void Add(EndedJob job);
  // Runs until Stop. What was not kept is told again by the next process.
  Process Run();
  void Stop();
  // At once.
  Task<void> Keep(const std::vector<EndedJob>& jobs, Deadline deadline);

 private:
  PgPushes& pushes_;
  kafka::Producer& producer_;
  Metrics& metrics_;
  std::function<void(dispatch::GroupId)> kept_;
  std::deque<EndedJob> waiting_;
  Timer work_, pause_;
  bool stopping_ = false;
};

}  // namespace drover::push
