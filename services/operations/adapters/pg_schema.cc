#include "services/operations/adapters/pg_schema.h"

#include <string>

#include "libs/outbox/relay.h"

namespace drover::operations {
namespace {

using std::chrono::days;

// toast_tuple_target and storage EXTERNAL: values stay in the row up to 8 KiB and are never
// compressed, which would cost more than all the rest of a write. fillfactor leaves room for the
// row's next versions.
constexpr char kCreateOperations[] = R"sql(
CREATE TABLE operations.operations (
  device_id text COLLATE "C" NOT NULL,
  operation_id uuid NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  version int NOT NULL,
  taken_msg_id bigint NOT NULL DEFAULT 0,
  attempts int NOT NULL,
  priority smallint NOT NULL,
  state smallint NOT NULL,
  open boolean NOT NULL GENERATED ALWAYS AS (state <= 4) STORED,
  uncertain boolean NOT NULL DEFAULT false,
  label text NOT NULL,
  session_key text NOT NULL DEFAULT '',
  cause text NOT NULL DEFAULT '',
  spec bytea NOT NULL,
  course bytea NOT NULL,
  PRIMARY KEY (device_id, operation_id)
) PARTITION BY HASH (device_id);
ALTER TABLE operations.operations
  ALTER COLUMN spec SET STORAGE EXTERNAL,
  ALTER COLUMN course SET STORAGE EXTERNAL;
DO $$
BEGIN
  FOR i IN 0..7 LOOP
    EXECUTE format(
      'CREATE TABLE operations.operations_%s PARTITION OF operations.operations '
      'FOR VALUES WITH (MODULUS 8, REMAINDER %s) '
      'WITH (fillfactor = 50, toast_tuple_target = 8160, autovacuum_vacuum_scale_factor = 0.05)', i, i);
  END LOOP;
END $$;
CREATE INDEX operations_by_id ON operations.operations (operation_id);
CREATE INDEX operations_open ON operations.operations (device_id, priority DESC, operation_id)
  WHERE open;
CREATE INDEX operations_due ON operations.operations (due_at) WHERE open;
CREATE TABLE operations.idempotency_keys (
  key text PRIMARY KEY,
  digest bytea NOT NULL,
  response bytea NOT NULL,
  at timestamptz NOT NULL
);
CREATE INDEX idempotency_keys_by_age ON operations.idempotency_keys (at);
)sql";

constexpr char kDropOperations[] = R"sql(
DROP TABLE operations.operations;
DROP TABLE operations.idempotency_keys;
)sql";

constexpr char kCreateMessages[] = R"sql(
CREATE TABLE operations.messages (
  device_id text COLLATE "C" NOT NULL,
  session_key text NOT NULL,
  msg_id bigint NOT NULL,
  at timestamptz NOT NULL,
  operation_ids text NOT NULL,
  messages bytea NOT NULL
) PARTITION BY RANGE (at);
ALTER TABLE operations.messages ALTER COLUMN messages SET STORAGE EXTERNAL;
CREATE INDEX messages_by_device ON operations.messages (device_id);
CREATE TABLE operations.messages_other PARTITION OF operations.messages DEFAULT;
)sql";

constexpr char kDropMessages[] = "DROP TABLE operations.messages;";

// ready: what waits for its time or for others is not among what sessions read. depended: somebody
// waits for it. standing: what few operations have (core/stored.h). ended_counts: how many have
// ended; each transaction adds a row, the sweeper sums them up.
constexpr char kAddWaiting[] = R"sql(
ALTER TABLE operations.operations
  ADD COLUMN ready boolean NOT NULL DEFAULT true,
  ADD COLUMN depended boolean NOT NULL DEFAULT false,
  ADD COLUMN standing bytea;
DROP INDEX operations.operations_open;
CREATE INDEX operations_open ON operations.operations (device_id, priority DESC, operation_id)
  WHERE open AND ready;
