#include "services/push/adapters/pg_journal.h"

namespace drover::push {
namespace {

using postgres::Param;

constexpr char kClaim[] = R"sql(
INSERT INTO push.slots AS p (slot, epoch, owner, claimed_at) VALUES ($1, 1, $2, $3)
ON CONFLICT (slot) DO UPDATE SET epoch = p.epoch + 1, owner = $2, claimed_at = $3
RETURNING epoch)sql";

constexpr char kLast[] = "SELECT COALESCE(MAX(seq), 0)::bigint FROM push.journal WHERE slot = $1";

constexpr char kRead[] = R"sql(
SELECT seq, records, offsets FROM push.journal WHERE slot = $1 AND seq > $2 ORDER BY seq LIMIT $3)sql";

// FOR SHARE: a claim waits for this transaction, and this one sees a claim that was faster.
constexpr char kOwned[] = "SELECT slot FROM push.slots WHERE slot = $1 AND epoch = $2 FOR SHARE";

constexpr char kAppend[] = R"sql(
INSERT INTO push.journal (slot, seq, records, offsets)
SELECT slot, $3::bigint, $4::bytea, $5::bytea FROM push.slots WHERE slot = $1 AND epoch = $2
ON CONFLICT (slot, seq) DO NOTHING)sql";

constexpr char kForget[] = R"sql(
DELETE FROM push.journal WHERE slot = $1 AND seq < $3
AND EXISTS (SELECT FROM push.slots WHERE slot = $1 AND epoch = $2))sql";

}  // namespace

PgJournal::PgJournal(postgres::Pool& pool, std::string owner)
    : pool_(pool), owner_(std::move(owner)) {}

Task<PgJournal::Claim> PgJournal::Take(int slot, TimePoint now, Deadline deadline) {
  postgres::Statement claim{kClaim,
                            {Param::Int4(slot), Param::Text(owner_), Param::Timestamptz(now)}};
  DROVER_CO_TRY(const postgres::Rows claimed, co_await pool_.Execute(std::move(claim), deadline));
  postgres::Statement last{kLast, {Param::Int4(slot)}};
  DROVER_CO_TRY(const postgres::Rows rows, co_await pool_.Execute(std::move(last), deadline));
  co_return Claim{claimed.Int8(0, 0), rows.Int8(0, 0)};
}

Task<std::vector<PgJournal::Row>> PgJournal::Read(int slot, int64_t after, int most,
                                                  Deadline deadline) {
  postgres::Statement read{kRead, {Param::Int4(slot), Param::Int8(after), Param::Int4(most)}};
  DROVER_CO_TRY(const postgres::Rows rows, co_await pool_.Execute(std::move(read), deadline));
  std::vector<Row> out;
  for (size_t i = 0; i < rows.size(); ++i) {
    out.push_back({rows.Int8(i, 0), std::string(rows.Bytea(i, 1)), std::string(rows.Bytea(i, 2))});
  }
  co_return out;
}

Task<bool> PgJournal::Write(const Append& append, Deadline deadline) {
  const Param slot = Param::Int4(append.slot);
  const Param epoch = Param::Int8(append.epoch);
  std::vector<postgres::Statement> statements;
  statements.push_back({kOwned, {slot, epoch}});
  statements.push_back({kAppend,
                        {slot, epoch, Param::Int8(append.seq), Param::Bytea(append.records),
                         Param::Bytea(append.offsets)}});
  if (append.forget_before != 0) {
    statements.push_back({kForget, {slot, epoch, Param::Int8(append.forget_before)}});
  }
  DROVER_CO_TRY(const std::vector<postgres::Rows> done,
                co_await pool_.Transaction(std::move(statements), deadline));
  co_return done[0].size() == 1;
}

}  // namespace drover::push
