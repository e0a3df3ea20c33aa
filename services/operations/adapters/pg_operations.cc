#include "services/operations/adapters/pg_operations.h"

#include <algorithm>

#include "libs/base/bytes.h"
#include "libs/outbox/relay.h"
#include "services/operations/adapters/pg_schema.h"

namespace drover::operations {
namespace {

using postgres::Param;
using postgres::Rows;
using postgres::Statement;

constexpr size_t kOpenRead = 256;  // Of one device; what is below that waits for the next time.

#define DROVER_STORED_COLUMNS                                                                \
  "o.device_id, o.operation_id::text, o.version, o.state, o.uncertain, o.label, "            \
  "o.session_key, o.taken_msg_id, o.attempts, o.expires_at, o.updated_at, o.spec, o.ready, " \
  "o.standing"
constexpr size_t kStoredColumns = 14;

constexpr char kReadOpen[] =
    "SELECT " DROVER_STORED_COLUMNS
    ", d.place FROM unnest($1::text[]) WITH ORDINALITY AS d(device_id, place) "
    "CROSS JOIN LATERAL (SELECT * FROM operations.operations p WHERE p.device_id = d.device_id "
    "AND p.open AND p.ready ORDER BY p.priority DESC, p.operation_id LIMIT $2) o";

constexpr char kReadBusy[] =
    "SELECT " DROVER_STORED_COLUMNS
    ", d.place FROM unnest($1::text[]) WITH ORDINALITY AS d(device_id, place) "
    "JOIN operations.operations o ON o.device_id = d.device_id AND o.open AND o.ready "
    "AND o.state IN (3, 4)";

constexpr char kReadEnded[] =
    "SELECT " DROVER_STORED_COLUMNS
    ", o.course FROM unnest($1::text[], $2::text[]) AS n(device_id, operation_id) "
    "JOIN operations.operations o ON o.device_id = n.device_id "
    "AND o.operation_id = n.operation_id::uuid WHERE NOT o.open";

// Divides by zero, which undoes the transaction, unless every change found its version. Counts what
// has ended (ended_counts), and names those of it that others depend on.
constexpr char kChange[] =
    "WITH changed AS (UPDATE operations.operations AS o SET "
    "version = n.next, state = n.state, uncertain = n.uncertain, session_key = n.session_key, "
    "taken_msg_id = n.taken_msg_id, attempts = n.attempts, updated_at = n.at, "
    "due_at = coalesce(n.due_at, o.due_at), cause = CASE WHEN n.cause = '' THEN o.cause "
    "ELSE n.cause END, course = o.course || n.added, ready = n.ready, standing = n.standing "
    "FROM unnest($1::text[], $2::text[], $3::int[], $4::int[], $5::smallint[], $6::boolean[], "
    "$7::text[], $8::bigint[], $9::int[], $10::timestamptz[], $11::timestamptz[], $12::text[], "
    "$13::bytea[], $14::boolean[], $15::bytea[]) AS n(device_id, operation_id, version, next, "
    "state, uncertain, session_key, taken_msg_id, attempts, at, due_at, cause, added, ready, "
    "standing) "
    "WHERE o.device_id = n.device_id AND o.operation_id = n.operation_id::uuid "
    "AND o.version = n.version "
    "RETURNING o.operation_id, o.label, o.state, o.depended, "
    "NOT o.open AND n.next > n.version AS ended), "
    "counted AS (INSERT INTO operations.ended_counts (label, state, count) "
    "SELECT label, state, count(*) FROM changed WHERE ended GROUP BY 1, 2) "
    "SELECT 1 / (count(*) = $16)::int, "
    "string_agg(operation_id::text, ' ') FILTER (WHERE ended AND depended) FROM changed";

constexpr char kInsertMessages[] =
    "INSERT INTO operations.messages "
    "(device_id, session_key, msg_id, at, operation_ids, messages) "
    "SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[], $5::text[], "
    "$6::bytea[])";

constexpr char kClaimDue[] =
    "WITH due AS MATERIALIZED (SELECT p.device_id, p.operation_id FROM operations.operations p "
    "WHERE p.open AND p.due_at <= $1 ORDER BY p.due_at LIMIT $2 FOR UPDATE SKIP LOCKED) "
    "UPDATE operations.operations AS o SET due_at = $3 FROM due "
    "WHERE o.device_id = due.device_id AND o.operation_id = due.operation_id "
    "RETURNING " DROVER_STORED_COLUMNS;

constexpr char kReadBlocked[] =
    "SELECT " DROVER_STORED_COLUMNS
    " FROM operations.operations o WHERE o.operation_id = ANY($1::text[]::uuid[]) "
    "AND o.open AND NOT o.ready";

constexpr char kDependents[] =
    "SELECT DISTINCT operation_id::text FROM operations.dependencies "
    "WHERE on_id = ANY($1::text[]::uuid[])";

constexpr char kStates[] =
    "SELECT operation_id::text, state FROM operations.operations "
    "WHERE operation_id = ANY($1::text[]::uuid[])";

Result<Stored> ToStored(const Rows& rows, size_t i) {
  Stored out;
  out.device_id = rows.Text(i, 0);
  out.id = rows.Text(i, 1);
  out.version = rows.Int4(i, 2);
  out.state = static_cast<v1::State>(rows.Int2(i, 3));
  out.uncertain = rows.Bool(i, 4);
  out.label = rows.Text(i, 5);
  out.session_key = rows.Text(i, 6);
  out.taken_msg_id = static_cast<uint32_t>(rows.Int8(i, 7));
  out.attempts = rows.Int4(i, 8);
  out.expires_at = rows.Timestamptz(i, 9);
  out.updated_at = rows.Timestamptz(i, 10);
  const std::string_view spec = rows.Bytea(i, 11);
  if (!out.spec.ParseFromArray(spec.data(), static_cast<int>(spec.size()))) {
    return Internal("operation " + out.id + ": its stored commands are damaged");
  }
  out.ready = rows.Bool(i, 12);
  if (!rows.null(i, 13) && !DecodeStanding(rows.Bytea(i, 13), &out.standing)) {
    return Internal("operation " + out.id + ": how it stands is damaged");
  }
  return out;
}

Statement ToStatement(const std::vector<Change>& changes) {
  const size_t n = changes.size();
  std::vector<std::string> devices, ids, keys, causes, added;
  std::vector<int32_t> versions, next, attempts;
  std::vector<int16_t> states;
  std::vector<bool> uncertain, ready;
  std::vector<int64_t> msg_ids;
  std::vector<TimePoint> at;
  std::vector<std::optional<TimePoint>> due_at;
  std::vector<std::optional<std::string>> standing;
  devices.reserve(n);
  ids.reserve(n);
  added.reserve(n);
  for (const Change& change : changes) {
    devices.push_back(change.device_id);
    ids.push_back(change.id);
    versions.push_back(change.version);
    next.push_back(change.version + change.added.history_size());
    states.push_back(static_cast<int16_t>(change.state));
    uncertain.push_back(change.uncertain);
    keys.push_back(change.session_key);
    msg_ids.push_back(change.taken_msg_id);
    attempts.push_back(change.attempts);
    at.push_back(change.at);
    due_at.push_back(change.due_at);
    causes.push_back(change.cause);
    added.push_back(change.added.SerializeAsString());
    ready.push_back(change.ready);
    std::string stands = EncodeStanding(change.standing);
    standing.push_back(stands.empty() ? std::nullopt : std::optional(std::move(stands)));
  }
  return {kChange,
          {Param::TextArray(devices), Param::TextArray(ids), Param::Int4Array(versions),
           Param::Int4Array(next), Param::Int2Array(states), Param::BoolArray(uncertain),
           Param::TextArray(keys), Param::Int8Array(msg_ids), Param::Int4Array(attempts),
           Param::TimestamptzArray(at), Param::TimestamptzArray(due_at), Param::TextArray(causes),
           Param::ByteaArray(added), Param::BoolArray(ready), Param::ByteaArray(standing),
           Param::Int8(static_cast<int64_t>(n))}};
}

Statement ToStatement(const std::vector<Travelled>& travelled) {
  std::vector<std::string> devices, keys, ids, messages;
  std::vector<int64_t> msg_ids;
  std::vector<TimePoint> at;
  for (const Travelled& one : travelled) {
    devices.push_back(one.device_id);
    keys.push_back(one.session_key);
    msg_ids.push_back(one.msg_id);
    at.push_back(one.at);
    std::string joined;
    for (const std::string& id : one.operation_ids) joined.append(joined.empty() ? "" : " ") += id;
    ids.push_back(std::move(joined));
    messages.push_back(one.messages.SerializeAsString());
  }
  return {kInsertMessages,
          {Param::TextArray(devices), Param::TextArray(keys), Param::Int8Array(msg_ids),
           Param::TimestamptzArray(at), Param::TextArray(ids), Param::ByteaArray(messages)}};
}

std::vector<std::string> Split(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

bool IsGuard(const Error& error) { return error.message.find("22012") != std::string::npos; }

}  // namespace

Task<std::vector<OpenOperations>> PgOperations::ReadOpen(std::vector<std::string> devices,
                                                         Deadline deadline) {
  Statement read{kReadOpen,
                 {Param::TextArray(devices), Param::Int8(static_cast<int64_t>(kOpenRead))}};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(read), deadline));
  std::vector<OpenOperations> out(devices.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    DROVER_CO_TRY(Stored stored, ToStored(rows, i));
    out[static_cast<size_t>(rows.Int8(i, kStoredColumns)) - 1].operations.push_back(
        std::move(stored));
  }
  std::vector<std::string> long_queues;
  std::vector<size_t> places;
  for (size_t i = 0; i < out.size(); ++i) {
    if (out[i].operations.size() < kOpenRead) continue;
    out[i].all = false;
    long_queues.push_back(std::move(devices[i]));
    places.push_back(i);
  }
  if (!places.empty()) {
    DROVER_CO_TRY(co_await ReadBusy(std::move(long_queues), std::move(places), &out, deadline));
  }
  co_return out;
}

