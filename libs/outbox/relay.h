// The transactional outbox: what a transaction has to tell reaches Kafka if, and only if, it
// commits.
//
// A transaction that changes something ends with one more INSERT: one row with all records that the
// change announces (events.v1.OutboxBatch). The relay publishes rows in the order of their ids and
// deletes them once the brokers have acknowledged every record. At least once: after a crash or a
// lost connection records are published again, so events carry ids and consumers are idempotent.
//
// Order: Insert must come after the statement that locks the changed rows; then two changes of the
// same thing have ids in the order of their commits. Replicas relay by turns, under an advisory
// lock that belongs to the relay's own connection.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libs/async/promise.h"
#include "libs/async/task.h"
#include "libs/kafka/producer.h"
#include "libs/postgres/pool.h"

namespace drover::events::v1 {
class OutboxBatch;
}

namespace drover::outbox {

// SQL for a service's migrations; table: "tree.outbox".
std::string CreateTable(std::string_view table);
std::string DropTable(std::string_view table);

// The last statement of a transaction that has something to tell. The batch must hold a record.
postgres::Statement Insert(std::string_view table, const events::v1::OutboxBatch& batch);
// The same of a batch that is serialised already: several, one behind the other, are one.
postgres::Statement Insert(std::string_view table, std::string_view batch);

// How much is published at once, and how long the table is then left alone.
struct Pace {
  int max_rows = 256;  // Published before the next are read.
  std::chrono::milliseconds rest{0};
};

struct Config {
  postgres::Config database;  // As of the service; the relay keeps one connection of its own.
  std::string table;          // "tree.outbox"
  int max_rows = 256;         // Published before the next are read, if there is no `pace`.
  // Asked at each round. For a service that has something more urgent to do than telling.
  std::function<Pace()> pace;
  std::chrono::milliseconds sweep{1000};              // Rows that nobody announced wait this long.
  std::chrono::milliseconds produce_timeout{60'000};  // Past it the rows are published again.
};

// Told on the loop.
struct Observer {
  std::function<void(size_t records)> relayed;     // After the brokers' acknowledgement.
  std::function<void(const Error& error)> failed;  // It goes on by itself at the next sweep.
};

// Loop thread only.
class Relay {
 public:
  Relay(asio::io_context& loop, Config config, kafka::Producer& producer, Observer observer);
  Relay(const Relay&) = delete;

  // Runs until Drain. Spawn it once.
  Process Run();
  // There are new rows: call it after the commit. Spares them the wait for the sweep.
  void Wake();
  // Publishes what is there, then ends Run. What is left after the deadline stays in the table for
  // the next process.
  Task<void> Drain(Deadline deadline);

  bool connected() const { return pool_.connected(); }

 private:
  enum class Turn : uint8_t { kIdle, kBusy, kFailed };
  struct Row;

  asio::awaitable<Turn, Executor> TakeTurn();
  Task<std::vector<Row>> Next(const std::vector<int64_t>& done, int most, bool* held);
  Task<std::vector<int64_t>> Publish(const std::vector<Row>& rows);
  Task<std::vector<int64_t>> PublishOneByOne(const std::vector<Row>& rows);
  asio::awaitable<void, Executor> Release();
  asio::awaitable<void, Executor> Pause(Turn turn);
  asio::awaitable<void, Executor> Rest(std::chrono::milliseconds time);

  postgres::Pool pool_;
  kafka::Producer& producer_;
  const Config config_;
  const Observer observer_;
  Timer timer_;
  Promise<bool> ended_;
  bool woken_ = false;
  bool running_ = false;
  bool stopping_ = false;
};

}  // namespace drover::outbox
