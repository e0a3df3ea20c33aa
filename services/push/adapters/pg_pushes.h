// What somebody asked to be pushed, and its end: push.pushes. One row an address.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "drover/events/v1/events.pb.h"
#include "libs/postgres/pool.h"

namespace drover::push {

// As push.v1.PushState; stored so.
struct StoredPush {
  std::string account;
  std::string push_id;
  std::string address;
  std::string job_id;  // 16 octets
  std::string digest;  // Of the content: the same id with another is another push.
  std::string device_id;
  std::string msisdn;
  int state = 0;
  int code = 0;
  int segments = 0;
  int delivered_segments = 0;
  TimePoint accepted_at;
  TimePoint deliver_before;
  std::optional<TimePoint> ended_at;
  std::string cause;
};

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

class PgPushes {
 public:
  explicit PgPushes(postgres::Pool& pool) : pool_(pool) {}

  // Of each key all rows that there are, in any order.
  Task<std::vector<StoredPush>> Find(const std::vector<PushKey>& keys, Deadline deadline);
  // With what it tells, in one transaction. kAlreadyExists: somebody was faster with one of them;
  // nothing was written.
  Task<void> Insert(const std::vector<StoredPush>& pushes, const events::v1::OutboxBatch& outbox,
                    Deadline deadline);
  // Those that have ended already keep their first end.
  Task<void> End(const std::vector<PushEnd>& ends, Deadline deadline);

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
