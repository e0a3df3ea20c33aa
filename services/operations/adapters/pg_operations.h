// Operations in PostgreSQL: the statements of the hot path and of what time does. Each is one
// statement over arrays, all of them key lookups.
//
// Written optimistically: a change names the version that it was decided on; if another was
// quicker nothing of the write happens (kAborted) and the caller decides again.
#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "drover/events/v1/events.pb.h"
#include "libs/postgres/pool.h"
#include "services/operations/core/advance.h"

namespace drover::operations {

// The messages of one session message that ended or moved operations.
struct Travelled {
  std::string device_id;
  std::string session_key;
  uint32_t msg_id = 0;
  TimePoint at;
  std::vector<std::string> operation_ids;
  v1::Operation messages;  // Only messages.
  // Each of the operations has a line of its history with the time `at`.
  bool in_history = false;
};

struct OpenOperations {
  std::vector<Stored> operations;  // Most urgent first: priority, then oldest.
  bool all = true;  // Else the less urgent are missing; what is RUNNING or WAITING is there.
};

class PgOperations {
 public:
  // pool: its connections should be made with kPlannerOptions.
  explicit PgOperations(postgres::Pool& pool) : pool_(pool) {}

  // Beside each device: its open operations, but those that wait for their time or for others.
  Task<std::vector<OpenOperations>> ReadOpen(std::vector<std::string> devices, Deadline deadline);
  // Those of (device, operation id) that are there but not open any more. Ids must be UUIDs.
  Task<EndedOperations> ReadEnded(std::vector<std::pair<std::string, std::string>> ids,
                                  Deadline deadline);
  // All or nothing, with the messages and the events in the outbox. Returns the operations that
  // have ended by it and that others depend on. kAborted: an operation has changed meanwhile;
  // kInvalidArgument: the database refuses a value.
  Task<std::vector<std::string>> Write(const std::vector<Change>& changes,
                                       const std::vector<Travelled>& travelled,
                                       const events::v1::OutboxBatch& outbox, Deadline deadline);
  // Open operations whose due_at has passed, at most `limit`; nobody else gets them before `until`.
  Task<std::vector<Stored>> ClaimDue(TimePoint now, TimePoint until, int limit, Deadline deadline);
  // Those of the operations that are open and wait for their time or for others.
  Task<std::vector<Stored>> ReadBlocked(std::vector<std::string> ids, Deadline deadline);
  // Who waits for one of these.
  Task<std::vector<std::string>> DependentsOf(std::vector<std::string> ids, Deadline deadline);
  // The states of those that are there.
  Task<std::map<std::string, v1::State>> States(std::vector<std::string> ids, Deadline deadline);

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
