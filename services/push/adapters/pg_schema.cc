#include "services/push/adapters/pg_schema.h"

#include <string>

#include "libs/outbox/relay.h"

namespace drover::push {
namespace {

// The journal is only appended to and cut off at its beginning, so its rows need no room to change.
// Records are packed already and gain little from compression.
constexpr char kCreateJournal[] = R"sql(
CREATE TABLE push.slots (
  slot int PRIMARY KEY,
  epoch bigint NOT NULL,
  owner text NOT NULL,
  claimed_at timestamptz NOT NULL
);
CREATE TABLE push.journal (
  slot int NOT NULL,
  seq bigint NOT NULL,
  records bytea NOT NULL,
  offsets bytea NOT NULL,
  PRIMARY KEY (slot, seq)
);
ALTER TABLE push.journal ALTER COLUMN records SET STORAGE EXTERNAL;
)sql";

constexpr char kCreatePushes[] = R"sql(
CREATE TABLE push.pushes (
  account text COLLATE "C" NOT NULL,
  push_id text COLLATE "C" NOT NULL,
  address text COLLATE "C" NOT NULL,
  job_id bytea NOT NULL,
  digest bytea NOT NULL,
  device_id text NOT NULL,
  msisdn text NOT NULL,
  state smallint NOT NULL,
  code int NOT NULL,
  segments smallint NOT NULL,
  delivered_segments smallint NOT NULL DEFAULT 0,
  accepted_at timestamptz NOT NULL,
  deliver_before timestamptz NOT NULL,
  ended_at timestamptz,
  cause text NOT NULL DEFAULT '',
  PRIMARY KEY (account, push_id, address)
) WITH (fillfactor = 80);
CREATE INDEX pushes_by_time ON push.pushes (accepted_at);
)sql";

constexpr char kCreateRegistrations[] = R"sql(
CREATE TABLE push.registrations (
  device_id text COLLATE "C" PRIMARY KEY,
  msisdn text COLLATE "C" NOT NULL,
  imsi text COLLATE "C" NOT NULL,
  manufacturer text NOT NULL,
  model text NOT NULL,
  software_version text NOT NULL,
  svn text NOT NULL,
  imeis text NOT NULL,
  apns text NOT NULL,
  source smallint NOT NULL,
  via text NOT NULL,
  registered_at timestamptz NOT NULL,
  published_at timestamptz NOT NULL,
  at timestamptz NOT NULL
) WITH (fillfactor = 85);
CREATE INDEX registrations_by_msisdn ON push.registrations (msisdn) WHERE msisdn <> '';
CREATE INDEX registrations_by_imsi ON push.registrations (imsi) WHERE imsi <> '';
CREATE TABLE push.pairings (
  device_id text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL,
  event text NOT NULL,
  msisdn text NOT NULL,
  imsi text NOT NULL,
  manufacturer text NOT NULL,
  model text NOT NULL,
  software_version text NOT NULL,
  via text NOT NULL,
  PRIMARY KEY (device_id, at, event)
);
CREATE TABLE push.dead_letters (
  at timestamptz NOT NULL,
  smsc text NOT NULL,
  source text NOT NULL,
  destination text NOT NULL,
  reason text NOT NULL,
  octets bytea NOT NULL
);
CREATE INDEX dead_letters_by_time ON push.dead_letters (at);
)sql";

constexpr char kDrop[] = R"sql(
DROP TABLE push.dead_letters;
DROP TABLE push.pairings;
DROP TABLE push.registrations;
DROP TABLE push.pushes;
DROP TABLE push.journal;
DROP TABLE push.slots;
)sql";

// A push to many has a row a recipient; two pushes of one id meet at its first one.
constexpr char kAddRecipients[] = R"sql(
ALTER TABLE push.pushes
  ADD COLUMN recipient smallint NOT NULL DEFAULT 0,
  ADD COLUMN notify smallint NOT NULL DEFAULT 0,
  ADD COLUMN notify_to text NOT NULL DEFAULT '',
  ADD COLUMN notify_at timestamptz,
  ADD COLUMN notify_tries smallint NOT NULL DEFAULT 0,
  ADD COLUMN source_reference text NOT NULL DEFAULT '',
  DROP CONSTRAINT pushes_pkey,
  ADD PRIMARY KEY (account, push_id, recipient);
CREATE INDEX pushes_to_notify ON push.pushes (notify_at) WHERE notify = 2;
)sql";

constexpr char kDropRecipients[] = R"sql(
DROP INDEX push.pushes_to_notify;
ALTER TABLE push.pushes
  DROP CONSTRAINT pushes_pkey,
  ADD PRIMARY KEY (account, push_id, address),
  DROP COLUMN recipient,
  DROP COLUMN notify,
  DROP COLUMN notify_to,
  DROP COLUMN notify_at,
  DROP COLUMN notify_tries,
  DROP COLUMN source_reference;
)sql";

// Batches of the outbox live for milliseconds: compressing them costs more than it saves.
constexpr char kAddQuality[] = R"sql(
ALTER TABLE push.pushes ADD COLUMN quality smallint NOT NULL DEFAULT 0;
ALTER TABLE push.outbox ALTER COLUMN batch SET STORAGE EXTERNAL;
)sql";

constexpr char kDropQuality[] = R"sql(
ALTER TABLE push.outbox ALTER COLUMN batch SET STORAGE EXTENDED;
ALTER TABLE push.pushes DROP COLUMN quality;
)sql";

}  // namespace

std::vector<postgres::Migration> Migrations() {
  return {{1, "create journal, pushes and registrations",
           std::string(kCreateJournal) + kCreatePushes + kCreateRegistrations +
               outbox::CreateTable(kOutboxTable),
           outbox::DropTable(kOutboxTable) + kDrop},
          {2, "many recipients of a push, and their initiator's notification", kAddRecipients,
           kDropRecipients},
          {3, "quality of service of a push; batches of the outbox as they are", kAddQuality,
           kDropQuality}};
}

}  // namespace drover::push
