// PostgreSQL on the loop: a pool of libpq connections in asynchronous mode, prepared statements,
// deadlines.
//
// Parameters and results travel in binary. Batches are arrays (unnest), built by Param::..Array. A
// connection runs one caller's work at a time; callers wait in order. Connections reconnect with
// back-off; callers wait while one is being attempted and fail at once when there is no hope. Loop
// thread only.
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/async/task.h"
#include "libs/base/clock.h"

namespace drover::postgres {

struct Config {
  std::string url;       // postgresql://user@host:port/database[?options]; never a password.
  std::string password;  // From a file; empty: none.
  size_t connections = 4;
  size_t max_waiting = 10'000;  // Callers waiting for a connection; past it: kResourceExhausted.
};

// One parameter in binary, with the type that the statement is prepared with.
class Param {
 public:
  static Param Null(uint32_t type);
  static Param Bool(bool value);
  static Param Int2(int16_t value);
  static Param Int4(int32_t value);
  static Param Int8(int64_t value);
  static Param Text(std::string_view value);
  static Param Bytea(std::string_view value);
  static Param Timestamptz(TimePoint value);
  // One-dimensional arrays; an element that is nullopt is NULL.
  static Param BoolArray(const std::vector<bool>& values);
  static Param Int2Array(const std::vector<int16_t>& values);
  static Param Int4Array(const std::vector<int32_t>& values);
  static Param Int8Array(const std::vector<int64_t>& values);
  static Param TextArray(const std::vector<std::string>& values);
  static Param TextArray(const std::vector<std::string_view>& values);
  static Param TextArray(const std::vector<std::optional<std::string>>& values);
  static Param ByteaArray(const std::vector<std::string>& values);
  static Param ByteaArray(const std::vector<std::string_view>& values);
  static Param ByteaArray(const std::vector<std::optional<std::string>>& values);
  static Param TimestamptzArray(const std::vector<TimePoint>& values);
  static Param TimestamptzArray(const std::vector<std::optional<TimePoint>>& values);

  uint32_t type() const { return type_; }
  const std::optional<std::string>& octets() const { return octets_; }

 private:
  Param(uint32_t type, std::optional<std::string> octets)
      : type_(type), octets_(std::move(octets)) {}
  uint32_t type_;
  std::optional<std::string> octets_;
};

// Rows of one statement. Reading a column as another type than it has is a defect (DROVER_CHECK).
class Rows {
 public:
  size_t size() const;
  int64_t affected() const;  // Rows that INSERT, UPDATE or DELETE touched.
  bool null(size_t row, size_t column) const;
  bool Bool(size_t row, size_t column) const;
  int16_t Int2(size_t row, size_t column) const;
  int32_t Int4(size_t row, size_t column) const;
  int64_t Int8(size_t row, size_t column) const;
  std::string_view Text(size_t row, size_t column) const;  // text, varchar, name; views the Rows.
  std::string_view Bytea(size_t row, size_t column) const;
  TimePoint Timestamptz(size_t row, size_t column) const;

  struct Data;  // Owns the PGresult.
  explicit Rows(std::shared_ptr<Data> data) : data_(std::move(data)) {}
  Rows() = default;

 private:
  std::shared_ptr<Data> data_;
};

struct Statement {
  std::string sql;  // Prepared once a connection under a name derived from it.
  std::vector<Param> params;
};

class Pool {
 public:
  Pool(asio::io_context& loop, Config config);
  ~Pool();
  Pool(const Pool&) = delete;

  // One statement, its own transaction. Errors: kUnavailable (no connection, or lost: it may have
  // been committed), kDeadlineExceeded, kAlreadyExists (23505), kInvalidArgument (22xxx, 23xxx),
  // kAborted (40001, 40P01: try again), kResourceExhausted, kInternal. Messages carry the SQLSTATE,
  // never values.
  Task<Rows> Execute(Statement statement, Deadline deadline);
  // All in one transaction, pipelined in one round trip; all or none. It is the implicit
  // transaction of a pipeline: no BEGIN, COMMIT, SAVEPOINT, SET LOCAL or LOCK TABLE among the
  // statements.
  Task<std::vector<Rows>> Transaction(std::vector<Statement> statements, Deadline deadline);
  // Several commands in the simple protocol (migrations), all in one transaction. No parameters.
  Task<void> Script(std::string sql, Deadline deadline);

  bool connected() const;  // At least one connection stands.

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace drover::postgres
