#include "services/sip/adapters/pg_gateways.h"

#include <unordered_set>

namespace drover::gateways {
namespace {

using postgres::Param;
using postgres::Rows;
using postgres::Statement;

// Row by row: by the primary key, whatever the planner believes of the table.
constexpr char kRead[] =
    "SELECT g.gateway_id, g.version, g.record FROM unnest($1::text[]) AS r(id) CROSS JOIN LATERAL "
    "(SELECT * FROM sip.gateways WHERE gateway_id = r.id LIMIT 1) AS g";

// Rows with version 0 are new. Locks are taken in the order of the ids. What a row has to tell
// hangs on its having been written.
constexpr char kUpdate[] = R"sql(
WITH r AS MATERIALIZED (
  SELECT * FROM unnest($1::text[], $2::bigint[], $3::timestamptz[], $4::smallint[], $5::text[],
    $6::text[], $7::text[], $8::bytea[], $9::bytea[], $10::text[])
  AS r(id, version, due_at, state, owner, vendor, model, record, batch, sip_user) ORDER BY id),
written AS (
  INSERT INTO sip.gateways (gateway_id, version, due_at, state, owner, vendor, model, record,
    sip_user)
  SELECT id, 1, due_at, state, owner, vendor, model, record, sip_user FROM r WHERE version = 0
  ON CONFLICT DO NOTHING RETURNING gateway_id),
updated AS (
  UPDATE sip.gateways g SET version = g.version + 1, due_at = r.due_at, state = r.state,
    owner = r.owner, vendor = r.vendor, model = r.model, record = r.record, sip_user = r.sip_user
  FROM r WHERE r.version > 0 AND g.gateway_id = ANY($1) AND g.gateway_id = r.id
    AND g.version = r.version
  RETURNING g.gateway_id),
done AS (SELECT gateway_id FROM written UNION ALL SELECT gateway_id FROM updated),
told AS (
  INSERT INTO sip.outbox (batch)
  SELECT r.batch FROM done JOIN r ON r.id = done.gateway_id WHERE r.batch IS NOT NULL)
SELECT gateway_id FROM done)sql";

constexpr char kDue[] = R"sql(
SELECT gateway_id, version, record FROM sip.gateways g WHERE due_at <= $1 AND (owner IS NULL
  OR owner = $2 OR NOT EXISTS (SELECT FROM sip.processes p WHERE p.name = g.owner AND p.seen_at > $3))
ORDER BY due_at LIMIT $4)sql";

constexpr char kBySipUser[] =
    "SELECT gateway_id, version, record FROM sip.gateways WHERE sip_user = $1 "
    "OR (gateway_id = $1 AND sip_user IS NULL) LIMIT 2";

constexpr char kBeat[] =
    "INSERT INTO sip.processes (name, seen_at) VALUES ($1, $2) "
    "ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at";
constexpr char kForgetProcesses[] =
    "DELETE FROM sip.processes WHERE seen_at < $1::timestamptz - interval '1 day'";

constexpr char kList[] = R"sql(
SELECT gateway_id, version, record FROM sip.gateways
WHERE gateway_id > $1 AND (cardinality($2::smallint[]) = 0 OR state = ANY($2))
  AND ($3 = '' OR vendor = $3) AND ($4 = '' OR model = $4) ORDER BY gateway_id LIMIT $5)sql";

constexpr char kSetModel[] =
    "INSERT INTO sip.models (vendor, model, settings) VALUES ($1, $2, $3) "
    "ON CONFLICT (vendor, model) DO UPDATE SET settings = excluded.settings";

Result<Gateway> FromRow(const Rows& rows, size_t i) {
  Gateway gateway;
  gateway.id = rows.Text(i, 0);
  gateway.version = rows.Int8(i, 1);
  const std::string_view record = rows.Bytea(i, 2);
  const bool read = gateway.record.ParseFromArray(record.data(), static_cast<int>(record.size()));
  const Result<gateway::Trigger> trigger = gateway::Unpack(gateway.record.trigger());
  if (!read || !trigger) {
    return Error{Code::kDataLoss, "gateway " + gateway.id + ": what is stored of it is damaged"};
  }
  gateway.trigger = *trigger;
  return gateway;
}

Result<std::vector<Gateway>> FromRows(const Rows& rows) {
  std::vector<Gateway> out;
  out.reserve(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    DROVER_TRY(Gateway gateway, FromRow(rows, i));
    out.push_back(std::move(gateway));
  }
  return out;
}

// What waits for the pacer is due as long as it waits.
std::optional<TimePoint> DueOf(const gateway::Trigger& trigger) {
  if (trigger.queued) return trigger.since;
  const TimePoint due = gateway::Due(trigger);
  if (due == gateway::kNever) return std::nullopt;
  return due;
}

std::string Octets(const Gateway& gateway) {
  // Of a field that stands twice the last one counts: the record need not be copied to be changed.
  v1::Record trigger;
  trigger.set_trigger(gateway::Pack(gateway.trigger));
  std::string octets = gateway.record.SerializeAsString();
  trigger.AppendToString(&octets);
  return octets;
}

