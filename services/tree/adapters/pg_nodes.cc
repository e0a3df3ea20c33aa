#include "services/tree/adapters/pg_nodes.h"

#include <utility>

#include "services/tree/adapters/migrations.h"
#include "services/tree/core/node_codes.h"
#include "services/tree/core/profiles.h"
#include "services/tree/core/uri.h"

namespace drover::tree {
namespace {

using postgres::Param;
using postgres::Rows;
using postgres::Statement;

// r: the rows to write. The look at the old row (one probe of the primary key) spares unchanged
// nodes the row lock, and so the page and the log record, that ON CONFLICT takes before it asks its
// WHERE. LIMIT 1 keeps the planner at that one probe whatever it believes of the table. n.value
// NULL and n.format or n.type -1: nothing is said of it, and what is stored stays.
const char* const kUpsert =
    "WITH r AS (SELECT n.device_id, n.uri, n.reported_at,"
    " CASE WHEN n.format < 0 THEN coalesce(o.format, 0::int2) ELSE n.format END AS format,"
    " CASE WHEN n.format < 0 THEN o.format_text ELSE n.format_text END AS format_text,"
    " CASE WHEN n.type < 0 THEN coalesce(o.type, 0::int2) ELSE n.type END AS type,"
    " CASE WHEN n.type < 0 THEN o.type_text ELSE n.type_text END AS type_text,"
    " coalesce(n.value, o.value) AS value, coalesce(n.acl, o.acl) AS acl,"
    " o.value AS was, o.format AS was_format, o.type AS was_type,"
    " o.format_text AS was_format_text, o.type_text AS was_type_text,"
    " coalesce(o.since, o.reported_at) AS was_since,"
    " n.value IS NOT NULL AND o.value IS DISTINCT FROM n.value AS changed"
    " FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) AS"
    " n(device_id, uri, reported_at, format, type, value, format_text, type_text, acl)"
    " LEFT JOIN LATERAL (SELECT true AS there, p.* FROM tree.nodes p"
    " WHERE p.device_id = n.device_id AND p.uri = n.uri LIMIT 1) AS o ON true"
    " WHERE o.there IS NULL OR (o.reported_at < n.reported_at"
    " AND (o.reported_at < n.reported_at - interval '1 hour'"
    " OR (n.value IS NOT NULL AND o.value IS DISTINCT FROM n.value)"
    " OR (n.format >= 0 AND (o.format <> n.format"
    " OR o.format_text IS DISTINCT FROM n.format_text))"
    " OR (n.type >= 0 AND (o.type <> n.type OR o.type_text IS DISTINCT FROM n.type_text))"
    " OR (n.acl IS NOT NULL AND o.acl IS DISTINCT FROM n.acl)))),"
    " kept AS (INSERT INTO tree.node_history"
    " (since, until, format, type, device_id, uri, value, format_text, type_text)"
    " SELECT was_since, reported_at, was_format, was_type, device_id, uri, was, was_format_text,"
    " was_type_text FROM r WHERE changed AND was IS NOT NULL ON CONFLICT DO NOTHING),"
    " written AS (INSERT INTO tree.nodes AS n"
    " (device_id, uri, reported_at, format, type, value, format_text, type_text, since, acl)"
    " SELECT device_id, uri, reported_at, format, type, value, format_text, type_text,"
    " CASE WHEN changed THEN NULL ELSE was_since END, acl FROM r"
    " ON CONFLICT (device_id, uri) DO UPDATE SET reported_at = EXCLUDED.reported_at,"
    " format = EXCLUDED.format, type = EXCLUDED.type, value = EXCLUDED.value,"
    " format_text = EXCLUDED.format_text, type_text = EXCLUDED.type_text,"
    " since = EXCLUDED.since, acl = EXCLUDED.acl WHERE n.reported_at < EXCLUDED.reported_at)"
    " SELECT device_id FROM r WHERE uri = './DevDetail/LrgObj'";

// from..end of SubtreeBounds is a range of the index; what sorts between "./A" and "./A/" ("./A-B")
// is filtered out of it.
const char* const kInSubtree =
    " WHERE device_id = $1 AND uri >= $2 AND uri < $4 AND (uri = $2 OR uri >= $3)";

std::vector<Param> SubtreeParams(const DeviceId& device, std::string_view uri) {
  const SubtreeBounds bounds = SubtreeOf(uri);
  return {Param::Text(device.value()), Param::Text(bounds.at), Param::Text(bounds.from),
          Param::Text(bounds.end)};
}

const std::string kPresent =
    "SELECT uri, format, type, value, reported_at, format_text, type_text, acl FROM tree.nodes";
const std::string kPast =
    "SELECT uri, format, type, value, since, format_text, type_text, NULL::text"
    " FROM tree.node_history";

// Columns as in kPresent, from `first` on.
Node ReadNode(const Rows& rows, size_t i, size_t first = 0) {
  Node node;
  node.uri = rows.Text(i, first);
  const int16_t format = rows.Int2(i, first + 1);
  const int16_t type = rows.Int2(i, first + 2);
  node.format = rows.null(i, first + 5) ? FormatOf(format) : rows.Text(i, first + 5);
  node.type = rows.null(i, first + 6) ? TypeOf(type) : rows.Text(i, first + 6);
  node.without_value = rows.null(i, first + 3);
  if (!node.without_value) node.value = rows.Bytea(i, first + 3);
  node.reported_at = rows.Timestamptz(i, first + 4);
  if (!rows.null(i, first + 7)) node.acl = rows.Text(i, first + 7);
  return node;
}

std::vector<StoredNode> ReadStored(const Rows& rows) {
  std::vector<StoredNode> nodes;
  nodes.reserve(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    nodes.push_back({std::string(rows.Text(i, 0)), ReadNode(rows, i, 1)});
  }
  return nodes;
}

// The column's number, or that nothing is said of it.
Coded Say(Coded coded, const Node& node, const std::string& word) {
  const bool silent = node.only_acl || (node.without_value && word.empty());
  return silent ? Coded{kAsStored, std::nullopt} : coded;
}

}  // namespace

Task<std::vector<Node>> PgNodes::Subtree(const DeviceId& device, std::string_view uri,
                                         std::optional<TimePoint> as_of, Deadline deadline) {
  Statement statement;
  statement.sql = kPresent + kInSubtree;
  statement.params = SubtreeParams(device, uri);
  if (as_of) {
    statement.sql += " AND coalesce(since, reported_at) <= $5 UNION ALL " + kPast + kInSubtree +
                     " AND since <= $5 AND until > $5";
    statement.params.push_back(Param::Timestamptz(*as_of));
  }
  statement.sql += " ORDER BY uri";
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(statement), deadline));
  std::vector<Node> nodes;
  nodes.reserve(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) nodes.push_back(ReadNode(rows, i));
  co_return nodes;
}

