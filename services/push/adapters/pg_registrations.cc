#include "services/push/adapters/pg_registrations.h"

#include <algorithm>

#include "libs/outbox/relay.h"
#include "services/push/adapters/pg_schema.h"

namespace drover::push {
namespace {

using postgres::Param;
using registration::Pairing;

#define REGISTRATION_COLUMNS                                                                   \
  "device_id, msisdn, imsi, manufacturer, model, software_version, svn, imeis, apns, source, " \
  "via, registered_at, published_at, at"

constexpr char kFindDevices[] =
    "SELECT " REGISTRATION_COLUMNS " FROM push.registrations WHERE device_id = ANY($1)";
constexpr char kFindMsisdns[] = "SELECT " REGISTRATION_COLUMNS
                                " FROM push.registrations WHERE msisdn = ANY($1) AND msisdn <> ''";
constexpr char kFindImsis[] =
    "SELECT " REGISTRATION_COLUMNS " FROM push.registrations WHERE imsi = ANY($1) AND imsi <> ''";
constexpr char kList[] = "SELECT " REGISTRATION_COLUMNS
                         " FROM push.registrations WHERE device_id > $1 AND at >= $2 "
                         "ORDER BY device_id LIMIT $3";

constexpr char kUpsert[] = R"sql(
INSERT INTO push.registrations (device_id, msisdn, imsi, manufacturer, model, software_version,
  svn, imeis, apns, source, via, registered_at, published_at, at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
  $7::text[], $8::text[], $9::text[], $10::smallint[], $11::text[], $12::timestamptz[],
  $13::timestamptz[], $14::timestamptz[])
ON CONFLICT (device_id) DO UPDATE SET msisdn = excluded.msisdn, imsi = excluded.imsi,
  manufacturer = excluded.manufacturer, model = excluded.model,
  software_version = excluded.software_version, svn = excluded.svn, imeis = excluded.imeis,
  apns = excluded.apns, source = excluded.source, via = excluded.via,
  published_at = excluded.published_at, at = excluded.at)sql";

constexpr char kChanges[] = R"sql(
INSERT INTO push.pairings (device_id, at, event, msisdn, imsi, manufacturer, model,
  software_version, via)
SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[],
  $7::text[], $8::text[], $9::text[]) ON CONFLICT DO NOTHING)sql";

constexpr char kDeadLetters[] = R"sql(
INSERT INTO push.dead_letters (at, smsc, source, destination, reason, octets)
SELECT * FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[]))sql";

constexpr char kHistory[] = R"sql(
SELECT device_id, at, event, msisdn, imsi, manufacturer, model, software_version, via
FROM push.pairings WHERE device_id = $1 ORDER BY at DESC, event LIMIT $2)sql";

constexpr char kPurge[] = "DELETE FROM push.dead_letters WHERE at < $1";

std::vector<std::string> Split(std::string_view list) {
  std::vector<std::string> out;
  while (!list.empty()) {
    const size_t comma = list.find(',');
    out.emplace_back(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
  return out;
}

std::string Joined(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& one : list) out += (out.empty() ? "" : ",") + one;
  return out;
}

std::vector<Pairing> FromRows(const postgres::Rows& rows) {
  std::vector<Pairing> out(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    Pairing& one = out[i];
    one.device = DeviceId(std::string(rows.Text(i, 0)));
    one.facts.msisdn = rows.Text(i, 1);
    one.facts.imsi = rows.Text(i, 2);
    one.facts.manufacturer = rows.Text(i, 3);
    one.facts.model = rows.Text(i, 4);
    one.facts.software_version = rows.Text(i, 5);
    one.facts.svn = rows.Text(i, 6);
    one.facts.imeis = Split(rows.Text(i, 7));
    one.facts.apns = Split(rows.Text(i, 8));
    one.source = static_cast<registration::Source>(rows.Int2(i, 9));
    one.via = rows.Text(i, 10);
    one.registered_at = rows.Timestamptz(i, 11);
    one.published_at = rows.Timestamptz(i, 12);
    one.at = rows.Timestamptz(i, 13);
  }
  return out;
}

// PostgreSQL takes UTF-8 only; ASCII, which nearly all is, stays as it is.
std::string Text(const std::string& octets) {
  const bool plain = std::all_of(octets.begin(), octets.end(),
                                 [](char c) { return c >= 0x20 && c < 0x7F && c != '\\'; });
  return plain ? octets : registration::Shown(octets);
}

// One column of many values.
template <typename Row, typename Of>
auto Column(const std::vector<Row>& rows, Of of) {
  std::vector<std::decay_t<decltype(of(rows.front()))>> out;
  out.reserve(rows.size());
  for (const Row& row : rows) out.push_back(of(row));
  return out;
}

postgres::Statement Upsert(const std::vector<Pairing>& rows) {
  const auto text = [&rows](auto of) { return Param::TextArray(Column(rows, of)); };
  const auto time = [&rows](auto of) { return Param::TimestamptzArray(Column(rows, of)); };
  const auto source = [](const Pairing& p) { return static_cast<int16_t>(p.source); };
  return {kUpsert,
          {text([](const Pairing& p) { return p.device.value(); }),
           text([](const Pairing& p) { return p.facts.msisdn; }),
           text([](const Pairing& p) { return p.facts.imsi; }),
           text([](const Pairing& p) { return Text(p.facts.manufacturer); }),
           text([](const Pairing& p) { return Text(p.facts.model); }),
           text([](const Pairing& p) { return Text(p.facts.software_version); }),
           text([](const Pairing& p) { return Text(p.facts.svn); }),
           text([](const Pairing& p) { return Joined(p.facts.imeis); }),
           text([](const Pairing& p) { return Text(Joined(p.facts.apns)); }),
           Param::Int2Array(Column(rows, source)), text([](const Pairing& p) { return p.via; }),
           time([](const Pairing& p) { return p.registered_at; }),
           time([](const Pairing& p) { return p.published_at; }),
           time([](const Pairing& p) { return p.at; })}};
}

postgres::Statement Changes(const std::vector<PairingChange>& rows) {
  using P = PairingChange;
  const auto text = [&rows](auto of) { return Param::TextArray(Column(rows, of)); };
  return {kChanges,
          {text([](const P& p) { return p.device_id; }),
           Param::TimestamptzArray(Column(rows, [](const P& p) { return p.at; })),
           text([](const P& p) { return p.event; }), text([](const P& p) { return p.msisdn; }),
           text([](const P& p) { return p.imsi; }),
           text([](const P& p) { return Text(p.manufacturer); }),
           text([](const P& p) { return Text(p.model); }),
           text([](const P& p) { return Text(p.software_version); }),
           text([](const P& p) { return p.via; })}};
}

postgres::Statement DeadLetters(const std::vector<StoredDeadLetter>& rows) {
  using D = StoredDeadLetter;
  const auto text = [&rows](auto of) { return Param::TextArray(Column(rows, of)); };
  return {kDeadLetters,
          {Param::TimestamptzArray(Column(rows, [](const D& d) { return d.at; })),
           text([](const D& d) { return d.smsc; }), text([](const D& d) { return Text(d.source); }),
           text([](const D& d) { return Text(d.destination); }),
           text([](const D& d) { return d.reason; }),
           Param::ByteaArray(Column(rows, [](const D& d) { return d.octets; }))}};
}

}  // namespace

