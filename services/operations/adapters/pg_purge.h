// What leaves PostgreSQL with time: operations that ended long ago. And the sums of the counts.
#pragma once
#include "libs/base/clock.h"
#include "libs/postgres/pool.h"

namespace drover::operations {

class PgPurge {
 public:
  explicit PgPurge(postgres::Pool& pool) : pool_(pool) {}

  // Removes up to `limit` operations that ended before; returns how many. One process at a time:
  // for the others there is nothing. Their ids say when they were made, so that no index is needed.
  Task<int64_t> Purge(TimePoint ended_before, int limit, Deadline deadline);
  // Adds what the transactions have left to the counts: one row a label and state. One process at a
  // time.
  Task<void> SumCounts(Deadline deadline);

 private:
  postgres::Pool& pool_;
};

}  // namespace drover::operations
