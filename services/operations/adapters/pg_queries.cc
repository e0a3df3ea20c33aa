#include "services/operations/adapters/pg_queries.h"

#include <algorithm>

#include "drover/operations/v1/storage.pb.h"
#include "services/operations/core/states.h"
#include "services/operations/core/times.h"

namespace drover::operations {
namespace {

using postgres::Param;
using postgres::Rows;
using postgres::Statement;

// w: its row of `open`; all NULL for what has ended.
constexpr char kColumns[] =
    "SELECT o.device_id, o.operation_id::text, coalesce(w.version, o.version), "
    "coalesce(w.state, o.state), coalesce(w.uncertain, false), o.label, "
    "coalesce(w.session_key, ''), coalesce(w.taken_msg_id, 0), coalesce(w.attempts, 0), "
    "o.expires_at, coalesce(w.updated_at, o.updated_at), o.spec, o.course, o.created_at, "
    "o.priority, o.cause, coalesce(w.ready, true), "
    "CASE WHEN w.device_id IS NULL THEN o.standing ELSE w.standing END, "
    "coalesce(w.added, '')";
constexpr char kOnItsKey[] =
    "operations.open w ON w.device_id = o.device_id AND w.priority = o.priority "
    "AND w.operation_id = o.operation_id AND o.state <= 4 ";
constexpr char kAllOpen[] = " FROM operations.operations o JOIN ";
constexpr char kAll[] = " FROM operations.operations o LEFT JOIN ";

// By the states that are asked for: what has ended has its state in its own row.
std::string FromFor(const std::vector<int16_t>& states) {
  const auto open = [](int16_t state) { return IsOpen(static_cast<v1::State>(state)); };
  const bool only_open = !states.empty() && std::all_of(states.begin(), states.end(), open);
  return std::string(kColumns) + (only_open ? kAllOpen : kAll) + kOnItsKey;
}

Result<Found> ToFound(const Rows& rows, size_t i) {
  Found out;
  Stored& stored = out.stored;
  stored.device_id = rows.Text(i, 0);
  stored.id = rows.Text(i, 1);
  stored.version = rows.Int4(i, 2);
  stored.state = static_cast<v1::State>(rows.Int2(i, 3));
  stored.uncertain = rows.Bool(i, 4);
  stored.label = rows.Text(i, 5);
  stored.session_key = rows.Text(i, 6);
  stored.taken_msg_id = static_cast<uint32_t>(rows.Int8(i, 7));
  stored.attempts = rows.Int4(i, 8);
  stored.expires_at = rows.Timestamptz(i, 9);
  stored.updated_at = rows.Timestamptz(i, 10);
  stored.ready = rows.Bool(i, 16);
  stored.priority = rows.Int2(i, 14);
  stored.pending = rows.Bytea(i, 18);
  const std::string_view standing = rows.null(i, 17) ? std::string_view() : rows.Bytea(i, 17);
  const bool stands = DecodeStanding(standing, &stored.standing);
  // All are parts of an Operation: one after the other they are one.
  const std::string whole = std::string(rows.Bytea(i, 11))
                                .append(standing)
                                .append(rows.Bytea(i, 12))
                                .append(rows.Bytea(i, 18));
  v1::Operation& operation = out.operation;
  if (!stands || !operation.ParseFromString(whole)) {
    return Internal("operation " + stored.id + ": what is stored of it is damaged");
  }
  *stored.spec.mutable_commands() = operation.commands();
  *stored.spec.mutable_depends_on() = operation.depends_on();
  if (operation.has_retry()) *stored.spec.mutable_retry() = operation.retry();
  stored.spec.set_correlator(operation.correlator());
  operation.set_attempt(static_cast<uint32_t>(stored.standing.attempt));
  operation.set_blocked(!stored.ready);
  operation.set_id(stored.id);
  operation.set_device_id(stored.device_id);
  operation.set_label(stored.label);
  operation.set_priority(rows.Int2(i, 14));
  operation.set_state(stored.state);
  operation.set_uncertain(stored.uncertain);
  operation.set_cause(std::string(rows.Text(i, 15)));
  *operation.mutable_created_at() = ToProto(rows.Timestamptz(i, 13));
  *operation.mutable_expires_at() = ToProto(stored.expires_at);
  *operation.mutable_updated_at() = ToProto(stored.updated_at);
  return out;
}

// Each condition is there only if it is asked for: a statement for each combination, each with its
// plan.
Statement ToStatement(const PgQueries::Filter& filter) {
  Statement out;
  std::string where;
  const auto add = [&](std::string_view before, Param param, std::string_view after) {
    out.params.push_back(std::move(param));
    where.append(where.empty() ? "WHERE " : " AND ").append(before);
    where.append("$").append(std::to_string(out.params.size())).append(after);
  };
  if (!filter.device_id.empty()) add("o.device_id = ", Param::Text(filter.device_id), "");
  if (!filter.label.empty()) add("o.label = ", Param::Text(filter.label), "");
  if (!filter.before.empty()) {
    add("o.operation_id < ", Param::Text(filter.before), "::text::uuid");
  }
  if (!filter.states.empty())
    add("coalesce(w.state, o.state) = ANY(", Param::Int2Array(filter.states), ")");
  out.params.push_back(Param::Int8(filter.limit));
  out.sql = FromFor(filter.states) + where + " ORDER BY o.operation_id DESC LIMIT $" +
            std::to_string(out.params.size());
  return out;
}

void AddMessagesOf(const v1::Operation& operation, const v1::Travels& many,
                   std::vector<v1::RawMessage>* out) {
  for (const v1::Travel& travel : many.travels()) {
    const auto& ids = travel.operation_ids();
    if (travel.device_id() != operation.device_id()) continue;
    if (std::find(ids.begin(), ids.end(), operation.id()) == ids.end()) continue;
    out->insert(out->end(), travel.messages().begin(), travel.messages().end());
  }
}

}  // namespace

Task<std::optional<Found>> PgQueries::Get(std::string id, Deadline deadline) {
  Statement get{FromFor({}) + "WHERE o.operation_id = $1::text::uuid", {Param::Text(id)}};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(get), deadline));
  if (rows.size() == 0) co_return std::optional<Found>();
  DROVER_CO_TRY(Found found, ToFound(rows, 0));
  co_return std::optional<Found>(std::move(found));
}

