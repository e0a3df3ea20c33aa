// What waits for its time or for other operations: looked at when the time has come, when one that
// others depend on has ended, and now and then in case that the process which was to look has died.
// Loop thread only.
#pragma once
#include "libs/base/clock.h"
#include "services/operations/adapters/redis_marks.h"
#include "services/operations/core/uuid7.h"
#include "services/operations/handlers/change_writer.h"

namespace drover::operations {

class Unblocker {
 public:
  // From now on the writer says what has ended.
  Unblocker(asio::io_context& loop, PgOperations& store, ChangeWriter& writer, RedisMarks& marks,
            Clock clock, RandomOctets random, Metrics& metrics);
  Unblocker(const Unblocker&) = delete;

  // These have ended: who waits for them becomes ready, or ends. Nobody waits for the outcome.
  void Ended(std::vector<std::string> ids);
  // Looks at these, as far as they are still blocked.
  Task<void> Look(std::vector<std::string> ids, Deadline deadline);
  // The same of operations that were just read; each is queued and not ready.
  Task<void> Look(const std::vector<Stored>& blocked, Deadline deadline);

 private:
  Process LookAtDependents(std::vector<std::string> ids);
  Task<void> LookAtDependentsOf(std::vector<std::string> ids, Deadline deadline);

  asio::io_context& loop_;
  PgOperations& store_;
  ChangeWriter& writer_;
  RedisMarks& marks_;
  Clock clock_;
  RandomOctets random_;
  Metrics& metrics_;
  Uuid7 ids_;
};

}  // namespace drover::operations
