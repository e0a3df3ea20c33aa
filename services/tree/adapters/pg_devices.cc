#include "services/tree/adapters/pg_devices.h"

#include <utility>

#include "drover/events/v1/events.pb.h"
#include "libs/outbox/relay.h"
#include "services/tree/adapters/migrations.h"
#include "services/tree/core/page.h"

namespace drover::tree {
namespace {

using postgres::Param;
using postgres::Rows;
using postgres::Statement;

// Facts stand in the order of Fact.
constexpr const char* kFactColumns =
    "manufacturer, model, firmware_version, software_version, hardware_version, language, "
    "dm_version";
const std::string kSelect =
    std::string(
        "SELECT d.device_id, status, enrolled_at, seen_at, client_scheme, server_scheme, "
        "user_name, account_version, account_sealed, bearer, ") +
    kFactColumns;
// Device by device: by the primary key, whatever the planner believes of the table.
const std::string kFind = kSelect +
                          " FROM unnest($1) AS r(id) CROSS JOIN LATERAL (SELECT * FROM "
                          "tree.devices WHERE device_id = r.id LIMIT 1) AS d";
constexpr size_t kFirstFact = 10;
constexpr size_t kFirstTrait = kFirstFact + kFactCount;
// The profile of the model, else of the manufacturer ("" sorts before every model); and the page
// that ./DevDetail/LrgObj is on, if it is there.
const std::string kFindAccounts =
    kSelect +
    ", (SELECT profile FROM tree.profiles AS p WHERE p.manufacturer = d.manufacturer"
    " AND p.model = ANY(ARRAY[d.model, '']) ORDER BY p.model DESC LIMIT 1)"
    ", (SELECT content FROM tree.pages AS p WHERE p.device_id = r.id"
    " AND p.first_uri <= './DevDetail/LrgObj' ORDER BY p.first_uri DESC LIMIT 1)"
    " FROM unnest($1) AS r(id) CROSS JOIN LATERAL (SELECT * FROM tree.devices"
    " WHERE device_id = r.id LIMIT 1) AS d";

StoredDevice ReadRow(const Rows& rows, size_t i) {
  StoredDevice stored;
  Device& device = stored.device;
  device.id = DeviceId(std::string(rows.Text(i, 0)));
  device.status = static_cast<DeviceStatus>(rows.Int2(i, 1));
  device.enrolled_at = rows.Timestamptz(i, 2);
  if (!rows.null(i, 3)) device.seen_at = rows.Timestamptz(i, 3);
  device.client_scheme = static_cast<AuthScheme>(rows.Int2(i, 4));
  device.server_scheme = static_cast<AuthScheme>(rows.Int2(i, 5));
  device.user = rows.Text(i, 6);
  if (device.user.empty()) device.user = device.id.value();
  device.account_version = static_cast<uint64_t>(rows.Int8(i, 7));
  stored.sealed = rows.Bytea(i, 8);
  if (!rows.null(i, 9)) device.bearer = rows.Text(i, 9);
  for (size_t f = 0; f < kFactCount; ++f) device.facts[f] = rows.Text(i, kFirstFact + f);
  return stored;
}

// The value of ./DevDetail/LrgObj. An account is served even of a terminal whose tree is damaged.
std::optional<std::string> LargeObjectsIn(std::string_view page) {
  const Result<std::optional<PageNode>> node = FindInPage(page, "./DevDetail/LrgObj");
  if (!node || !*node || !(*node)->has_value) return std::nullopt;
  return std::string((*node)->value);
}

// One array a fact, in the order of Fact.
void AppendFactArrays(std::vector<Param>& params, const std::vector<const Facts*>& facts) {
  for (size_t f = 0; f < kFactCount; ++f) {
    std::vector<std::string> column;
    column.reserve(facts.size());
    for (const Facts* row : facts) column.push_back((*row)[f]);
    params.push_back(Param::TextArray(column));
  }
}

Statement InsertDevices(const std::vector<StoredDevice>& devices) {
  std::vector<std::string> ids, users, sealed;
  std::vector<int16_t> statuses, client_schemes, server_schemes;
  std::vector<TimePoint> enrolled;
  std::vector<std::optional<std::string>> bearers;
  std::vector<const Facts*> facts;
  for (const StoredDevice& stored : devices) {
    const Device& device = stored.device;
    ids.push_back(device.id.value());
    users.push_back(device.user == device.id.value() ? std::string() : device.user);
    sealed.push_back(stored.sealed);
    statuses.push_back(static_cast<int16_t>(device.status));
    client_schemes.push_back(static_cast<int16_t>(device.client_scheme));
    server_schemes.push_back(static_cast<int16_t>(device.server_scheme));
    enrolled.push_back(device.enrolled_at);
    bearers.push_back(device.bearer.empty() ? std::nullopt : std::optional(device.bearer));
    facts.push_back(&device.facts);
  }
  Statement statement;
  statement.sql =
      std::string(
          "INSERT INTO tree.devices (account_version, device_id, user_name, "
          "account_sealed, status, client_scheme, server_scheme, enrolled_at, bearer, ") +
      kFactColumns +
      ") SELECT 1, r.* FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, "
      "$15) "
      "r";
  statement.params = {Param::TextArray(ids),
                      Param::TextArray(users),
                      Param::ByteaArray(sealed),
                      Param::Int2Array(statuses),
                      Param::Int2Array(client_schemes),
                      Param::Int2Array(server_schemes),
                      Param::TimestamptzArray(enrolled),
                      Param::TextArray(bearers)};
  AppendFactArrays(statement.params, facts);
  return statement;
}

Statement ListStatement(const Selector& selector, const DeviceId& after, int32_t limit) {
  Statement statement;
  statement.sql = kSelect + " FROM tree.devices AS d WHERE device_id > $1";
  statement.params.push_back(Param::Text(after.value()));
  const auto next = [&statement] { return "$" + std::to_string(statement.params.size()); };
  for (const auto& [fact, value] : selector.facts) {
    statement.params.push_back(Param::Text(value));
    statement.sql += " AND " + std::string(dmtree::Name(fact)) + " = " + next();
  }
  if (selector.status == DeviceStatus::kDisabled) statement.sql += " AND status = 2";
  if (selector.status == DeviceStatus::kEnabled) statement.sql += " AND status = 1";
  statement.params.push_back(Param::Int4(limit));
  statement.sql += " ORDER BY device_id LIMIT " + next();
  return statement;
}

}  // namespace

Task<std::vector<StoredDevice>> PgDevices::Find(const std::vector<std::string>& ids,
                                                Deadline deadline) {
  Statement statement = FindDevices(ids);
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(statement), deadline));
  co_return ReadDevices(rows);
}