// Many steps share a row, which the times in an operation's history find; a row of a device is of
// one step that left no line there, or of the release before.
Task<std::vector<v1::RawMessage>> PgQueries::Messages(v1::Operation operation, Deadline deadline) {
  std::vector<TimePoint> times;
  for (const v1::Transition& step : operation.history()) times.push_back(FromProto(step.at()));
  Statement get{
      "SELECT device_id = '', messages FROM operations.messages WHERE (device_id = '' "
      "AND at = ANY($4)) OR (device_id = $1 AND at >= $2 AND position($3 in operation_ids) > 0) "
      "ORDER BY at, msg_id LIMIT 1000",
      {Param::Text(operation.device_id()), Param::Timestamptz(FromProto(operation.created_at())),
       Param::Text(operation.id()), Param::TimestamptzArray(times)}};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(get), deadline));
  std::vector<v1::RawMessage> out;
  for (size_t i = 0; i < rows.size(); ++i) {
    const std::string_view octets = rows.Bytea(i, 1);
    const auto size = static_cast<int>(octets.size());
    v1::Operation alone;
    v1::Travels many;
    if (!rows.Bool(i, 0) && alone.ParseFromArray(octets.data(), size)) {
      out.insert(out.end(), alone.messages().begin(), alone.messages().end());
    } else if (rows.Bool(i, 0) && many.ParseFromArray(octets.data(), size)) {
      AddMessagesOf(operation, many, &out);
    }
  }
  co_return out;
}

Task<std::vector<v1::Operation>> PgQueries::List(Filter filter, Deadline deadline) {
  Statement list = ToStatement(filter);
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(list), deadline));
  std::vector<v1::Operation> out;
  for (size_t i = 0; i < rows.size(); ++i) {
    DROVER_CO_TRY(Found found, ToFound(rows, i));
    out.push_back(std::move(found.operation));
  }
  co_return out;
}

