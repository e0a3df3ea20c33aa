#include "services/tree/adapters/pg_nodes.h"

#include <utility>

#include "services/tree/core/node_codes.h"
#include "services/tree/core/uri.h"

namespace drover::tree {
namespace {

using postgres::Param;
using postgres::Rows;
using postgres::Statement;

// The look at the old row (one probe of the primary key) spares unchanged nodes the row lock, and
// so the page and the log record, that ON CONFLICT takes before it asks its WHERE. LIMIT 1 keeps
// the planner at that one probe whatever it believes of the table.
const char* const kUpsert =
    "INSERT INTO tree.nodes AS n"
    " (device_id, uri, reported_at, format, type, value, format_text, type_text)"
    " SELECT r.device_id, r.uri, r.reported_at, r.format, r.type, r.value, r.format_text,"
    " r.type_text FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)"
    " AS r(device_id, uri, reported_at, format, type, value, format_text, type_text)"
    " LEFT JOIN LATERAL (SELECT true AS there, p.reported_at, p.format, p.type, p.value,"
    " p.format_text, p.type_text FROM tree.nodes p"
    " WHERE p.device_id = r.device_id AND p.uri = r.uri LIMIT 1) AS o ON true"
    " WHERE o.there IS NULL OR (o.reported_at < r.reported_at"
    " AND (o.reported_at < r.reported_at - interval '1 hour'"
    " OR o.value <> r.value OR o.format <> r.format OR o.type <> r.type"
    " OR o.format_text IS DISTINCT FROM r.format_text"
    " OR o.type_text IS DISTINCT FROM r.type_text))"
    " ON CONFLICT (device_id, uri) DO UPDATE SET reported_at = EXCLUDED.reported_at,"
    " format = EXCLUDED.format, type = EXCLUDED.type, value = EXCLUDED.value,"
    " format_text = EXCLUDED.format_text, type_text = EXCLUDED.type_text"
    " WHERE n.reported_at < EXCLUDED.reported_at";

// from..end of SubtreeBounds is a range of the index; what sorts between "./A" and "./A/" ("./A-B")
// is filtered out of it.
const char* const kInSubtree =
    " WHERE device_id = $1 AND uri >= $2 AND uri < $4 AND (uri = $2 OR uri >= $3)";

std::vector<Param> SubtreeParams(const DeviceId& device, std::string_view uri) {
  const SubtreeBounds bounds = SubtreeOf(uri);
  return {Param::Text(device.value()), Param::Text(bounds.at), Param::Text(bounds.from),
          Param::Text(bounds.end)};
}

Node ReadNode(const Rows& rows, size_t i) {
  Node node;
  node.uri = rows.Text(i, 0);
  const int16_t format = rows.Int2(i, 1);
  const int16_t type = rows.Int2(i, 2);
  node.format = rows.null(i, 5) ? FormatOf(format) : rows.Text(i, 5);
  node.type = rows.null(i, 6) ? TypeOf(type) : rows.Text(i, 6);
  node.value = rows.Bytea(i, 3);
  node.reported_at = rows.Timestamptz(i, 4);
  return node;
}

}  // namespace

Task<std::vector<Node>> PgNodes::Subtree(const DeviceId& device, std::string_view uri,
                                         Deadline deadline) {
  Statement statement;
  statement.sql =
      std::string(
          "SELECT uri, format, type, value, reported_at, format_text, type_text FROM tree.nodes") +
      kInSubtree + " ORDER BY uri";
  statement.params = SubtreeParams(device, uri);
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(statement), deadline));
  std::vector<Node> nodes;
  nodes.reserve(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) nodes.push_back(ReadNode(rows, i));
  co_return nodes;
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

postgres::Statement UpsertNodes(const std::vector<const Report*>& reports) {
  std::vector<std::string> devices, uris, values;
  std::vector<TimePoint> times;
  std::vector<int16_t> formats, types;
  std::vector<std::optional<std::string>> format_texts, type_texts;
  for (const Report* report : reports) {
    for (const Node& node : report->nodes) {
      Coded format = CodeOfFormat(node.format);
      Coded type = CodeOfType(node.type);
      devices.push_back(report->device.value());
      uris.push_back(node.uri);
      times.push_back(node.reported_at);
      formats.push_back(format.code);
      types.push_back(type.code);
      values.push_back(node.value);
      format_texts.push_back(std::move(format.text));
      type_texts.push_back(std::move(type.text));
    }
  }
  return {kUpsert,
          {Param::TextArray(devices), Param::TextArray(uris), Param::TimestamptzArray(times),
           Param::Int2Array(formats), Param::Int2Array(types), Param::ByteaArray(values),
           Param::TextArray(format_texts), Param::TextArray(type_texts)}};
}

postgres::Statement DeleteSubtree(const DeviceId& device, std::string_view uri) {
  return {std::string("DELETE FROM tree.nodes") + kInSubtree, SubtreeParams(device, uri)};
}

}  // namespace drover::tree
