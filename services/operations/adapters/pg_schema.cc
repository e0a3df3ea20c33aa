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

// What is open and changes stands apart, in narrow rows whose indexes hold nothing that changes;
// the wide rows of `operations` are written when an operation is made and when it ends, and no
// index of theirs changes then. state <= 4 there says no more than that there is a row here.
// counts: how many operations are in each state; count_changes: what each transaction adds to them.
constexpr char kCreateOpen[] = R"sql(
CREATE TABLE operations.open (
  due_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  operation_id uuid NOT NULL,
  taken_msg_id bigint NOT NULL DEFAULT 0,
  version int NOT NULL,
  attempts int NOT NULL,
  priority smallint NOT NULL,
  state smallint NOT NULL,
  uncertain boolean NOT NULL DEFAULT false,
  ready boolean NOT NULL DEFAULT true,
  depended boolean NOT NULL DEFAULT false,
  device_id text COLLATE "C" NOT NULL,
  session_key text NOT NULL DEFAULT '',
  added bytea NOT NULL DEFAULT '',
  standing bytea
) WITH (fillfactor = 40, autovacuum_vacuum_threshold = 20000, autovacuum_analyze_threshold = 20000);
INSERT INTO operations.open SELECT due_at, updated_at, operation_id, taken_msg_id, version, attempts,
  priority, state, uncertain, ready, depended, device_id, session_key, '', standing
  FROM operations.operations WHERE open;
CREATE UNIQUE INDEX open_by_device ON operations.open (device_id, priority DESC, operation_id);
CREATE INDEX open_due ON operations.open (due_at);
DROP INDEX operations.operations_open;
DROP INDEX operations.operations_due;
ALTER TABLE operations.operations DROP COLUMN open;
ALTER TABLE operations.operations DROP COLUMN due_at, DROP COLUMN taken_msg_id, DROP COLUMN attempts,
  DROP COLUMN uncertain, DROP COLUMN session_key, DROP COLUMN ready, DROP COLUMN depended;
CREATE TABLE operations.counts (
  label text NOT NULL,
  state smallint NOT NULL,
  count bigint NOT NULL,
  PRIMARY KEY (label, state)
);
ALTER TABLE operations.ended_counts RENAME TO count_changes;
INSERT INTO operations.count_changes
  SELECT o.label, w.state, count(*) FROM operations.open w JOIN operations.operations o
  ON o.device_id = w.device_id AND o.operation_id = w.operation_id GROUP BY 1, 2;
CREATE INDEX messages_by_time ON operations.messages (at);
DO $$
BEGIN
  FOR i IN 0..7 LOOP
    EXECUTE format('ALTER TABLE operations.operations_%s SET (autovacuum_vacuum_scale_factor = 0.1, '
      'autovacuum_vacuum_threshold = 5000)', i);
  END LOOP;
END $$;
)sql";

// Raw messages of many terminals in one value, and the events of many operations, are much alike:
// lz4 makes a quarter of them. A PostgreSQL built without it has its own compression.
constexpr char kCompress[] = R"sql(
ALTER TABLE operations.messages ALTER COLUMN messages SET STORAGE EXTENDED;
ALTER TABLE operations.outbox ALTER COLUMN batch SET STORAGE EXTENDED;
ALTER TABLE operations.outbox SET (toast_tuple_target = 8160);
DO $$
DECLARE
  name text;
BEGIN
  ALTER TABLE operations.outbox ALTER COLUMN batch SET COMPRESSION lz4;
  FOR name IN SELECT 'operations.messages' UNION ALL SELECT inhrelid::regclass::text FROM pg_inherits
    WHERE inhparent = 'operations.messages'::regclass LOOP
    EXECUTE format('ALTER TABLE %s ALTER COLUMN messages SET COMPRESSION lz4', name);
  END LOOP;
EXCEPTION WHEN feature_not_supported THEN NULL;
END $$;
)sql";