Task<std::vector<NodeVersion>> PgNodes::History(const DeviceId& device, std::string_view uri,
                                                int32_t limit, Deadline deadline) {
  Statement statement;
  statement.sql =
      "SELECT uri, format, type, value, coalesce(since, reported_at), format_text, type_text, acl,"
      " NULL::timestamptz AS until FROM tree.nodes WHERE device_id = $1 AND uri = $2"
      " UNION ALL SELECT uri, format, type, value, since, format_text, type_text, NULL::text, until"
      " FROM tree.node_history WHERE device_id = $1 AND uri = $2"
      " ORDER BY until DESC NULLS FIRST LIMIT $3";
  statement.params = {Param::Text(device.value()), Param::Text(uri), Param::Int4(limit)};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(statement), deadline));
  std::vector<NodeVersion> versions;
  for (size_t i = 0; i < rows.size(); ++i) {
    NodeVersion& version = versions.emplace_back();
    version.node = ReadNode(rows, i);
    if (!rows.null(i, 8)) version.until = rows.Timestamptz(i, 8);
  }
  co_return versions;
}

Task<std::vector<FactTime>> PgNodes::FactTimes(const std::vector<std::string>& devices,
                                               const std::vector<Fact>& facts, Deadline deadline) {
  std::vector<std::string> uris;
  for (const Fact fact : facts) uris.emplace_back(dmtree::UriOf(fact));
  Statement statement;
  statement.sql =
      "SELECT r.id, n.uri, n.reported_at FROM unnest($1) AS r(id) CROSS JOIN LATERAL"
      " (SELECT uri, reported_at FROM tree.nodes"
      " WHERE device_id = r.id AND uri = ANY($2) OFFSET 0) AS n";
  statement.params = {Param::TextArray(devices), Param::TextArray(uris)};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(statement), deadline));
  std::vector<FactTime> times;
  for (size_t i = 0; i < rows.size(); ++i) {
    const std::optional<Fact> fact = dmtree::FactAt(rows.Text(i, 1));
    DROVER_CHECK(fact.has_value());
    times.push_back({std::string(rows.Text(i, 0)), *fact, rows.Timestamptz(i, 2)});
  }
  co_return times;
}

Task<std::vector<StoredNode>> PgNodes::NodesAt(const std::vector<std::string>& devices,
                                               const std::vector<std::string>& uris,
                                               const std::vector<std::string>& with_value,
                                               Deadline deadline) {
  Statement statement;
  statement.sql =
      "SELECT r.id, n.* FROM unnest($1) AS r(id) CROSS JOIN LATERAL"
      " (SELECT uri, format, type, CASE WHEN uri = ANY($3) THEN value END AS value, reported_at,"
      " format_text, type_text, acl FROM tree.nodes"
      " WHERE device_id = r.id AND uri = ANY($2) OFFSET 0) AS n";
  statement.params = {Param::TextArray(devices), Param::TextArray(uris),
                      Param::TextArray(with_value)};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(statement), deadline));
  co_return ReadStored(rows);
}

