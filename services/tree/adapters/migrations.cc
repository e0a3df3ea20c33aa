#include "services/tree/adapters/migrations.h"

#include <string>

#include "libs/outbox/relay.h"
#include "services/tree/adapters/nodes_to_pages.h"

namespace drover::tree {
namespace {

std::string Partitions(const std::string& table, int fillfactor) {
  std::string sql;
  for (int i = 0; i < kPartitions; ++i) {
    const std::string number = std::to_string(i);
    sql += "CREATE TABLE tree." + table + "_" + number + " PARTITION OF tree." + table +
           " FOR VALUES WITH (MODULUS " + std::to_string(kPartitions) + ", REMAINDER " + number +
           ") WITH (fillfactor = " + std::to_string(fillfactor) + ");\n";
  }
  return sql;
}

// Columns of fixed size first: no padding. Empty text is one octet, and simpler than NULL.
const char* const kDevices = R"(
CREATE TABLE tree.devices (
  enrolled_at      timestamptz NOT NULL,
  seen_at          timestamptz,
  account_version  bigint NOT NULL,
  status           smallint NOT NULL,
  client_scheme    smallint NOT NULL,
  server_scheme    smallint NOT NULL,
  device_id        text COLLATE "C" NOT NULL,
  user_name        text NOT NULL,  -- empty: the device id
  manufacturer     text NOT NULL,
  model            text NOT NULL,
  firmware_version text NOT NULL,
  software_version text NOT NULL,
  hardware_version text NOT NULL,
  language         text NOT NULL,
  dm_version       text NOT NULL,
  account_sealed   bytea NOT NULL,
  PRIMARY KEY (device_id)
) PARTITION BY HASH (device_id);
)";

// One table: a statement on eight partitions costs several times one on a table, and indexes of few
// values have a page for each partition. Settings as of pages (kCreatePages).
const char* const kDevicesInOne = R"(
CREATE TABLE tree.devices (
  enrolled_at      timestamptz NOT NULL,
  seen_at          timestamptz,
  account_version  bigint NOT NULL,
  status           smallint NOT NULL,
  client_scheme    smallint NOT NULL,
  server_scheme    smallint NOT NULL,
  device_id        text COLLATE "C" NOT NULL,
  user_name        text NOT NULL,  -- empty: the device id
  manufacturer     text NOT NULL,
  model            text NOT NULL,
  firmware_version text NOT NULL,
  software_version text NOT NULL,
  hardware_version text NOT NULL,
  language         text NOT NULL,
  dm_version       text NOT NULL,
  account_sealed   bytea NOT NULL,
  PRIMARY KEY (device_id)
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
)";

// format and type are numbers (core/node_codes.h); 0 with a text beside it for what has none.
const char* const kNodes = R"(
CREATE TABLE tree.nodes (
  reported_at timestamptz NOT NULL,
  format      smallint NOT NULL,
  type        smallint NOT NULL,
  device_id   text COLLATE "C" NOT NULL,
  uri         text COLLATE "C" NOT NULL,
  value       bytea NOT NULL,
  format_text text,
  type_text   text,
  PRIMARY KEY (device_id, uri)
) PARTITION BY HASH (device_id);
)";

std::string CreateTables() {
  // Room for new versions of rows in their own page (HOT): no index is touched when they change.
  return kDevices + Partitions("devices", 90) + kNodes + Partitions("nodes", 90) +
         outbox::CreateTable(kOutboxTable);
}

// Facts have few values each, which B-trees keep once with a list of rows: some 20 octets a row.
const char* const kIndexFacts = R"(
CREATE INDEX devices_manufacturer ON tree.devices (manufacturer);
CREATE INDEX devices_model ON tree.devices (model);
CREATE INDEX devices_firmware_version ON tree.devices (firmware_version);
CREATE INDEX devices_software_version ON tree.devices (software_version);
CREATE INDEX devices_hardware_version ON tree.devices (hardware_version);
CREATE INDEX devices_language ON tree.devices (language);
CREATE INDEX devices_dm_version ON tree.devices (dm_version);
CREATE INDEX devices_disabled ON tree.devices (device_id) WHERE status = 2;
)";

const char* const kUnindexFacts = R"(
DROP INDEX tree.devices_disabled;
DROP INDEX tree.devices_dm_version;
DROP INDEX tree.devices_language;
DROP INDEX tree.devices_hardware_version;
DROP INDEX tree.devices_software_version;
DROP INDEX tree.devices_firmware_version;
DROP INDEX tree.devices_model;
DROP INDEX tree.devices_manufacturer;
)";

