#include "services/push/adapters/pg_pushes.h"

#include "libs/outbox/relay.h"
#include "services/push/adapters/pg_schema.h"

namespace drover::push {
namespace {

using postgres::Param;

#define PUSH_COLUMNS                                                                      \
  "account, push_id, address, job_id, digest, device_id, msisdn, state, code, segments, " \
  "delivered_segments, accepted_at, deliver_before, ended_at, cause, recipient, notify, " \
  "notify_to, notify_at, notify_tries, source_reference, quality"

constexpr char kFind[] = "SELECT " PUSH_COLUMNS R"sql( FROM push.pushes
JOIN unnest($1::text[], $2::text[]) AS asked (account, push_id) USING (account, push_id))sql";

constexpr char kInsert[] = R"sql(
INSERT INTO push.pushes (account, push_id, address, job_id, digest, device_id, msisdn, state, code,
  segments, accepted_at, deliver_before, ended_at, cause, recipient, notify, notify_to, notify_at,
  source_reference, quality)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::bytea[], $6::text[],
  $7::text[], $8::smallint[], $9::int[], $10::smallint[], $11::timestamptz[], $12::timestamptz[],
  $13::timestamptz[], $14::text[], $15::smallint[], $16::smallint[], $17::text[],
  $18::timestamptz[], $19::text[], $20::smallint[]))sql";

constexpr char kEnd[] = R"sql(
UPDATE push.pushes p SET state = e.state, code = e.code, delivered_segments = e.delivered,
  ended_at = e.at, cause = e.cause,
  notify = CASE p.notify WHEN 1 THEN 2 ELSE p.notify END,
  notify_at = CASE p.notify WHEN 1 THEN e.at ELSE p.notify_at END
FROM unnest($1::text[], $2::text[], $3::bytea[], $4::smallint[], $5::int[], $6::smallint[],
  $7::timestamptz[], $8::text[]) AS e (account, push_id, job_id, state, code, delivered, at, cause)
WHERE p.account = e.account AND p.push_id = e.push_id AND p.job_id = e.job_id AND p.ended_at IS NULL)sql";

constexpr char kList[] = "SELECT " PUSH_COLUMNS R"sql( FROM push.pushes
WHERE ($1::smallint = 0 OR state = $1)
  AND ($2::timestamptz IS NULL OR (accepted_at, push_id) < ($2, $3))
ORDER BY accepted_at DESC, push_id DESC LIMIT $4)sql";

constexpr char kPurge[] = R"sql(
DELETE FROM push.pushes WHERE (account, push_id, recipient) IN (
  SELECT account, push_id, recipient FROM push.pushes
  WHERE accepted_at < $1 AND ended_at IS NOT NULL ORDER BY accepted_at LIMIT $2))sql";

constexpr char kTake[] = R"sql(
WITH due AS MATERIALIZED (
  SELECT account, push_id, recipient FROM push.pushes WHERE notify = 2 AND notify_at <= $1
  ORDER BY notify_at LIMIT $3 FOR UPDATE SKIP LOCKED),
taken AS (
  UPDATE push.pushes p SET notify_at = $2, notify_tries = p.notify_tries + 1 FROM due
  WHERE (p.account, p.push_id, p.recipient) = (due.account, due.push_id, due.recipient)
  RETURNING p.*)
SELECT )sql" PUSH_COLUMNS " FROM taken";

constexpr char kSettle[] = R"sql(
UPDATE push.pushes p SET notify = t.notify, notify_at = t.at,
  notify_tries = p.notify_tries - CASE WHEN t.tried THEN 0 ELSE 1 END
FROM unnest($1::text[], $2::text[], $3::smallint[], $4::smallint[], $5::timestamptz[],
  $6::boolean[]) AS t (account, push_id, recipient, notify, at, tried)
WHERE p.account = t.account AND p.push_id = t.push_id AND p.recipient = t.recipient
  AND p.notify = 2)sql";