Statement UpdateOf(const std::vector<Write>& writes) {
  std::vector<std::string> ids, vendors, models, records;
  std::vector<std::optional<std::string>> owners, sip_users;
  std::vector<int64_t> versions;
  std::vector<std::optional<TimePoint>> due;
  std::vector<int16_t> states;
  std::vector<std::optional<std::string>> batches;
  for (const Write& write : writes) {
    const Gateway& gateway = write.gateway;
    const std::string& owner = gateway.record.contact().owner();
    ids.push_back(gateway.id);
    versions.push_back(gateway.version);
    due.push_back(DueOf(gateway.trigger));
    states.push_back(static_cast<int16_t>(gateway.trigger.state));
    owners.push_back(owner.empty() ? std::nullopt : std::optional(owner));
    const std::string& user = gateway.record.sip_user();
    sip_users.push_back(user.empty() ? std::nullopt : std::optional(user));
    vendors.push_back(gateway.record.vendor());
    models.push_back(gateway.record.model());
    records.push_back(Octets(gateway));
    const auto& outbox = write.telling.outbox;
    batches.push_back(outbox.records_size() == 0 ? std::nullopt
                                                 : std::optional(outbox.SerializeAsString()));
  }
  return {kUpdate,
          {Param::TextArray(ids), Param::Int8Array(versions), Param::TimestamptzArray(due),
           Param::Int2Array(states), Param::TextArray(owners), Param::TextArray(vendors),
           Param::TextArray(models), Param::ByteaArray(records), Param::ByteaArray(batches),
           Param::TextArray(sip_users)}};
}

}  // namespace

Task<std::vector<Gateway>> PgGateways::Read(std::vector<std::string> ids, Deadline deadline) {
  Statement read{kRead, {Param::TextArray(ids)}};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(read), deadline));
  co_return FromRows(rows);
}

Task<std::vector<bool>> PgGateways::Write(const std::vector<gateways::Write>& writes,
                                          Deadline deadline) {
  std::vector<bool> written(writes.size(), false);
  if (writes.empty()) co_return written;
  Statement update = UpdateOf(writes);
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(update), deadline));
  std::unordered_set<std::string_view> done;
  for (size_t i = 0; i < rows.size(); ++i) done.insert(rows.Text(i, 0));
  for (size_t i = 0; i < writes.size(); ++i) written[i] = done.contains(writes[i].gateway.id);
  co_return written;
}

Task<std::vector<Gateway>> PgGateways::Due(TimePoint now, const std::string& owner, TimePoint alive,
                                           int most, Deadline deadline) {
  Statement due{
      kDue,
      {Param::Timestamptz(now), Param::Text(owner), Param::Timestamptz(alive), Param::Int4(most)}};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(due), deadline));
  std::vector<Gateway> out;
  out.reserve(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    Result<Gateway> gateway = FromRow(rows, i);
    if (gateway) out.push_back(*std::move(gateway));
  }
  co_return out;
}

Task<std::optional<Gateway>> PgGateways::FindBySipUser(const std::string& user, Deadline deadline) {
  Statement find{kBySipUser, {Param::Text(user)}};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(find), deadline));
  DROVER_CO_TRY(std::vector<Gateway> found, FromRows(rows));
  if (found.size() != 1) co_return std::optional<Gateway>();
  co_return std::optional<Gateway>(std::move(found.front()));
}

Task<void> PgGateways::Beat(const std::string& owner, TimePoint now, Deadline deadline) {
  std::vector<Statement> statements;
  statements.push_back({kBeat, {Param::Text(owner), Param::Timestamptz(now)}});
  statements.push_back({kForgetProcesses, {Param::Timestamptz(now)}});
  DROVER_CO_TRY(const auto done, co_await pool_.Transaction(std::move(statements), deadline));
  co_return Result<void>();
}

Task<std::vector<Gateway>> PgGateways::List(const Filter& filter, Deadline deadline) {
  Statement list{kList,
                 {Param::Text(filter.after), Param::Int2Array(filter.states),
                  Param::Text(filter.vendor), Param::Text(filter.model), Param::Int4(filter.most)}};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(list), deadline));
  co_return FromRows(rows);
}

Task<std::vector<std::pair<gateway::State, int64_t>>> PgGateways::Count(Deadline deadline) {
  Statement count{"SELECT state, count(*) FROM sip.gateways GROUP BY state", {}};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(count), deadline));
  std::vector<std::pair<gateway::State, int64_t>> out;
  for (size_t i = 0; i < rows.size(); ++i) {
    out.emplace_back(static_cast<gateway::State>(rows.Int2(i, 0)), rows.Int8(i, 1));
  }
  co_return out;
}

Task<std::vector<v1::Model>> PgGateways::Models(Deadline deadline) {
  Statement models{"SELECT settings FROM sip.models ORDER BY vendor, model", {}};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(models), deadline));
  std::vector<v1::Model> out(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const std::string_view octets = rows.Bytea(i, 0);
    if (!out[i].ParseFromArray(octets.data(), static_cast<int>(octets.size()))) {
      co_return Error{Code::kDataLoss, "a model's settings are damaged"};
    }
  }
  co_return out;
}

Task<void> PgGateways::SetModel(const v1::Model& model, Deadline deadline) {
  Statement set{kSetModel,
                {Param::Text(model.vendor()), Param::Text(model.model()),
                 Param::Bytea(model.SerializeAsString())}};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(set), deadline));
  co_return Result<void>();
}

Task<void> PgGateways::DeleteModel(const std::string& vendor, const std::string& model,
                                   Deadline deadline) {
  Statement drop{"DELETE FROM sip.models WHERE vendor = $1 AND model = $2",
                 {Param::Text(vendor), Param::Text(model)}};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(drop), deadline));
  if (rows.affected() == 0) co_return NotFound("no such model");
  co_return Result<void>();
}

}  // namespace drover::gateways