Task<std::vector<v1::CountOperationsResponse::Count>> PgQueries::Count(std::string label,
                                                                       Deadline deadline) {
  const std::string where = label.empty() ? "" : " WHERE label = $1";
  Statement count{
      "SELECT label, state, sum(count)::bigint FROM ("
      "SELECT label, state, count FROM operations.counts" +
          where + " UNION ALL SELECT label, state, count FROM operations.count_changes" + where +
          ") AS c GROUP BY 1, 2 HAVING sum(count) > 0",
      {}};
  if (!label.empty()) count.params.push_back(Param::Text(label));
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(count), deadline));
  std::vector<v1::CountOperationsResponse::Count> out(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    out[i].set_label(std::string(rows.Text(i, 0)));
    out[i].set_state(static_cast<v1::State>(rows.Int2(i, 1)));
    out[i].set_count(rows.Int8(i, 2));
  }
  co_return out;
}

Task<PgQueries::Gauges> PgQueries::Measure(Deadline deadline) {
  Statement open{
      "SELECT state, sum(count)::bigint FROM (SELECT state, count FROM operations.counts "
      "WHERE state <= 4 UNION ALL SELECT state, count FROM operations.count_changes "
      "WHERE state <= 4) AS c GROUP BY 1",
      {}};
  DROVER_CO_TRY(const Rows states, co_await pool_.Execute(std::move(open), deadline));
  Statement outbox{"SELECT count(*), min(added_at) FROM operations.outbox", {}};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(outbox), deadline));
  Gauges out;
  for (size_t i = 0; i < states.size(); ++i) {
    out.open.emplace_back(static_cast<v1::State>(states.Int2(i, 0)), states.Int8(i, 1));
  }
  out.outbox = rows.Int8(0, 0);
  if (!rows.null(0, 1)) out.outbox_oldest = rows.Timestamptz(0, 1);
  co_return out;
}

Task<std::vector<Found>> PgQueries::ReadChanged(std::vector<Known> known, Deadline deadline) {
  std::vector<std::string> devices, ids;
  std::vector<int32_t> versions;
  for (Known& one : known) {
    devices.push_back(std::move(one.device_id));
    ids.push_back(std::move(one.id));
    versions.push_back(one.version);
  }
  Statement read{
      "SELECT f.* FROM unnest($1::text[], $2::text[], $3::int[]) "
      "AS n(device_id, operation_id, version) CROSS JOIN LATERAL (" +
          FromFor({}) +
          "WHERE o.device_id = n.device_id AND o.operation_id = n.operation_id::uuid "
          "AND coalesce(w.version, o.version) <> n.version LIMIT 1) f",
      {Param::TextArray(devices), Param::TextArray(ids), Param::Int4Array(versions)}};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(read), deadline));
  std::vector<Found> out;
  for (size_t i = 0; i < rows.size(); ++i) {
    DROVER_CO_TRY(Found found, ToFound(rows, i));
    out.push_back(std::move(found));
  }
  co_return out;
}

Task<std::vector<PgQueries::Known>> PgQueries::Select(Selection selection, Deadline deadline) {
  Statement select{
      "SELECT device_id, operation_id::text FROM operations.operations WHERE "
      "($1 = '' OR label = $1) AND (cardinality($2::text[]) = 0 OR device_id = ANY($2)) "
      "AND (cardinality($3::text[]) = 0 OR operation_id = ANY($3::text[]::uuid[])) "
      "AND operation_id > $4::text::uuid ORDER BY operation_id LIMIT $5",
      {Param::Text(selection.label), Param::TextArray(selection.device_ids),
       Param::TextArray(selection.ids), Param::Text(selection.after),
       Param::Int8(selection.limit)}};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(select), deadline));
  std::vector<Known> out;
  for (size_t i = 0; i < rows.size(); ++i) {
    out.push_back({std::string(rows.Text(i, 0)), std::string(rows.Text(i, 1)), 0});
  }
  co_return out;
}

Task<std::vector<std::string>> PgQueries::DevicesWithWork(std::string after, int limit,
                                                          Deadline deadline) {
  Statement find{
      "SELECT DISTINCT device_id FROM operations.open WHERE ready AND state <= 3 "
      "AND device_id > $1 ORDER BY device_id LIMIT $2",
      {Param::Text(after), Param::Int8(limit)}};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(find), deadline));
  std::vector<std::string> out;
  for (size_t i = 0; i < rows.size(); ++i) out.emplace_back(rows.Text(i, 0));
  co_return out;
}

}  // namespace drover::operations
