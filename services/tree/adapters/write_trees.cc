// What reports change of trees, as statements: each of them only where it has something to write.
#include <utility>

#include "services/tree/adapters/pg_nodes.h"

namespace drover::tree {
namespace {

using postgres::Param;
using postgres::Statement;

// Each of these writes all of its rows or nothing: a page that is no longer as it was read ends the
// transaction (tree.all_or_again, serialization_failure).
const char* const kChange =
    "WITH done AS (UPDATE tree.pages AS p"
    " SET version = p.version + 1, objects = r.objects, content = r.content"
    " FROM unnest($1, $2, $3, $4, $5) AS r(device_id, first_uri, version, objects, content)"
    " WHERE p.device_id = r.device_id AND p.first_uri = r.first_uri AND p.version = r.version"
    " RETURNING 1) SELECT tree.all_or_again(count(*), cardinality($1)) FROM done";
const char* const kMake =
    "WITH done AS (INSERT INTO tree.pages (version, objects, device_id, first_uri, content)"
    " SELECT r.version, r.objects, r.device_id, r.first_uri, r.content"
    " FROM unnest($1, $2, $3, $4, $5) AS r(device_id, first_uri, version, objects, content)"
    " ON CONFLICT DO NOTHING RETURNING 1)"
    " SELECT tree.all_or_again(count(*), cardinality($1)) FROM done";
const char* const kRemove =
    "WITH done AS (DELETE FROM tree.pages AS p"
    " USING unnest($1, $2, $3) AS r(device_id, first_uri, version)"
    " WHERE p.device_id = r.device_id AND p.first_uri = r.first_uri AND p.version = r.version"
    " RETURNING 1) SELECT tree.all_or_again(count(*), cardinality($1)) FROM done";

const char* const kKeep =
    "INSERT INTO tree.node_history"
    " (since, until, format, type, device_id, uri, value, format_text, type_text)"
    " SELECT r.since, r.until, r.format, r.type, r.device_id, r.uri, CASE WHEN r.large THEN"
    " (SELECT v.value FROM tree.large_values AS v"
    " WHERE v.device_id = r.device_id AND v.uri = r.uri LIMIT 1)"
    " ELSE r.value END, r.format_text, r.type_text"
    " FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    " AS r(device_id, uri, since, until, format, type, format_text, type_text, value, large)"
    " ON CONFLICT DO NOTHING";
const char* const kRemoveLarge =
    "DELETE FROM tree.large_values AS v USING unnest($1, $2) AS r(device_id, uri)"
    " WHERE v.device_id = r.device_id AND v.uri = r.uri";
const char* const kSetLarge =
    "INSERT INTO tree.large_values AS v (device_id, uri, value) SELECT * FROM unnest($1, $2, $3)"
    " ON CONFLICT (device_id, uri) DO UPDATE SET value = EXCLUDED.value";

class Pages {
 public:
  void Add(const DeviceId& device, const PageWrite& page, int64_t version) {
    devices_.push_back(device.value());
    uris_.push_back(page.first_uri);
    versions_.push_back(version);
    objects_.push_back(page.objects);
    contents_.push_back(page.content);
  }
  bool empty() const { return devices_.empty(); }
  Statement With(const char* sql) const {
    return {sql,
            {Param::TextArray(devices_), Param::TextArray(uris_), Param::Int8Array(versions_),
             Param::BoolArray(objects_), Param::ByteaArray(contents_)}};
  }

 private:
  std::vector<std::string> devices_, uris_, contents_;
  std::vector<int64_t> versions_;
  std::vector<bool> objects_;
};

void AddPages(std::vector<Statement>& out, const std::vector<TreeWrite>& writes, TimePoint now) {
  Pages changed, made;
  for (const TreeWrite& write : writes) {
    for (const PageWrite& page : write.change.pages) {
      if (page.version != 0) {
        changed.Add(*write.device, page, page.version);
      } else {
        made.Add(*write.device, page, now.time_since_epoch().count());
      }
    }
  }
  if (!changed.empty()) out.push_back(changed.With(kChange));
  if (!made.empty()) out.push_back(made.With(kMake));
}

void AddPagesGone(std::vector<Statement>& out, const std::vector<TreeWrite>& writes) {
  std::vector<std::string> devices, uris;
  std::vector<int64_t> versions;
  for (const TreeWrite& write : writes) {
    for (const PageGone& page : write.change.pages_gone) {
      devices.push_back(write.device->value());
      uris.push_back(page.first_uri);
      versions.push_back(page.version);
    }
  }
  if (devices.empty()) return;
  out.push_back(
      {kRemove, {Param::TextArray(devices), Param::TextArray(uris), Param::Int8Array(versions)}});
}

void AddPast(std::vector<Statement>& out, const std::vector<TreeWrite>& writes) {
  std::vector<std::string> devices, uris;
  std::vector<TimePoint> since, until;
  std::vector<int16_t> formats, types;
  std::vector<std::optional<std::string>> format_texts, type_texts, values;
  std::vector<bool> large;
  for (const TreeWrite& write : writes) {
    for (const PastNode& past : write.change.past) {
      devices.push_back(write.device->value());
      uris.push_back(past.uri);
      since.push_back(past.since);
      until.push_back(past.until);
      formats.push_back(past.format.code);
      types.push_back(past.type.code);
      format_texts.push_back(past.format.text);
      type_texts.push_back(past.type.text);
      values.emplace_back(past.value);
      large.push_back(past.large);
    }
  }
  if (devices.empty()) return;
  out.push_back(
      {kKeep,
       {Param::TextArray(devices), Param::TextArray(uris), Param::TimestamptzArray(since),
        Param::TimestamptzArray(until), Param::Int2Array(formats), Param::Int2Array(types),
        Param::TextArray(format_texts), Param::TextArray(type_texts), Param::ByteaArray(values),
        Param::BoolArray(large)}});
}

void AddLarge(std::vector<Statement>& out, const std::vector<TreeWrite>& writes) {
  std::vector<std::string> gone_devices, gone_uris, devices, uris, values;
  for (const TreeWrite& write : writes) {
    for (const std::string& uri : write.change.large_gone) {
      gone_devices.push_back(write.device->value());
      gone_uris.push_back(uri);
    }
    for (const auto& [uri, value] : write.change.large) {
      devices.push_back(write.device->value());
      uris.push_back(uri);
      values.emplace_back(value);
    }
  }
  if (!gone_devices.empty()) {
    out.push_back({kRemoveLarge, {Param::TextArray(gone_devices), Param::TextArray(gone_uris)}});
  }
  if (!devices.empty()) {
    out.push_back({kSetLarge,
                   {Param::TextArray(devices), Param::TextArray(uris), Param::ByteaArray(values)}});
  }
}

}  // namespace

std::vector<Statement> WriteTrees(const std::vector<TreeWrite>& writes, TimePoint now) {
  std::vector<Statement> statements;
  AddPages(statements, writes, now);  // First: it locks what the rest belongs to.
  AddPagesGone(statements, writes);
  AddPast(statements, writes);
  AddLarge(statements, writes);
  return statements;
}

}  // namespace drover::tree
