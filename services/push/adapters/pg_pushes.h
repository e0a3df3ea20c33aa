// What somebody asked to be pushed, and its end: push.pushes. One row a recipient.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "drover/events/v1/events.pb.h"
#include "libs/postgres/pool.h"
#include "services/push/core/stored_push.h"

namespace drover::push {

struct PushKey {
  std::string account;
  std::string push_id;
  std::string address;  // Empty: every address of the push.
};

struct PushEnd {
  std::string account;
  std::string push_id;
  std::string job_id;
  int state = 0;
  int code = 0;
  int delivered_segments = 0;
  TimePoint at;
  std::string cause;
};

// What became of an attempt to tell an initiator of an end.
struct Told {
  std::string account;
  std::string push_id;
  int recipient = 0;
  Notify notify = Notify::kTold;  // kDue: again, at `again_at`.
  std::optional<TimePoint> again_at;
  bool tried = true;  // False: that it was taken does not count as a try.
};

class PgPushes {
 public:
  explicit PgPushes(postgres::Pool& pool) : pool_(pool) {}

  // Of each key all rows that there are, in any order.
  Task<std::vector<StoredPush>> Find(const std::vector<PushKey>& keys, Deadline deadline);
  // With what it tells, in one transaction. kAlreadyExists: somebody was faster with one of them;
  // nothing was written.
  Task<void> Insert(const std::vector<StoredPush>& pushes, const events::v1::OutboxBatch& outbox,
                    Deadline deadline);
  // The same without copies. outbox: an OutboxBatch as serialised; may be empty.
  Task<void> Insert(const std::vector<const StoredPush*>& pushes, std::string_view outbox,
                    Deadline deadline);
  // Those that have ended already keep their first end. Who wants to be told is due to be.
  Task<void> End(const std::vector<PushEnd>& ends, Deadline deadline);

  // Tells Kafka only.
  Task<void> Announce(const events::v1::OutboxBatch& outbox, Deadline deadline);

  // Ends that are to be told by now, each with one try more: nobody else gets them before `until`.
  Task<std::vector<StoredPush>> TakeNotifications(TimePoint now, TimePoint until, int most,
                                                  Deadline deadline);
  Task<void> SettleNotifications(const std::vector<Told>& told, Deadline deadline);

  struct Page {
    int size = 100;
    std::optional<TimePoint> before;  // Accepted earlier.
    std::string before_id;            // push_id of the last one of the page before.
    int state = 0;                    // 0: any.
  };
  Task<std::vector<StoredPush>> List(const Page& page, Deadline deadline);
  // Those accepted before `until` and ended; at most `most`. How many went.
  Task<int64_t> Purge(TimePoint until, int most, Deadline deadline);

 private:
  postgres::Pool& pool_;
};

}  // namespace drover::push
