#include "services/operations/adapters/pg_purge.h"

#include "services/operations/core/uuid7.h"

namespace drover::operations {
namespace {

using postgres::Param;
using postgres::Rows;
using postgres::Statement;

constexpr char kPurge[] =
    "WITH old AS MATERIALIZED (SELECT device_id, operation_id, label, state "
    "FROM operations.operations WHERE operation_id < $1::text::uuid AND state > 4 "
    "AND updated_at < $2 "
    "AND (SELECT pg_try_advisory_xact_lock(hashtextextended('operations.purge', 0))) "
    "ORDER BY operation_id LIMIT $3 FOR UPDATE SKIP LOCKED), "
    "gone AS (DELETE FROM operations.operations AS o USING old WHERE o.device_id = old.device_id "
    "AND o.operation_id = old.operation_id RETURNING o.operation_id), "
    "depended AS (DELETE FROM operations.dependencies AS d USING old "
    "WHERE d.on_id = old.operation_id), "
    "depending AS (DELETE FROM operations.dependencies AS d USING old "
    "WHERE d.operation_id = old.operation_id AND d.on_id NOT IN (SELECT operation_id FROM old)), "
    "counted AS (INSERT INTO operations.count_changes (label, state, count) "
    "SELECT label, state, -count(*) FROM old GROUP BY 1, 2) "
    "SELECT count(*) FROM gone";

// In the order of the key, so that two of them would not wait for each other; one at a time anyway.
constexpr char kSum[] =
    "WITH apart AS (DELETE FROM operations.count_changes "
    "WHERE (SELECT pg_try_advisory_xact_lock(hashtextextended('operations.counts', 0))) "
    "RETURNING label, state, count) "
    "INSERT INTO operations.counts AS c (label, state, count) "
    "SELECT label, state, sum(count)::bigint FROM apart GROUP BY 1, 2 HAVING sum(count) <> 0 "
    "ORDER BY 1, 2 ON CONFLICT (label, state) DO UPDATE SET count = c.count + EXCLUDED.count";

constexpr char kForgetNone[] = "DELETE FROM operations.counts WHERE count = 0";

}  // namespace

Task<int64_t> PgPurge::Purge(TimePoint ended_before, int limit, Deadline deadline) {
  Statement purge{kPurge,
                  {Param::Text(FirstUuid7(ended_before)), Param::Timestamptz(ended_before),
                   Param::Int8(limit)}};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(purge), deadline));
  co_return rows.Int8(0, 0);
}

Task<void> PgPurge::SumCounts(Deadline deadline) {
  std::vector<Statement> statements;
  statements.push_back({kSum, {}});
  statements.push_back({kForgetNone, {}});
  DROVER_CO_TRY(co_await pool_.Transaction(std::move(statements), deadline));
  co_return Result<void>();
}

}  // namespace drover::operations
