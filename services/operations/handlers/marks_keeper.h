// Makes Redis's work marks complete again after a server of it was emptied, restarted or replaced.
// Loop thread only.
#pragma once
#include "services/operations/adapters/pg_queries.h"
#include "services/operations/adapters/redis_marks.h"
#include "services/operations/metrics.h"

namespace drover::operations {

class MarksKeeper {
 public:
  MarksKeeper(asio::io_context& loop, RedisMarks& marks, PgQueries& queries, Metrics& metrics);

  // Looks every second, until Stop.
  Process Run();
  void Stop();
  // Nothing to do if the marks are complete; else raises those of all terminals with open work,
  // then says that they are.
  Task<void> Check();

 private:
  Task<void> Rebuild();
  Timer timer_;
  RedisMarks& marks_;
  PgQueries& queries_;
  Metrics& metrics_;
  bool stopping_ = false;
};

}  // namespace drover::operations
