// What happens by itself: wake-ups again, expiry, giving up on silent terminals and sessions; what
// waits for its time; old operations, idempotency keys and raw messages; the gauges.
//
// Every replica sweeps; each slice is claimed, so that they share. Loop thread only.
#pragma once
#include "libs/base/clock.h"
#include "services/operations/adapters/pg_purge.h"
#include "services/operations/adapters/pg_queries.h"
#include "services/operations/adapters/pg_submissions.h"
#include "services/operations/adapters/redis_marks.h"
#include "services/operations/core/due.h"
#include "services/operations/core/uuid7.h"
#include "services/operations/handlers/unblock.h"

namespace drover::operations {

struct SweepConfig {
  Patience patience;
  std::chrono::milliseconds interval{1000};
  int slice = 500;  // Operations a turn.
  std::chrono::milliseconds message_retention{7 * 24 * 60 * 60 * 1000};
  std::chrono::hours key_retention{24};
  std::chrono::milliseconds operation_retention{std::chrono::hours(24 * 90)};
};

struct SweepPorts {
  postgres::Pool& pool;
  PgOperations& store;
  PgQueries& queries;
  PgSubmissions& submissions;
  ChangeWriter& writer;
  RedisMarks& marks;
  Unblocker& unblocker;
  PgPurge& purge;
};

class Sweeper {
 public:
  Sweeper(asio::io_context& loop, SweepPorts ports, Clock clock, RandomOctets random,
          Metrics& metrics, SweepConfig config);

  // Until Stop.
  Process Run();
  void Stop();

  // One slice of due operations; returns how many were due. kAborted never: who was quicker wins.
  Task<size_t> Sweep();
  // Keys and messages whose time is over, and the partitions of the days to come.
  Task<void> Tidy();
  Task<void> Measure();
  // Removes a slice of the operations that ended long ago; returns how many.
  Task<int64_t> Purge();

 private:
  Task<void> Perform(Changes changes, Deadline deadline);
  void Add(Due due, const Stored& operation, TimePoint now, Changes* changes);
  void Complain(const char* what, const Error& error);

  Timer timer_;
  SweepPorts ports_;
  Clock clock_;
  RandomOctets random_;
  Metrics& metrics_;
  const SweepConfig config_;
  Uuid7 ids_;
  bool stopping_ = false;
};

}  // namespace drover::operations
