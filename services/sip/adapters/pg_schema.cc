#include "services/sip/adapters/pg_schema.h"

#include <string>

#include "libs/outbox/relay.h"

namespace drover::gateways {
namespace {

// Room for new versions of rows in their own page. A record is some 1 KiB; its answers gain little
// from compression against the time that it takes.
constexpr char kCreate[] = R"sql(
CREATE TABLE sip.gateways (
  version bigint NOT NULL,
  due_at timestamptz,
  state smallint NOT NULL,
  gateway_id text COLLATE "C" PRIMARY KEY,
  owner text COLLATE "C",
  sip_user text COLLATE "C",  -- NULL: the id
  vendor text NOT NULL,
  model text NOT NULL,
  record bytea NOT NULL
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE sip.gateways ALTER COLUMN record SET STORAGE EXTERNAL;
CREATE INDEX gateways_due ON sip.gateways (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX gateways_sip_user ON sip.gateways (sip_user) WHERE sip_user IS NOT NULL;
CREATE INDEX gateways_model ON sip.gateways (vendor, model);
CREATE TABLE sip.models (
  vendor text COLLATE "C" NOT NULL,
  model text COLLATE "C" NOT NULL,
  settings bytea NOT NULL,
  PRIMARY KEY (vendor, model)
);
CREATE TABLE sip.processes (
  name text COLLATE "C" PRIMARY KEY,
  seen_at timestamptz NOT NULL
);
)sql";

constexpr char kDrop[] = R"sql(
DROP TABLE sip.processes;
DROP TABLE sip.models;
DROP TABLE sip.gateways;
)sql";

}  // namespace

std::vector<postgres::Migration> Migrations() {
  return {{1, "create gateways and models", kCreate + outbox::CreateTable(kOutboxTable),
           outbox::DropTable(kOutboxTable) + kDrop}};
}

}  // namespace drover::gateways