Task<std::vector<StoredDevice>> PgDevices::FindAccounts(const std::vector<std::string>& ids,
                                                        Deadline deadline) {
  Statement statement{kFindAccounts, {Param::TextArray(ids)}};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(statement), deadline));
  std::vector<StoredDevice> devices = ReadDevices(rows);
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!rows.null(i, kFirstTrait)) devices[i].profile = rows.Bytea(i, kFirstTrait);
    if (rows.null(i, kFirstTrait + 1)) continue;
    devices[i].large_objects = LargeObjectsIn(rows.Bytea(i, kFirstTrait + 1));
  }
  co_return devices;
}

Task<std::vector<StoredDevice>> PgDevices::SealedOtherwise(uint8_t key, const DeviceId& after,
                                                           int32_t limit, Deadline deadline) {
  Statement statement;
  statement.sql = kSelect +
                  " FROM tree.devices AS d WHERE device_id > $1"
                  " AND get_byte(account_sealed, 0) <> $2 ORDER BY device_id LIMIT $3";
  statement.params = {Param::Text(after.value()), Param::Int4(key), Param::Int4(limit)};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(statement), deadline));
  co_return ReadDevices(rows);
}

Task<bool> PgDevices::ReplaceSeal(const StoredDevice& read, const std::string& sealed,
                                  Deadline deadline) {
  Statement statement;
  statement.sql =
      "UPDATE tree.devices SET account_sealed = $3 WHERE device_id = $1 AND account_sealed = $2";
  statement.params = {Param::Text(read.device.id.value()), Param::Bytea(read.sealed),
                      Param::Bytea(sealed)};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(statement), deadline));
  co_return rows.affected() == 1;
}

