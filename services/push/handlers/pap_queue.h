// Pushes on their way into push.pushes: those that come together share a transaction.
//
// While a batch is with PostgreSQL the next one gathers. Loop thread only.
#pragma once
#include <deque>
#include <functional>
#include <string>
#include <unordered_set>
#include <vector>

#include "drover/events/v1/events.pb.h"
#include "libs/async/spacing.h"
#include "libs/async/task.h"
#include "services/push/adapters/pg_pushes.h"

namespace drover::push {

class PapQueue {
 public:
  struct Config {
    size_t batch = 512;    // Pushes in one at most.
    size_t in_flight = 2;  // Batches with PostgreSQL at once.
    size_t company = 64;   // A further batch beside one in flight starts with this many.
    size_t waiting = 20'000;
    std::chrono::milliseconds apart{2};
  };
  struct Entry {
    std::vector<StoredPush> rows;    // Of one push: one at least.
    events::v1::OutboxBatch outbox;  // What it tells, in order.
    // Called once. kAlreadyExists: its id was used before; kUnavailable: it may be accepted or not.
    std::function<void(Result<void>)> done;
  };

  PapQueue(asio::io_context& loop, PgPushes& pushes, Config config);
  PapQueue(const PapQueue&) = delete;

  // done: when it is durable, or with why it is not.
  void Add(Entry entry);
  bool full() const { return waiting_.size() >= config_.waiting; }

 private:
  using Entries = std::vector<Entry>;
  void Schedule();
  void Start();
  bool MayStart();
  Entries Next();
  Process Run(Entries entries);
  asio::awaitable<Result<void>, Executor> Try(Entries& entries);
  Task<void> Write(const Entries& entries);
  Task<void> AnswerDuplicates(Entries& entries);

  asio::io_context& loop_;
  PgPushes& pushes_;
  const Config config_;
  std::deque<Entry> waiting_;
  std::unordered_set<std::string> busy_;  // Ids in a batch in flight.
  Spacing spacing_;
  size_t in_flight_ = 0;
  bool scheduled_ = false;
};

}  // namespace drover::push