Task<std::vector<DeviceCount>> PgNodes::CountChildren(const std::vector<std::string>& devices,
                                                      std::string_view parent, std::string_view but,
                                                      Deadline deadline) {
  const SubtreeBounds bounds = SubtreeOf(parent);
  Statement statement;
  statement.sql =
      "SELECT r.id, n.count FROM unnest($1) AS r(id) CROSS JOIN LATERAL"
      " (SELECT count(*) AS count FROM tree.nodes"
      " WHERE device_id = r.id AND uri >= $2 AND uri < $3 AND uri <> $4"
      " AND position('/' in substr(uri, length($2) + 1)) = 0 OFFSET 0) AS n";
  statement.params = {Param::TextArray(devices), Param::Text(bounds.from), Param::Text(bounds.end),
                      Param::Text(but)};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(statement), deadline));
  std::vector<DeviceCount> counts;
  for (size_t i = 0; i < rows.size(); ++i) {
    counts.push_back({std::string(rows.Text(i, 0)), rows.Int8(i, 1)});
  }
  co_return counts;
}

Task<std::vector<StoredNode>> PgNodes::Objects(const std::vector<std::string>& devices,
                                               std::string_view identifier, Deadline deadline) {
  std::vector<int16_t> codes;
  for (int16_t code = 1; !TypeOf(code).empty(); ++code) {
    if (IsObject(TypeOf(code), identifier)) codes.push_back(code);
  }
  Statement statement;
  statement.sql =
      "SELECT r.id, n.* FROM unnest($1) AS r(id) CROSS JOIN LATERAL"
      " (SELECT uri, format, type, NULL::bytea AS value, reported_at, format_text, type_text, acl"
      " FROM tree.nodes WHERE device_id = r.id AND" +
      ObjectCondition() +
      "AND (type = ANY($2) OR type_text = $3 OR starts_with(type_text, $4)) ORDER BY uri OFFSET 0)"
      " AS n";
  const std::string with_version = std::string(identifier) + ":";
  statement.params = {Param::TextArray(devices), Param::Int2Array(codes), Param::Text(identifier),
                      Param::Text(with_version)};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(statement), deadline));
  co_return ReadStored(rows);
}

Task<int64_t> PgNodes::ForgetHistory(int partition, TimePoint before, int32_t most,
                                     Deadline deadline) {
  const std::string table = "tree.node_history_" + std::to_string(partition);
  Statement statement;
  statement.sql = "DELETE FROM " + table + " WHERE ctid = ANY(ARRAY(SELECT ctid FROM " + table +
                  " WHERE until < $1 LIMIT $2 FOR UPDATE SKIP LOCKED))";
  statement.params = {Param::Timestamptz(before), Param::Int4(most)};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(statement), deadline));
  co_return rows.affected();
}

postgres::Statement UpsertNodes(const std::vector<const Report*>& reports) {
  std::vector<std::string> devices, uris;
  std::vector<TimePoint> times;
  std::vector<int16_t> formats, types;
  std::vector<std::optional<std::string>> values, format_texts, type_texts, acls;
  for (const Report* report : reports) {
    for (const Node& node : report->nodes) {
      Coded format = Say(CodeOfFormat(node.format), node, node.format);
      Coded type = Say(CodeOfType(node.type), node, node.type);
      devices.push_back(report->device.value());
      uris.push_back(node.uri);
      times.push_back(node.reported_at);
      formats.push_back(format.code);
      types.push_back(type.code);
      if (node.only_acl || node.without_value) {
        values.emplace_back();
      } else {
        values.emplace_back(node.value);
      }
      format_texts.push_back(std::move(format.text));
      type_texts.push_back(std::move(type.text));
      acls.push_back(node.acl);
    }
  }
  return {kUpsert,
          {Param::TextArray(devices), Param::TextArray(uris), Param::TimestamptzArray(times),
           Param::Int2Array(formats), Param::Int2Array(types), Param::ByteaArray(values),
           Param::TextArray(format_texts), Param::TextArray(type_texts), Param::TextArray(acls)}};
}

postgres::Statement DeleteSubtree(const DeviceId& device, std::string_view uri, TimePoint now) {
  Statement statement;
  statement.sql =
      std::string("WITH gone AS (DELETE FROM tree.nodes") + kInSubtree +
      " RETURNING *) INSERT INTO tree.node_history"
      " (since, until, format, type, device_id, uri, value, format_text, type_text)"
      " SELECT coalesce(since, reported_at), $5, format, type, device_id, uri, value, format_text,"
      " type_text FROM gone ON CONFLICT DO NOTHING";
  statement.params = SubtreeParams(device, uri);
  statement.params.push_back(Param::Timestamptz(now));
  return statement;
}

}  // namespace drover::tree