Task<std::vector<StoredDevice>> PgDevices::List(const Selector& selector, const DeviceId& after,
                                                int32_t limit, Deadline deadline) {
  Statement statement = ListStatement(selector, after, limit);
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(statement), deadline));
  co_return ReadDevices(rows);
}

Task<void> PgDevices::Insert(std::vector<StoredDevice> devices,
                             const events::v1::OutboxBatch& events, Deadline deadline) {
  std::vector<Statement> statements;
  statements.push_back(InsertDevices(devices));
  statements.push_back(outbox::Insert(kOutboxTable, events));
  DROVER_CO_TRY(co_await pool_.Transaction(std::move(statements), deadline));
  co_return Result<void>();
}

// The outbox row hangs on the update: there is nothing to tell when nothing was written.
Task<bool> PgDevices::ReplaceAccount(const StoredDevice& changed, uint64_t expected,
                                     const events::v1::OutboxBatch& events, Deadline deadline) {
  Statement statement;
  statement.sql =
      "WITH changed AS (UPDATE tree.devices SET status = $3, server_scheme = $4, "
      "account_sealed = $5, client_scheme = $7, account_version = account_version + 1 "
      "WHERE device_id = $1 AND account_version = $2 RETURNING 1) "
      "INSERT INTO tree.outbox (batch) SELECT $6 FROM changed";
  const Device& device = changed.device;
  statement.params = {Param::Text(device.id.value()),
                      Param::Int8(static_cast<int64_t>(expected)),
                      Param::Int2(static_cast<int16_t>(device.status)),
                      Param::Int2(static_cast<int16_t>(device.server_scheme)),
                      Param::Bytea(changed.sealed),
                      Param::Bytea(events.SerializeAsString()),
                      Param::Int2(static_cast<int16_t>(device.client_scheme))};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(statement), deadline));
  co_return rows.affected() == 1;
}

postgres::Statement FindDevices(const std::vector<std::string>& ids) {
  return {kFind, {Param::TextArray(ids)}};
}

std::vector<StoredDevice> ReadDevices(const Rows& rows) {
  std::vector<StoredDevice> devices;
  devices.reserve(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) devices.push_back(ReadRow(rows, i));
  return devices;
}

postgres::Statement SetSeen(const std::vector<std::string>& ids, TimePoint seen_at) {
  return {
      "UPDATE tree.devices SET seen_at = $2 WHERE device_id = ANY($1)"
      " AND (seen_at IS NULL OR seen_at < $2)",
      {Param::TextArray(ids), Param::Timestamptz(seen_at)}};
}

postgres::Statement SetFacts(const std::vector<std::pair<std::string, Facts>>& facts,
                             TimePoint seen_at) {
  std::vector<std::string> ids;
  std::vector<const Facts*> rows;
  for (const auto& [id, values] : facts) {
    ids.push_back(id);
    rows.push_back(&values);
  }
  Statement statement;
  statement.sql = std::string("UPDATE tree.devices AS d SET (seen_at, ") + kFactColumns +
                  ") = (greatest(d.seen_at, $9), r.f1, r.f2, r.f3, r.f4, r.f5, r.f6, r.f7)"
                  " FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)"
                  " AS r(device_id, f1, f2, f3, f4, f5, f6, f7)"
                  // = ANY: by the primary key, whatever the planner believes of the table.
                  " WHERE d.device_id = ANY($1) AND d.device_id = r.device_id";
  statement.params.push_back(Param::TextArray(ids));
  AppendFactArrays(statement.params, rows);
  statement.params.push_back(Param::Timestamptz(seen_at));
  return statement;
}

}  // namespace drover::tree