StoredPush FromRow(const postgres::Rows& rows, size_t i) {
  StoredPush push;
  push.account = rows.Text(i, 0);
  push.push_id = rows.Text(i, 1);
  push.address = rows.Text(i, 2);
  push.job_id = rows.Bytea(i, 3);
  push.digest = rows.Bytea(i, 4);
  push.device_id = rows.Text(i, 5);
  push.msisdn = rows.Text(i, 6);
  push.state = rows.Int2(i, 7);
  push.code = rows.Int4(i, 8);
  push.segments = rows.Int2(i, 9);
  push.delivered_segments = rows.Int2(i, 10);
  push.accepted_at = rows.Timestamptz(i, 11);
  push.deliver_before = rows.Timestamptz(i, 12);
  if (!rows.null(i, 13)) push.ended_at = rows.Timestamptz(i, 13);
  push.cause = rows.Text(i, 14);
  push.recipient = rows.Int2(i, 15);
  push.notify = static_cast<Notify>(rows.Int2(i, 16));
  push.notify_to = rows.Text(i, 17);
  if (!rows.null(i, 18)) push.notify_at = rows.Timestamptz(i, 18);
  push.notify_tries = rows.Int2(i, 19);
  push.source_reference = rows.Text(i, 20);
  push.quality = rows.Int2(i, 21);
  return push;
}

std::vector<StoredPush> FromRows(const postgres::Rows& rows) {
  std::vector<StoredPush> out;
  out.reserve(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) out.push_back(FromRow(rows, i));
  return out;
}

using Pushes = std::vector<const StoredPush*>;

std::vector<std::string_view> Texts(const Pushes& pushes, std::string StoredPush::*field) {
  std::vector<std::string_view> out;
  out.reserve(pushes.size());
  for (const StoredPush* push : pushes) out.emplace_back(push->*field);
  return out;
}

template <typename T, typename Field>
std::vector<T> Column(const Pushes& pushes, Field StoredPush::*field) {
  std::vector<T> out;
  out.reserve(pushes.size());
  for (const StoredPush* push : pushes) out.push_back(static_cast<T>(push->*field));
  return out;
}

postgres::Statement InsertOf(const Pushes& pushes) {
  using Push = StoredPush;
  using Time = std::optional<TimePoint>;
  const auto text = [&](auto field) { return Param::TextArray(Texts(pushes, field)); };
  const auto bytes = [&](auto field) { return Param::ByteaArray(Texts(pushes, field)); };
  const auto small = [&](auto field) { return Param::Int2Array(Column<int16_t>(pushes, field)); };
  const auto time = [&](auto field) {
    return Param::TimestamptzArray(Column<Time>(pushes, field));
  };
  return {kInsert,
          {text(&Push::account),
           text(&Push::push_id),
           text(&Push::address),
           bytes(&Push::job_id),
           bytes(&Push::digest),
           text(&Push::device_id),
           text(&Push::msisdn),
           small(&Push::state),
           Param::Int4Array(Column<int32_t>(pushes, &Push::code)),
           small(&Push::segments),
           time(&Push::accepted_at),
           time(&Push::deliver_before),
           time(&Push::ended_at),
           text(&Push::cause),
           small(&Push::recipient),
           small(&Push::notify),
           text(&Push::notify_to),
           time(&Push::notify_at),
           text(&Push::source_reference),
           small(&Push::quality)}};
}

}  // namespace

Task<std::vector<StoredPush>> PgPushes::Find(const std::vector<PushKey>& keys, Deadline deadline) {
  std::vector<std::string> accounts, ids;
  for (const PushKey& key : keys) {
    accounts.push_back(key.account);
    ids.push_back(key.push_id);
  }
  postgres::Statement find{kFind, {Param::TextArray(accounts), Param::TextArray(ids)}};
  DROVER_CO_TRY(const postgres::Rows rows, co_await pool_.Execute(std::move(find), deadline));
  std::vector<StoredPush> found = FromRows(rows);
  std::erase_if(found, [&keys](const StoredPush& push) {
    for (const PushKey& key : keys) {
      const bool same = key.account == push.account && key.push_id == push.push_id;
      if (same && (key.address.empty() || key.address == push.address)) return false;
    }
    return true;
  });
  co_return found;
}

Task<void> PgPushes::Insert(const std::vector<StoredPush>& pushes,
                            const events::v1::OutboxBatch& outbox, Deadline deadline) {
  Pushes rows;
  for (const StoredPush& push : pushes) rows.push_back(&push);
  const std::string batch = outbox.SerializeAsString();
  co_return co_await Insert(rows, batch, deadline);
}

