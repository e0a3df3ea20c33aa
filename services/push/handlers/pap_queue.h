// Pushes on their way into push.pushes: those that come together share a transaction.
//
// While a batch is with PostgreSQL the next one gathers. Loop thread only.
#pragma once
#include <deque>
#include <functional>
#include <string>
#include <unordered_set>
#include <vector>

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
  };
  struct Entry {
    std::vector<StoredPush> rows;  // Of one push: one at least.
    std::string outbox;            // What it tells, in order: an OutboxBatch as serialised.
    // Called once. kAlreadyExists: its id was used before; kUnavailable: it may be accepted or not.
    std::function<void(Result<void>)> done;
  };

  PapQueue(asio::io_context& loop, PgPushes& pushes, Config config);
  PapQueue(const PapQueue&) = delete;

  // done: when it is durable, or with why it is not.
  void Add(Entry entry);
  bool full() const { return waiting_.size() >= config_.waiting; }
  // Of the entry whose `done` is being called: how many went with it.
  size_t batch() const { return batch_; }

 private:
  using Entries = std::vector<Entry>;
  void Schedule();
  void Start();
  bool MayStart() const;
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
  size_t in_flight_ = 0;
  size_t batch_ = 0;
  bool scheduled_ = false;
};

}  // namespace drover::push