CREATE TABLE operations.dependencies (
  on_id uuid NOT NULL,
  operation_id uuid NOT NULL,
  PRIMARY KEY (on_id, operation_id)
);
CREATE INDEX dependencies_by_dependent ON operations.dependencies (operation_id);
CREATE TABLE operations.ended_counts (
  label text NOT NULL,
  state smallint NOT NULL,
  count bigint NOT NULL
);
INSERT INTO operations.ended_counts
  SELECT label, state, count(*) FROM operations.operations WHERE NOT open GROUP BY 1, 2;
)sql";

// The release before would send at once what waits: it ends instead.
constexpr char kDropWaiting[] = R"sql(
UPDATE operations.operations SET state = 8, version = version + 1,
  cause = 'it waited, which the release that was gone back to does not know' WHERE open AND NOT ready;
DROP INDEX operations.operations_open;
CREATE INDEX operations_open ON operations.operations (device_id, priority DESC, operation_id)
  WHERE open;
DROP TABLE operations.dependencies;
DROP TABLE operations.ended_counts;
ALTER TABLE operations.operations DROP COLUMN ready, DROP COLUMN depended, DROP COLUMN standing;
)sql";

std::string Date(std::chrono::sys_days day, const char* between) {
  const std::chrono::year_month_day date(day);
  const auto two = [](unsigned value) { return (value < 10 ? "0" : "") + std::to_string(value); };
  return std::to_string(static_cast<int>(date.year())) + between +
         two(static_cast<unsigned>(date.month())) + between +
         two(static_cast<unsigned>(date.day()));
}

std::string MakePartition(std::chrono::sys_days day) {
  return "CREATE TABLE IF NOT EXISTS operations.messages_" + Date(day, "") +
         " PARTITION OF operations.messages FOR VALUES FROM ('" + Date(day, "-") +
         " 00:00:00+00') TO ('" + Date(day + days(1), "-") +
         " 00:00:00+00') WITH (toast_tuple_target = 8160);\n";
}

}  // namespace

std::vector<postgres::Migration> Migrations() {
  const std::string outbox =
      outbox::CreateTable(kOutboxTable) +
      "ALTER TABLE operations.outbox ALTER COLUMN batch SET STORAGE EXTERNAL;";
  return {
      {1, "operations, their idempotency keys and outbox", kCreateOperations + outbox,
       outbox::DropTable(kOutboxTable) + kDropOperations},
      {2, "raw messages", kCreateMessages, kDropMessages},
      {3, "operations that wait; how many have ended", kAddWaiting, kDropWaiting},
  };
}

Task<void> KeepMessagePartitions(postgres::Pool& pool, TimePoint now,
                                 std::chrono::milliseconds retention, Deadline deadline) {
  const auto today = std::chrono::floor<days>(now);
  const auto oldest = std::chrono::floor<days>(now - retention);
  std::string sql = "SELECT pg_advisory_xact_lock(hashtextextended('operations.messages', 0));\n";
  for (int i = 0; i < 3; ++i) sql += MakePartition(today + days(i));
  sql +=
      "DELETE FROM operations.messages_other WHERE at < '" + Date(oldest, "-") + " 00:00:00+00';\n";
  DROVER_CO_TRY(co_await pool.Script(std::move(sql), deadline));
  postgres::Statement find{
      "SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
      "WHERE i.inhparent = 'operations.messages'::regclass AND c.relname ~ '^messages_[0-9]{8}$' "
      "AND c.relname::text < $1",
      {postgres::Param::Text("messages_" + Date(oldest, ""))}};
  DROVER_CO_TRY(const postgres::Rows old, co_await pool.Execute(std::move(find), deadline));
  for (size_t i = 0; i < old.size(); ++i) {
    std::string drop = "DROP TABLE IF EXISTS operations." + std::string(old.Text(i, 0)) + ";";
    DROVER_CO_TRY(co_await pool.Script(std::move(drop), deadline));
  }
  co_return Result<void>();
}

}  // namespace drover::operations