Task<void> PgPushes::Insert(const std::vector<const StoredPush*>& pushes, std::string_view outbox,
                            Deadline deadline) {
  std::vector<postgres::Statement> statements;
  statements.push_back(InsertOf(pushes));
  if (!outbox.empty()) statements.push_back(outbox::Insert(kOutboxTable, outbox));
  DROVER_CO_TRY(const auto done, co_await pool_.Transaction(std::move(statements), deadline));
  co_return Result<void>();
}

Task<void> PgPushes::Announce(const events::v1::OutboxBatch& outbox, Deadline deadline) {
  postgres::Statement insert = outbox::Insert(kOutboxTable, outbox);
  DROVER_CO_TRY(const postgres::Rows done, co_await pool_.Execute(std::move(insert), deadline));
  co_return Result<void>();
}

Task<std::vector<StoredPush>> PgPushes::TakeNotifications(TimePoint now, TimePoint until, int most,
                                                          Deadline deadline) {
  postgres::Statement take{kTake,
                           {Param::Timestamptz(now), Param::Timestamptz(until), Param::Int4(most)}};
  DROVER_CO_TRY(const postgres::Rows rows, co_await pool_.Execute(std::move(take), deadline));
  co_return FromRows(rows);
}

Task<void> PgPushes::SettleNotifications(const std::vector<Told>& told, Deadline deadline) {
  std::vector<std::string> accounts, ids;
  std::vector<int16_t> recipients, notify;
  std::vector<std::optional<TimePoint>> at;
  std::vector<bool> tried;
  for (const Told& one : told) {
    accounts.push_back(one.account);
    ids.push_back(one.push_id);
    recipients.push_back(static_cast<int16_t>(one.recipient));
    notify.push_back(static_cast<int16_t>(one.notify));
    at.push_back(one.again_at);
    tried.push_back(one.tried);
  }
  postgres::Statement settle{
      kSettle,
      {Param::TextArray(accounts), Param::TextArray(ids), Param::Int2Array(recipients),
       Param::Int2Array(notify), Param::TimestamptzArray(at), Param::BoolArray(tried)}};
  DROVER_CO_TRY(const postgres::Rows done, co_await pool_.Execute(std::move(settle), deadline));
  co_return Result<void>();
}

Task<void> PgPushes::End(const std::vector<PushEnd>& ends, Deadline deadline) {
  std::vector<std::string> accounts, ids, jobs, causes;
  std::vector<int16_t> states, delivered;
  std::vector<int32_t> codes;
  std::vector<TimePoint> at;
  for (const PushEnd& end : ends) {
    accounts.push_back(end.account);
    ids.push_back(end.push_id);
    jobs.push_back(end.job_id);
    states.push_back(static_cast<int16_t>(end.state));
    codes.push_back(end.code);
    delivered.push_back(static_cast<int16_t>(end.delivered_segments));
    at.push_back(end.at);
    causes.push_back(end.cause);
  }
  postgres::Statement statement{
      kEnd,
      {Param::TextArray(accounts), Param::TextArray(ids), Param::ByteaArray(jobs),
       Param::Int2Array(states), Param::Int4Array(codes), Param::Int2Array(delivered),
       Param::TimestamptzArray(at), Param::TextArray(causes)}};
  DROVER_CO_TRY(const postgres::Rows done, co_await pool_.Execute(std::move(statement), deadline));
  co_return Result<void>();
}

Task<std::vector<StoredPush>> PgPushes::List(const Page& page, Deadline deadline) {
  postgres::Statement list{
      kList,
      {Param::Int2(static_cast<int16_t>(page.state)),
       page.before ? Param::Timestamptz(*page.before) : Param::Null(1184 /* timestamptz */),
       Param::Text(page.before_id), Param::Int4(page.size)}};
  DROVER_CO_TRY(const postgres::Rows rows, co_await pool_.Execute(std::move(list), deadline));
  co_return FromRows(rows);
}

Task<int64_t> PgPushes::Purge(TimePoint until, int most, Deadline deadline) {
  postgres::Statement purge{kPurge, {Param::Timestamptz(until), Param::Int4(most)}};
  DROVER_CO_TRY(const postgres::Rows gone, co_await pool_.Execute(std::move(purge), deadline));
  co_return gone.affected();
}

}  // namespace drover::push
