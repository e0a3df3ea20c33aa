// WatchOperation and WatchOperations: operations as they are, then at each change, until they have
// ended. Changes of this process are told at once, those of other replicas within a second, or a
// few when very many are watched. Loop thread only.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "libs/base/clock.h"
#include "services/operations/adapters/pg_queries.h"
#include "services/operations/handlers/watchers.h"

namespace drover::operations {

// Where the operations go.
struct WatchSink {
  std::function<Task<void>(v1::Operation)> tell;
  std::function<bool()> cancelled;
};

class WatchHandler {
 public:
  WatchHandler(PgQueries& queries, Watchers& watchers, Clock clock)
      : queries_(queries), watchers_(watchers), clock_(std::move(clock)) {}

  Task<void> Watch(v1::WatchOperationsRequest request, const WatchSink& sink, Deadline deadline);

 private:
  using Known = PgQueries::Known;
  Task<std::vector<Known>> Select(const v1::WatchOperationsRequest& request);
  Task<void> Tell(std::vector<Known>* open, const std::set<std::string>& which,
                  const WatchSink& sink);
  PgQueries& queries_;
  Watchers& watchers_;
  Clock clock_;
};

}  // namespace drover::operations
