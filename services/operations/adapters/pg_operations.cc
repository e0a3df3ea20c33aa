#include "services/operations/adapters/pg_operations.h"

#include <algorithm>

#include "libs/base/bytes.h"
#include "libs/outbox/relay.h"
#include "services/operations/adapters/pg_changes.h"
#include "services/operations/adapters/pg_schema.h"

namespace drover::operations {
namespace {

using postgres::Param;
using postgres::Rows;
using postgres::Statement;

constexpr size_t kOpenRead = 256;  // Of one device; what is below that waits for the next time.

// w: its row of `open`, o: of `operations`.
#define DROVER_STORED_COLUMNS                                                                \
  "w.device_id, w.operation_id::text, w.version, w.state, w.uncertain, o.label, "            \
  "w.session_key, w.taken_msg_id, w.attempts, o.expires_at, w.updated_at, o.spec, w.ready, " \
  "w.standing, w.priority, w.added"
#define DROVER_JOIN_OPERATION                                   \
  " JOIN operations.operations o ON o.device_id = w.device_id " \
  "AND o.operation_id = w.operation_id"
constexpr size_t kStoredColumns = 16;

constexpr char kReadOpen[] =
    "SELECT " DROVER_STORED_COLUMNS
    ", d.place FROM unnest($1::text[]) WITH ORDINALITY AS d(device_id, place) "
    "CROSS JOIN LATERAL (SELECT * FROM operations.open p WHERE p.device_id = d.device_id "
    "AND p.ready ORDER BY p.priority DESC, p.operation_id LIMIT $2) w" DROVER_JOIN_OPERATION;

constexpr char kReadBusy[] =
    "SELECT " DROVER_STORED_COLUMNS
    ", d.place FROM unnest($1::text[]) WITH ORDINALITY AS d(device_id, place) "
    "JOIN operations.open w ON w.device_id = d.device_id AND w.ready "
    "AND w.state IN (3, 4)" DROVER_JOIN_OPERATION;

constexpr char kReadEnded[] =
    "SELECT o.device_id, o.operation_id::text, o.version, o.state, o.label, o.expires_at, "
    "o.updated_at, o.spec, o.standing, o.priority, o.course "
    "FROM unnest($1::text[], $2::text[]) AS n(device_id, operation_id) "
    "JOIN operations.operations o ON o.device_id = n.device_id "
    "AND o.operation_id = n.operation_id::uuid WHERE o.state > 4";

constexpr char kClaimDue[] =
    "WITH due AS MATERIALIZED (SELECT p.device_id, p.priority, p.operation_id "
    "FROM operations.open p WHERE p.due_at <= $1 ORDER BY p.due_at LIMIT $2 "
    "FOR UPDATE SKIP LOCKED), "
    "w AS (UPDATE operations.open AS c SET due_at = $3 FROM due "
    "WHERE c.device_id = due.device_id AND c.priority = due.priority "
    "AND c.operation_id = due.operation_id RETURNING c.*) "
    "SELECT " DROVER_STORED_COLUMNS " FROM w" DROVER_JOIN_OPERATION;

// By the key of its row of `open`, as far as o.state says that there is one.
constexpr char kReadBlocked[] =
    "SELECT " DROVER_STORED_COLUMNS
    " FROM operations.operations o JOIN operations.open w ON w.device_id = o.device_id "
    "AND w.priority = o.priority AND w.operation_id = o.operation_id "
    "WHERE o.operation_id = ANY($1::text[]::uuid[]) AND o.state <= 4 AND NOT w.ready";

constexpr char kDependents[] =
    "SELECT DISTINCT operation_id::text FROM operations.dependencies "
    "WHERE on_id = ANY($1::text[]::uuid[])";

constexpr char kStates[] =
    "SELECT o.operation_id::text, coalesce(w.state, o.state) FROM operations.operations o "
    "LEFT JOIN operations.open w ON w.device_id = o.device_id AND w.priority = o.priority "
    "AND w.operation_id = o.operation_id AND o.state <= 4 "
    "WHERE o.operation_id = ANY($1::text[]::uuid[])";

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
  out.priority = rows.Int2(i, 14);
  out.pending = rows.Bytea(i, 15);
  return out;
}

Result<Ended> ToEnded(const Rows& rows, size_t i) {
  Ended out;
  Stored& stored = out.stored;
  stored.device_id = rows.Text(i, 0);
  stored.id = rows.Text(i, 1);
  stored.version = rows.Int4(i, 2);
  stored.state = static_cast<v1::State>(rows.Int2(i, 3));
  stored.label = rows.Text(i, 4);
  stored.expires_at = rows.Timestamptz(i, 5);
  stored.updated_at = rows.Timestamptz(i, 6);
  const std::string_view spec = rows.Bytea(i, 7);
  const std::string_view standing = rows.null(i, 8) ? std::string_view() : rows.Bytea(i, 8);
  stored.priority = rows.Int2(i, 9);
  if (!stored.spec.ParseFromArray(spec.data(), static_cast<int>(spec.size())) ||
      !DecodeStanding(standing, &stored.standing)) {
    return Internal("operation " + stored.id + ": what is stored of it is damaged");
  }
  const std::string_view course = rows.Bytea(i, 10);
  if (!out.course.ParseFromArray(course.data(), static_cast<int>(course.size()))) {
    out.course.Clear();
  }
  return out;
}

// Most urgent first: that the rows come so is the plan's pleasure.
void SortByUrgency(std::vector<Stored>* operations) {
  std::sort(operations->begin(), operations->end(), [](const Stored& a, const Stored& b) {
    return a.priority != b.priority ? a.priority > b.priority : a.id < b.id;
  });
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
    if (out[i].operations.size() > 1) SortByUrgency(&out[i].operations);
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
    DROVER_CO_TRY(Ended one, ToEnded(rows, i));
    std::string id = one.stored.id;
    out.insert_or_assign(std::move(id), std::move(one));
  }
  co_return out;
}

Task<std::vector<std::string>> PgOperations::Write(const std::vector<Change>& changes,
                                                   const std::vector<Travelled>& travelled,
                                                   const events::v1::OutboxBatch& outbox,
                                                   Deadline deadline) {
  WriteStatements write = StatementsOf(changes, travelled);
  if (outbox.records_size() > 0) {
    write.statements.push_back(outbox::Insert(kOutboxTable, outbox));
  }
  std::vector<std::string> ended;
  if (write.statements.empty()) co_return ended;
  auto written = co_await pool_.Transaction(std::move(write.statements), deadline);
  if (!written && IsGuard(written.error())) {
    co_return Aborted("an operation has changed meanwhile");
  }
  if (!written) co_return std::move(written).error();
  if (write.ends) {
    const Rows& gone = (*written)[*write.ends];
    if (!gone.null(0, 1)) ended = Split(gone.Text(0, 1));
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
