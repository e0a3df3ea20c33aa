#include "services/operations/adapters/pg_submissions.h"

#include <algorithm>

#include "libs/outbox/relay.h"
#include "services/operations/adapters/pg_changes.h"
#include "services/operations/adapters/pg_schema.h"
#include "services/operations/core/times.h"

namespace drover::operations {
namespace {

using postgres::Param;
using postgres::Rows;
using postgres::Statement;

constexpr char kFind[] = "SELECT digest, response FROM operations.idempotency_keys WHERE key = $1";

constexpr char kInsertKey[] =
    "INSERT INTO operations.idempotency_keys (key, digest, response, at) VALUES ($1, $2, $3, $4)";

constexpr char kInsert[] =
    "INSERT INTO operations.operations (device_id, operation_id, created_at, expires_at, "
    "updated_at, version, priority, state, label, spec, course) "
    "SELECT n.device_id, n.operation_id::uuid, n.created_at, n.expires_at, n.created_at, "
    "1, n.priority, n.state, n.label, n.spec, n.course "
    "FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[], "
    "$5::smallint[], $6::smallint[], $7::text[], $8::bytea[], $9::bytea[]) "
    "AS n(device_id, operation_id, created_at, expires_at, priority, state, label, spec, course)";

constexpr char kInsertOpen[] =
    "INSERT INTO operations.open (device_id, operation_id, updated_at, due_at, version, attempts, "
    "priority, state, ready, standing) "
    "SELECT n.device_id, n.operation_id::uuid, n.created_at, n.due_at, 1, n.attempts, "
    "n.priority, n.state, n.ready, n.standing "
    "FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::smallint[], "
    "$6::smallint[], $7::boolean[], $8::bytea[], $9::int[]) "
    "AS n(device_id, operation_id, created_at, due_at, priority, state, ready, standing, "
    "attempts)";

constexpr char kInsertDependencies[] =
    "INSERT INTO operations.dependencies (on_id, operation_id) "
    "SELECT n.on_id::uuid, n.operation_id::uuid "
    "FROM unnest($1::text[], $2::text[]) AS n(on_id, operation_id)";

// Whoever ends one of them looks who waits for it.
constexpr char kMarkDepended[] =
    "UPDATE operations.open AS w SET depended = true FROM operations.operations o "
    "WHERE o.operation_id = ANY($1::text[]::uuid[]) AND o.state <= 4 "
    "AND w.device_id = o.device_id AND w.priority = o.priority "
    "AND w.operation_id = o.operation_id AND NOT w.depended";

constexpr char kForget[] =
    "DELETE FROM operations.idempotency_keys WHERE key IN (SELECT key "
    "FROM operations.idempotency_keys WHERE at < $1 ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED)";

std::string SpecOf(const v1::Operation& operation) {
  v1::Operation spec;
  *spec.mutable_commands() = operation.commands();
  spec.set_correlator(operation.correlator());
  spec.set_action(operation.action());
  spec.set_bearer(operation.bearer());
  *spec.mutable_depends_on() = operation.depends_on();
  if (operation.has_retry()) *spec.mutable_retry() = operation.retry();
  return spec.SerializeAsString();
}

std::optional<std::string> StandingOf(const v1::Operation& operation) {
  if (!operation.has_not_before()) return std::nullopt;
  Standing standing;
  standing.not_before = FromProto(operation.not_before());
  return EncodeStanding(standing);
}

std::string CourseOf(const v1::Operation& operation) {
  v1::Operation course;
  *course.mutable_history() = operation.history();
  return course.SerializeAsString();
}

void Insert(const PgSubmissions::Submission& submission, std::vector<Statement>* statements) {
  std::vector<std::string> devices, ids, labels, specs, courses;
  std::vector<TimePoint> created, expires;
  std::vector<int16_t> priorities, states;
  std::vector<bool> ready;
  std::vector<std::optional<std::string>> standing;
  std::vector<int32_t> attempts;
  for (const v1::Operation& operation : submission.operations) {
    devices.push_back(operation.device_id());
    ids.push_back(operation.id());
    labels.push_back(operation.label());
    created.push_back(FromProto(operation.created_at()));
    expires.push_back(FromProto(operation.expires_at()));
    priorities.push_back(static_cast<int16_t>(operation.priority()));
    states.push_back(static_cast<int16_t>(operation.state()));
    specs.push_back(SpecOf(operation));
    courses.push_back(CourseOf(operation));
    ready.push_back(!operation.blocked());
    standing.push_back(StandingOf(operation));
    attempts.push_back(operation.blocked() ? 0 : 1);
  }
  const Param device_array = Param::TextArray(devices);
  const Param id_array = Param::TextArray(ids);
  const Param created_array = Param::TimestamptzArray(created);
  const Param priority_array = Param::Int2Array(priorities);
  const Param state_array = Param::Int2Array(states);
  statements->push_back({kInsert,
                         {device_array, id_array, created_array, Param::TimestamptzArray(expires),
                          priority_array, state_array, Param::TextArray(labels),
                          Param::ByteaArray(specs), Param::ByteaArray(courses)}});
  statements->push_back(
      {kInsertOpen,
       {device_array, id_array, created_array, Param::TimestamptzArray(submission.first_due),
        priority_array, state_array, Param::BoolArray(ready), Param::ByteaArray(standing),
        Param::Int4Array(attempts)}});
}

void Count(const PgSubmissions::Submission& submission, std::vector<Statement>* statements) {
  Counts counts;
  for (const v1::Operation& operation : submission.operations) {
    counts.Add(operation.label(), operation.state(), 1);
  }
  statements->push_back(*counts.ToStatement());
}

void AddDependencies(const PgSubmissions::Submission& submission,
                     std::vector<Statement>* statements) {
  std::vector<std::string> on, who;
  for (const v1::Operation& operation : submission.operations) {
    for (const std::string& id : operation.depends_on()) {
      on.push_back(id);
      who.push_back(operation.id());
    }
  }
  if (on.empty()) return;
  statements->push_back({kInsertDependencies, {Param::TextArray(on), Param::TextArray(who)}});
  std::sort(on.begin(), on.end());
  on.erase(std::unique(on.begin(), on.end()), on.end());
  statements->push_back({kMarkDepended, {Param::TextArray(on)}});
}

}  // namespace

Task<std::optional<Answered>> PgSubmissions::Find(std::string key, Deadline deadline) {
  Statement find{kFind, {Param::Text(key)}};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(find), deadline));
  if (rows.size() == 0) co_return std::optional<Answered>();
  co_return std::optional<Answered>(
      Answered{std::string(rows.Bytea(0, 0)), std::string(rows.Bytea(0, 1))});
}

Task<void> PgSubmissions::Store(const Submission& submission, Deadline deadline) {
  std::vector<Statement> statements;
  if (!submission.key.empty()) {
    statements.push_back(
        {kInsertKey,
         {Param::Text(submission.key), Param::Bytea(submission.answer.digest),
          Param::Bytea(submission.answer.response), Param::Timestamptz(submission.at)}});
  }
  if (!submission.operations.empty()) {
    Insert(submission, &statements);
    AddDependencies(submission, &statements);
    Count(submission, &statements);
    statements.push_back(outbox::Insert(kOutboxTable, submission.outbox));
  }
  if (statements.empty()) co_return Result<void>();
  DROVER_CO_TRY(co_await pool_.Transaction(std::move(statements), deadline));
  co_return Result<void>();
}

Task<int64_t> PgSubmissions::Forget(TimePoint older_than, int limit, Deadline deadline) {
  Statement forget{kForget, {Param::Timestamptz(older_than), Param::Int8(limit)}};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(forget), deadline));
  co_return rows.affected();
}

}  // namespace drover::operations