// A profile is a serialised v1::Profile, a DDF a WBXML document.
const char* const kModels = R"(
CREATE TABLE tree.profiles (
  manufacturer text COLLATE "C" NOT NULL,
  model        text COLLATE "C" NOT NULL,  -- empty: every model that has none of its own
  profile      bytea NOT NULL,
  PRIMARY KEY (manufacturer, model)
);
CREATE TABLE tree.ddfs (
  imported_at  timestamptz NOT NULL,
  nodes        integer NOT NULL,
  manufacturer text COLLATE "C" NOT NULL,
  model        text COLLATE "C" NOT NULL,
  document     bytea NOT NULL,
  PRIMARY KEY (manufacturer, model)
);
)";

// since: when the present value was first reported; NULL: at reported_at. acl: its own; NULL: not
// known. value NULL: only that the node is there is known. All three cost nothing where they are
// NULL.
const char* const kNodesKnowMore = R"(
ALTER TABLE tree.nodes ADD COLUMN since timestamptz, ADD COLUMN acl text,
  ALTER COLUMN value DROP NOT NULL;
)";

// A value that a node had: first reported at since, another one (or that the node was gone) at
// until.
const char* const kHistory = R"(
CREATE TABLE tree.node_history (
  since       timestamptz NOT NULL,
  until       timestamptz NOT NULL,
  format      smallint NOT NULL,
  type        smallint NOT NULL,
  device_id   text COLLATE "C" NOT NULL,
  uri         text COLLATE "C" NOT NULL,
  value       bytea,
  format_text text,
  type_text   text,
  PRIMARY KEY (device_id, uri, until)
) PARTITION BY HASH (device_id);
)";

std::string CreateModelsAndHistory() {
  // Rows come in the order of until: a BRIN index of some pages finds the oldest.
  return std::string(kModels) + kNodesKnowMore + kHistory + Partitions("node_history", 100) +
         "CREATE INDEX node_history_until ON tree.node_history USING brin (until);";
}

const char* const kDropModelsAndHistory = R"(
DROP TABLE tree.node_history;
DELETE FROM tree.nodes WHERE value IS NULL;
ALTER TABLE tree.nodes DROP COLUMN since, DROP COLUMN acl, ALTER COLUMN value SET NOT NULL;
DROP TABLE tree.ddfs;
DROP TABLE tree.profiles;
)";

// Interior nodes (0: of a format that was not said) with a type that may name a management object
// (core/node_codes.cc: media types stand before 10).
const char* const kIndexObjects =
    "CREATE INDEX nodes_objects ON tree.nodes (device_id, uri)"
    " WHERE format IN (0, 4) AND (type > 9 OR type_text IS NOT NULL);";

// Rows as they are, in another table under the same name; indexes of its own come after it.
std::string MoveDevices(const std::string& create_table_of_name, const std::string& partitions) {
  return "ALTER TABLE tree.devices RENAME TO devices_before;"
         "ALTER INDEX tree.devices_pkey RENAME TO devices_before_pkey;" +
         std::string(kUnindexFacts) + create_table_of_name + partitions +
         "INSERT INTO tree.devices SELECT * FROM tree.devices_before;"
         "DROP TABLE tree.devices_before;" +
         kIndexFacts;
}

std::string NodesToPages() {
  return MoveDevices(kDevicesInOne, "") + kCreatePages + kNodesToPages + "DROP TABLE tree.nodes;";
}

std::string PagesToNodes() {
  // The partitions of before are gone when those of the same names come back.
  return MoveDevices(kDevices, Partitions("devices", 90)) + kNodes + Partitions("nodes", 90) +
         kNodesKnowMore + kPagesToNodes + kDropPages + kIndexObjects;
}

}  // namespace

std::vector<postgres::Migration> Migrations() {
  return {
      {1, "create devices, nodes and outbox", CreateTables(),
       "DROP TABLE tree.nodes; DROP TABLE tree.devices; " + outbox::DropTable(kOutboxTable)},
      {2, "index facts", kIndexFacts, kUnindexFacts},
      {3, "create profiles, DDFs and history; ACLs of nodes", CreateModelsAndHistory(),
       kDropModelsAndHistory},
      {4, "index management objects", kIndexObjects, "DROP INDEX tree.nodes_objects;"},
      {5, "keep nodes in pages; keep devices in one table", NodesToPages(), PagesToNodes()},
      {6, "what a terminal is woken by", "ALTER TABLE tree.devices ADD COLUMN bearer text;",
       "ALTER TABLE tree.devices DROP COLUMN bearer;"},
  };
}

}  // namespace drover::tree
