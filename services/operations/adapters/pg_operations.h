// Operations in PostgreSQL: the statements of the hot path and of what time does. Each is one
// statement over arrays, all of them key lookups.
//
// Written optimistically: a change names the version that it was decided on; if another was
// quicker nothing of the write happens (kAborted) and the caller decides again.
#pragma once
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "drover/events/v1/events.pb.h"
#include "libs/postgres/pool.h"
#include "services/operations/core/stored.h"

namespace drover::operations {

// The messages of one session message that ended or moved operations.
struct Travelled {
  std::string device_id;
  std::string session_key;
  uint32_t msg_id = 0;
  TimePoint at;
  std::vector<std::string> operation_ids;
  v1::Operation messages;  // Only messages.
};

struct OpenOperations {
  std::vector<Stored> operations;  // Most urgent first: priority, then oldest.
  bool all = true;  // Else the less urgent are missing; what is RUNNING or WAITING is there.
};

class PgOperations {
 public:
  // pool: its connections should be made with kPlannerOptions.
  explicit PgOperations(postgres::Pool& pool) : pool_(pool) {}

  // Beside each device: its open operations.
  Task<std::vector<OpenOperations>> ReadOpen(std::vector<std::string> devices, Deadline deadline);
  // Which of (device, operation id) are there but not open any more. Ids must be UUIDs.
  Task<std::set<std::string>> ReadEnded(std::vector<std::pair<std::string, std::string>> ids,
                                        Deadline deadline);
  // All or nothing, with the events in the outbox. kAborted: an operation has changed meanwhile;
  // kInvalidArgument: the database refuses a value.
  Task<void> Write(const std::vector<Change>& changes, const std::vector<Travelled>& travelled,
                   const events::v1::OutboxBatch& outbox, Deadline deadline);
  // Open operations whose due_at has passed, at most `limit`; nobody else gets them before `until`.
  Task<std::vector<Stored>> ClaimDue(TimePoint now, TimePoint until, int limit, Deadline deadline);

 private:
  Task<void> ReadBusy(std::vector<std::string> devices, std::vector<size_t> places,
                      std::vector<OpenOperations>* out, Deadline deadline);
  postgres::Pool& pool_;
};

// Connection options: every statement here is a lookup by key, which the planner only knows once
// the tables have statistics; until then it would scan.
inline constexpr char kPlannerOptions[] =
    "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off "
    "-c enable_mergejoin=off -c enable_bitmapscan=off -c jit=off";
// The URL with these options added.
std::string WithOptions(std::string url, std::string_view options);

}  // namespace drover::operations