// The messages that were kept many in a row are not shown by the release before.
constexpr char kDropOpen[] = R"sql(
ALTER TABLE operations.outbox ALTER COLUMN batch SET STORAGE EXTERNAL;
ALTER TABLE operations.messages ALTER COLUMN messages SET STORAGE EXTERNAL;
DROP INDEX operations.messages_by_time;
DELETE FROM operations.count_changes WHERE state <= 4;
INSERT INTO operations.count_changes SELECT label, state, count FROM operations.counts WHERE state > 4;
DROP TABLE operations.counts;
ALTER TABLE operations.count_changes RENAME TO ended_counts;
ALTER TABLE operations.operations
  ADD COLUMN due_at timestamptz NOT NULL DEFAULT now(), ADD COLUMN taken_msg_id bigint NOT NULL DEFAULT 0,
  ADD COLUMN attempts int NOT NULL DEFAULT 0, ADD COLUMN uncertain boolean NOT NULL DEFAULT false,
  ADD COLUMN session_key text NOT NULL DEFAULT '', ADD COLUMN ready boolean NOT NULL DEFAULT true,
  ADD COLUMN depended boolean NOT NULL DEFAULT false;
UPDATE operations.operations o SET due_at = w.due_at, taken_msg_id = w.taken_msg_id,
  attempts = w.attempts, uncertain = w.uncertain, session_key = w.session_key, ready = w.ready,
  depended = w.depended, state = w.state, version = w.version, updated_at = w.updated_at,
  standing = w.standing, course = o.course || w.added
  FROM operations.open w WHERE o.device_id = w.device_id AND o.operation_id = w.operation_id;
ALTER TABLE operations.operations
  ADD COLUMN open boolean NOT NULL GENERATED ALWAYS AS (state <= 4) STORED;
CREATE INDEX operations_open ON operations.operations (device_id, priority DESC, operation_id)
  WHERE open AND ready;
CREATE INDEX operations_due ON operations.operations (due_at) WHERE open;
DROP TABLE operations.open;
)sql";

// One table: each partition costs a statement its own plan nodes and, with its indexes, more locks
// than a backend has at hand (16 fast-path slots), whatever it writes.
constexpr char kUnite[] = R"sql(
ALTER TABLE operations.operations RENAME TO operations_parted;
CREATE TABLE operations.operations (LIKE operations.operations_parted INCLUDING DEFAULTS INCLUDING STORAGE)
  WITH (fillfactor = 50, toast_tuple_target = 8160, autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_threshold = 20000);
INSERT INTO operations.operations SELECT * FROM operations.operations_parted;
DROP TABLE operations.operations_parted;
ALTER TABLE operations.operations ADD PRIMARY KEY (device_id, operation_id);
CREATE INDEX operations_by_id ON operations.operations (operation_id);
)sql";

constexpr char kPart[] = R"sql(
ALTER TABLE operations.operations RENAME TO operations_whole;
CREATE TABLE operations.operations (LIKE operations.operations_whole INCLUDING DEFAULTS INCLUDING STORAGE)
  PARTITION BY HASH (device_id);
DO $$
BEGIN
  FOR i IN 0..7 LOOP
    EXECUTE format(
      'CREATE TABLE operations.operations_%s PARTITION OF operations.operations '
      'FOR VALUES WITH (MODULUS 8, REMAINDER %s) '
      'WITH (fillfactor = 50, toast_tuple_target = 8160, autovacuum_vacuum_scale_factor = 0.1, '
      'autovacuum_vacuum_threshold = 5000)', i, i);
  END LOOP;
END $$;
INSERT INTO operations.operations SELECT * FROM operations.operations_whole;
DROP TABLE operations.operations_whole;
ALTER TABLE operations.operations ADD PRIMARY KEY (device_id, operation_id);
CREATE INDEX operations_by_id ON operations.operations (operation_id);
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
      {4, "what is open stands apart; counts of every state; messages many in a row",
       std::string(kCreateOpen) + kCompress, kDropOpen},
      {5, "operations in one table", kUnite, kPart},
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
