#include "libs/outbox/relay.h"

#include <utility>
#include <vector>

#include "drover/events/v1/events.pb.h"

namespace drover::outbox {
namespace {

constexpr std::chrono::seconds kDatabaseTimeout{10};
constexpr std::chrono::milliseconds kRetry{100};  // Another replica has the turn.

postgres::Config OneConnection(postgres::Config config) {
  config.connections = 1;  // The advisory lock belongs to it.
  return config;
}

}  // namespace

std::string CreateTable(std::string_view table) {
  // Rows live for milliseconds: vacuum by count, not by share, so that the index stays short.
  return "CREATE TABLE " + std::string(table) +
         " (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, batch bytea NOT NULL,"
         " added_at timestamptz NOT NULL DEFAULT now())"
         " WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000,"
         " autovacuum_vacuum_insert_threshold = -1, autovacuum_analyze_scale_factor = 0,"
         " autovacuum_analyze_threshold = 1000000);\n";
}

std::string DropTable(std::string_view table) { return "DROP TABLE " + std::string(table) + ";\n"; }

postgres::Statement Insert(std::string_view table, const events::v1::OutboxBatch& batch) {
  return Insert(table, batch.SerializeAsString());
}

postgres::Statement Insert(std::string_view table, std::string_view batch) {
  DROVER_CHECK(!batch.empty());
  postgres::Statement statement;
  statement.sql = "INSERT INTO " + std::string(table) + " (batch) VALUES ($1)";
  statement.params.push_back(postgres::Param::Bytea(batch));
  return statement;
}

struct Relay::Row {
  int64_t id = 0;
  std::vector<kafka::Record> records;
};

Relay::Relay(asio::io_context& loop, Config config, kafka::Producer& producer, Observer observer)
    : pool_(loop, OneConnection(config.database)),
      producer_(producer),
      config_(std::move(config)),
      observer_(std::move(observer)),
      timer_(loop.get_executor()),
      ended_(loop) {}

void Relay::Wake() {
  woken_ = true;
  timer_.cancel();
}

Task<void> Relay::Drain(Deadline deadline) {
  stopping_ = true;
  Wake();
  if (!running_) co_return Result<void>();
  const Result<bool> ended = co_await ended_.Wait(deadline, "the outbox relay to end");
  if (!ended) co_return ended.error();
  co_return Result<void>();
}

Process Relay::Run() {
  running_ = true;
  while (true) {
    const bool last = stopping_;
    woken_ = false;
    const Turn turn = co_await TakeTurn();
    if (last) break;
    if (!stopping_) co_await Pause(turn);
  }
  running_ = false;
  ended_.Set(true);
}

// Waits for the next sweep, for Wake, or shortly when another replica was at it: it may have read
// the table before the rows that we were woken for were committed.
asio::awaitable<void, Executor> Relay::Pause(Turn turn) {
  if (woken_ && turn == Turn::kIdle) co_return;
  timer_.expires_after(turn == Turn::kBusy ? kRetry : config_.sweep);
  boost::system::error_code ignored;
  co_await timer_.async_wait(asio::redirect_error(kAwait, ignored));
}

// Also when it is woken meanwhile.
asio::awaitable<void, Executor> Relay::Rest(std::chrono::milliseconds time) {
  const Deadline until = In(time);
  while (!stopping_ && std::chrono::steady_clock::now() < until) {
    timer_.expires_at(until);
    boost::system::error_code ignored;
    co_await timer_.async_wait(asio::redirect_error(kAwait, ignored));
  }
}

// Publishes until the table is empty. Each round deletes what the one before published.
asio::awaitable<Relay::Turn, Executor> Relay::TakeTurn() {
  std::vector<int64_t> done;
  while (true) {
    bool held = false;
    const Pace pace = config_.pace ? config_.pace() : Pace{.max_rows = config_.max_rows};
    Result<std::vector<Row>> rows = co_await Next(done, pace.max_rows, &held);
    if (!rows) {
      observer_.failed(rows.error());
      co_return Turn::kFailed;
    }
    if (!held) co_return Turn::kBusy;
    Result<std::vector<int64_t>> published = std::vector<int64_t>();
    if (!rows->empty()) published = co_await Publish(*rows);
    if (!published || published->empty()) {
      co_await Release();
      if (!published) observer_.failed(published.error());
      co_return published ? Turn::kIdle : Turn::kFailed;
    }
    done = std::move(*published);
    co_await Rest(pace.rest);
  }
}

// The lock is taken again in every round: that is one call more, and it is sure to belong to the
// connection that is used now. The rows are read by a statement of their own so that its snapshot
// is younger than the lock.
Task<std::vector<Relay::Row>> Relay::Next(const std::vector<int64_t>& done, int most, bool* held) {
  std::vector<postgres::Statement> statements;
  if (!done.empty()) {
    statements.push_back({"DELETE FROM " + config_.table + " WHERE id = ANY($1)",
                          {postgres::Param::Int8Array(done)}});
  }
  statements.push_back({"SELECT pg_try_advisory_lock(hashtextextended($1, 0))",
                        {postgres::Param::Text(config_.table)}});
  statements.push_back({"SELECT id, batch FROM " + config_.table + " ORDER BY id LIMIT $1",
                        {postgres::Param::Int4(most)}});
  const Deadline deadline = In(kDatabaseTimeout);
  Result<std::vector<postgres::Rows>> result =
      co_await pool_.Transaction(std::move(statements), deadline);
  if (!result) co_return std::move(result).error();
  const size_t lock = result->size() - 2;
  *held = (*result)[lock].Bool(0, 0);
  std::vector<Row> rows;
  if (!*held) co_return rows;
  const postgres::Rows& found = result->back();
  for (size_t i = 0; i < found.size(); ++i) {
    events::v1::OutboxBatch batch;
    const std::string_view octets = found.Bytea(i, 1);
    if (!batch.ParseFromArray(octets.data(), static_cast<int>(octets.size()))) {
      const std::string id = std::to_string(found.Int8(i, 0));
      observer_.failed(Internal(config_.table + " row " + id + " is damaged; it stays there"));
      continue;
    }
    Row& row = rows.emplace_back();
    row.id = found.Int8(i, 0);
    for (auto& record : *batch.mutable_records()) {
      row.records.push_back({std::move(*record.mutable_topic()), std::move(*record.mutable_key()),
                             std::move(*record.mutable_payload())});
    }
  }
  co_return rows;
}

// Returns the ids of the rows that are with the brokers.
Task<std::vector<int64_t>> Relay::Publish(const std::vector<Row>& rows) {
  std::vector<kafka::Record> records;
  std::vector<int64_t> ids;
  for (const Row& row : rows) {
    ids.push_back(row.id);
    records.insert(records.end(), row.records.begin(), row.records.end());
  }
  const size_t count = records.size();
  const Deadline deadline = In(config_.produce_timeout);
  const Result<void> produced = co_await producer_.ProduceAll(std::move(records), deadline);
  if (produced) {
    observer_.relayed(count);
    co_return ids;
  }
  if (produced.error().code != Code::kInvalidArgument) co_return produced.error();
  Result<std::vector<int64_t>> some = co_await PublishOneByOne(rows);
  co_return some;
}

// A record that Kafka will never take must not hold up those behind it: its row is left in the
// table, and complained of at every sweep.
Task<std::vector<int64_t>> Relay::PublishOneByOne(const std::vector<Row>& rows) {
  std::vector<int64_t> ids;
  for (const Row& row : rows) {
    std::vector<kafka::Record> records = row.records;
    const Deadline deadline = In(config_.produce_timeout);
    const Result<void> produced = co_await producer_.ProduceAll(std::move(records), deadline);
    if (produced) {
      observer_.relayed(row.records.size());
      ids.push_back(row.id);
      continue;
    }
    observer_.failed(produced.error());
    if (produced.error().code != Code::kInvalidArgument) break;
  }
  co_return ids;
}

asio::awaitable<void, Executor> Relay::Release() {
  postgres::Statement statement{"SELECT pg_advisory_unlock_all()", {}};
  const Deadline deadline = In(kDatabaseTimeout);
  // If this fails the connection is lost, and the lock with it.
  const auto released = co_await pool_.Execute(std::move(statement), deadline);
  if (!released) observer_.failed(released.error());
}

}  // namespace drover::outbox
