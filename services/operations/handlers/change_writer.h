// The one way in which operations change: the change, its history, its events, and everyone who is
// to know of it afterwards. Loop thread only.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "libs/base/clock.h"
#include "libs/outbox/relay.h"
#include "services/operations/adapters/pg_operations.h"
#include "services/operations/core/events.h"
#include "services/operations/handlers/watchers.h"
#include "services/operations/metrics.h"

namespace drover::operations {

struct Changes {
  std::vector<Change> changes;
  std::vector<Travelled> travelled;
  std::vector<Wakeup> wakeups;
};

class ChangeWriter {
 public:
  ChangeWriter(PgOperations& store, outbox::Relay& relay, Watchers& watchers, RandomOctets random,
               Metrics& metrics)
      : store_(store),
        relay_(relay),
        watchers_(watchers),
        random_(std::move(random)),
        metrics_(metrics) {}

  // All or nothing; returns when it is committed. kAborted: one of the operations has changed since
  // it was read.
  Task<void> Write(const Changes& changes, Deadline deadline);
  // Together if possible; if somebody was quicker with one of them, each alone: what has changed
  // meanwhile is left as it is.
  Task<void> WriteTogetherOrEach(Changes changes, Deadline deadline);

  using Ended = std::function<void(std::vector<std::string> ids)>;
  // Who is told of operations that have ended and that others depend on (unblock.h).
  void WhenDependedEnds(Ended ended) { ended_ = std::move(ended); }

 private:
  PgOperations& store_;
  outbox::Relay& relay_;
  Watchers& watchers_;
  RandomOctets random_;
  Metrics& metrics_;
  Ended ended_;
};

}  // namespace drover::operations
