// The PostgreSQL schema `operations`, as migrations; and the day partitions of its raw messages.
//
// operations: written when an operation is made and when it ends.
// open: what changes of an operation until then, in a narrow row that is gone afterwards. No index
// of either holds a column that a session changes, so that updates stay on their page (HOT);
// `due_at` is only a lower bound (core/due.h).
#pragma once
#include <vector>

#include "libs/base/clock.h"
#include "libs/postgres/migrations.h"
#include "libs/postgres/pool.h"

namespace drover::operations {

inline constexpr char kSchema[] = "operations";
inline constexpr char kOutboxTable[] = "operations.outbox";

std::vector<postgres::Migration> Migrations();

// Makes today's partition of raw messages and those of the next two days, and drops those whose day
// is more than `retention` ago. A message of another day goes to the default partition and is
// deleted there.
Task<void> KeepMessagePartitions(postgres::Pool& pool, TimePoint now,
                                 std::chrono::milliseconds retention, Deadline deadline);

}  // namespace drover::operations