// Of devices with more open operations than are read: what is with the terminal and not there yet.
Task<void> PgOperations::ReadBusy(std::vector<std::string> devices, std::vector<size_t> places,
                                  std::vector<OpenOperations>* out, Deadline deadline) {
  Statement read{kReadBusy, {Param::TextArray(devices)}};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(read), deadline));
  for (size_t i = 0; i < rows.size(); ++i) {
    DROVER_CO_TRY(Stored stored, ToStored(rows, i));
    const size_t place = places[static_cast<size_t>(rows.Int8(i, kStoredColumns)) - 1];
    std::vector<Stored>& known = (*out)[place].operations;
    const bool there = std::any_of(known.begin(), known.end(),
                                   [&](const Stored& other) { return other.id == stored.id; });
    if (!there) known.push_back(std::move(stored));
  }
  co_return Result<void>();
}

Task<EndedOperations> PgOperations::ReadEnded(std::vector<std::pair<std::string, std::string>> ids,
                                              Deadline deadline) {
  std::vector<std::string> devices, operations;
  for (auto& [device, operation] : ids) {
    devices.push_back(std::move(device));
    operations.push_back(std::move(operation));
  }
  Statement read{kReadEnded, {Param::TextArray(devices), Param::TextArray(operations)}};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(read), deadline));
  EndedOperations out;
  for (size_t i = 0; i < rows.size(); ++i) {
    DROVER_CO_TRY(Stored stored, ToStored(rows, i));
    v1::Operation course;
    const std::string_view octets = rows.Bytea(i, kStoredColumns);
    if (!course.ParseFromArray(octets.data(), static_cast<int>(octets.size()))) course.Clear();
    const std::string id = stored.id;
    out.insert_or_assign(id, Ended{std::move(stored), std::move(course)});
  }
  co_return out;
}