Task<std::vector<Pairing>> PgRegistrations::Find(By by, const std::vector<std::string>& keys,
                                                 Deadline deadline) {
  const char* const sql = by == By::kDevice   ? kFindDevices
                          : by == By::kMsisdn ? kFindMsisdns
                                              : kFindImsis;
  postgres::Statement find{sql, {Param::TextArray(keys)}};
  DROVER_CO_TRY(const postgres::Rows rows, co_await pool_.Execute(std::move(find), deadline));
  co_return FromRows(rows);
}

Task<void> PgRegistrations::Write(const Change& change, Deadline deadline) {
  std::vector<postgres::Statement> statements;
  if (!change.registrations.empty()) statements.push_back(Upsert(change.registrations));
  if (!change.changes.empty()) statements.push_back(Changes(change.changes));
  if (!change.dead_letters.empty()) statements.push_back(DeadLetters(change.dead_letters));
  if (change.outbox.records_size() > 0) {
    statements.push_back(outbox::Insert(kOutboxTable, change.outbox));
  }
  if (statements.empty()) co_return Result<void>();
  DROVER_CO_TRY(const auto done, co_await pool_.Transaction(std::move(statements), deadline));
  co_return Result<void>();
}

Task<std::vector<PairingChange>> PgRegistrations::History(const std::string& device_id, int most,
                                                          Deadline deadline) {
  postgres::Statement history{kHistory, {Param::Text(device_id), Param::Int4(most)}};
  DROVER_CO_TRY(const postgres::Rows rows, co_await pool_.Execute(std::move(history), deadline));
  std::vector<PairingChange> out(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    PairingChange& one = out[i];
    one.device_id = rows.Text(i, 0);
    one.at = rows.Timestamptz(i, 1);
    one.event = rows.Text(i, 2);
    one.msisdn = rows.Text(i, 3);
    one.imsi = rows.Text(i, 4);
    one.manufacturer = rows.Text(i, 5);
    one.model = rows.Text(i, 6);
    one.software_version = rows.Text(i, 7);
    one.via = rows.Text(i, 8);
  }
  co_return out;
}

Task<std::vector<Pairing>> PgRegistrations::List(const std::string& after, TimePoint since,
                                                 int most, Deadline deadline) {
  postgres::Statement list{kList,
                           {Param::Text(after), Param::Timestamptz(since), Param::Int4(most)}};
  DROVER_CO_TRY(const postgres::Rows rows, co_await pool_.Execute(std::move(list), deadline));
  co_return FromRows(rows);
}

Task<int64_t> PgRegistrations::PurgeDeadLetters(TimePoint until, Deadline deadline) {
  postgres::Statement purge{kPurge, {Param::Timestamptz(until)}};
  DROVER_CO_TRY(const postgres::Rows gone, co_await pool_.Execute(std::move(purge), deadline));
  co_return gone.affected();
}

}  // namespace drover::push
