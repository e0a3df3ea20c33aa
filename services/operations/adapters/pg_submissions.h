// New operations into PostgreSQL, with their idempotency key and their events, in one transaction.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "drover/events/v1/events.pb.h"
#include "libs/postgres/pool.h"
#include "services/operations/core/stored.h"

namespace drover::operations {

struct Answered {
  std::string digest;    // Of the request that the key was first used with.
  std::string response;  // SubmitOperationsResponse
};

class PgSubmissions {
 public:
  explicit PgSubmissions(postgres::Pool& pool) : pool_(pool) {}

  Task<std::optional<Answered>> Find(std::string key, Deadline deadline);
  // key: empty for none. first_due: beside each operation. kAlreadyExists: the key has been used
  // meanwhile; kAborted: another transaction was in the way. Then nothing was stored.
  struct Submission {
    std::vector<v1::Operation> operations;
    std::vector<TimePoint> first_due;
    std::string key;
    Answered answer;
    TimePoint at;
    events::v1::OutboxBatch outbox;
  };
  Task<void> Store(const Submission& submission, Deadline deadline);
  // Deletes up to `limit` keys that are older; returns how many.
  Task<int64_t> Forget(TimePoint older_than, int limit, Deadline deadline);

 private:
  postgres::Pool& pool_;
};

}  // namespace drover::operations