Task<std::vector<std::string>> PgOperations::Write(const std::vector<Change>& changes,
                                                   const std::vector<Travelled>& travelled,
                                                   const events::v1::OutboxBatch& outbox,
                                                   Deadline deadline) {
  std::vector<Statement> statements;
  std::vector<std::string> ended;
  if (!changes.empty()) statements.push_back(ToStatement(changes));
  if (!travelled.empty()) statements.push_back(ToStatement(travelled));
  if (outbox.records_size() > 0) statements.push_back(outbox::Insert(kOutboxTable, outbox));
  if (statements.empty()) co_return ended;
  auto written = co_await pool_.Transaction(std::move(statements), deadline);
  if (!written && IsGuard(written.error())) {
    co_return Aborted("an operation has changed meanwhile");
  }
  if (!written) co_return std::move(written).error();
  if (!changes.empty() && !written->front().null(0, 1)) {
    ended = Split(written->front().Text(0, 1));
  }
  co_return ended;
}

Task<std::vector<Stored>> PgOperations::ReadBlocked(std::vector<std::string> ids,
                                                    Deadline deadline) {
  Statement read{kReadBlocked, {Param::TextArray(ids)}};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(read), deadline));
  std::vector<Stored> out;
  for (size_t i = 0; i < rows.size(); ++i) {
    DROVER_CO_TRY(Stored stored, ToStored(rows, i));
    out.push_back(std::move(stored));
  }
  co_return out;
}

Task<std::vector<std::string>> PgOperations::DependentsOf(std::vector<std::string> ids,
                                                          Deadline deadline) {
  Statement find{kDependents, {Param::TextArray(ids)}};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(find), deadline));
  std::vector<std::string> out;
  for (size_t i = 0; i < rows.size(); ++i) out.emplace_back(rows.Text(i, 0));
  co_return out;
}

Task<std::map<std::string, v1::State>> PgOperations::States(std::vector<std::string> ids,
                                                            Deadline deadline) {
  Statement find{kStates, {Param::TextArray(ids)}};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(find), deadline));
  std::map<std::string, v1::State> out;
  for (size_t i = 0; i < rows.size(); ++i) {
    out.emplace(rows.Text(i, 0), static_cast<v1::State>(rows.Int2(i, 1)));
  }
  co_return out;
}

Task<std::vector<Stored>> PgOperations::ClaimDue(TimePoint now, TimePoint until, int limit,
                                                 Deadline deadline) {
  Statement claim{kClaimDue,
                  {Param::Timestamptz(now), Param::Int8(limit), Param::Timestamptz(until)}};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(claim), deadline));
  std::vector<Stored> out;
  for (size_t i = 0; i < rows.size(); ++i) {
    DROVER_CO_TRY(Stored stored, ToStored(rows, i));
    out.push_back(std::move(stored));
  }
  co_return out;
}

std::string WithOptions(std::string url, std::string_view options) {
  url.append(url.find('?') == std::string::npos ? "?" : "&").append("options=");
  for (const char c : options) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_') {
      url += c;
    } else {
      url.append("%").append(base::Hex(std::string_view(&c, 1)));
    }
  }
  return url;
}

}  // namespace drover::operations
