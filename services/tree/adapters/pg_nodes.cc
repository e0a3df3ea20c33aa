#include "services/tree/adapters/pg_nodes.h"

#include <algorithm>
#include <utility>

#include "services/tree/core/profiles.h"
#include "services/tree/core/uri.h"

namespace drover::tree {
namespace {

using postgres::Param;
using postgres::Rows;
using postgres::Statement;

// Trees up to that are read whole, by one statement, whatever is wanted of them.
constexpr size_t kWholePages = 3;

const std::string kLoad =
    "SELECT r.n, p.first_uri, p.version, p.content FROM unnest($1) WITH ORDINALITY AS r(id, n)"
    " CROSS JOIN LATERAL (SELECT first_uri, version, content FROM tree.pages"
    " WHERE device_id = r.id ORDER BY first_uri LIMIT " +
    std::to_string(kWholePages + 1) + ") AS p";

// Of each range the page that covers its beginning and those up to its end; each page once.
const char* const kLoadRanges =
    "WITH wanted AS (SELECT DISTINCT r.n, r.id, k.first_uri FROM unnest($1, $2, $3, $4)"
    " AS r(n, id, first, last) CROSS JOIN LATERAL (SELECT first_uri FROM tree.pages"
    " WHERE device_id = r.id AND first_uri >= coalesce((SELECT max(first_uri) FROM tree.pages"
    " WHERE device_id = r.id AND first_uri <= r.first), '') AND first_uri <= r.last OFFSET 0) AS k)"
    " SELECT w.n, p.first_uri, p.version, p.content FROM wanted AS w CROSS JOIN LATERAL"
    " (SELECT first_uri, version, content FROM tree.pages"
    " WHERE device_id = w.id AND first_uri = w.first_uri LIMIT 1) AS p";

const char* const kLoadObjects =
    "SELECT r.n, p.first_uri, p.version, p.content FROM unnest($1) WITH ORDINALITY AS r(id, n)"
    " CROSS JOIN LATERAL (SELECT first_uri, version, content FROM tree.pages"
    " WHERE device_id = r.id AND objects OFFSET 0) AS p";

// What the rows of Subtree and History are of: one statement reads all, so that nothing moves from
// one table to another in between.
enum Kind : int16_t { kPage = 0, kLargeValue = 1, kPast = 2 };

const std::string kNoVersion =
    "NULL::timestamptz, 0::int2, 0::int2, NULL::text, NULL::text, NULL::timestamptz";
const std::string kPages =
    "SELECT 0::int2, first_uri, content, " + kNoVersion + " FROM tree.pages WHERE device_id = $1";
const std::string kLargeValues =
    "SELECT 1::int2, uri, value, " + kNoVersion + " FROM tree.large_values";
const std::string kHistory =
    "SELECT 2::int2, uri, value, since, format, type, format_text, type_text, until"
    " FROM tree.node_history";
// at..end of SubtreeBounds is a range of the index; what sorts between "./A" and "./A/" ("./A-B")
// is filtered out of it.
const std::string kInSubtree =
    " WHERE device_id = $1 AND uri >= $2 AND uri < $4 AND (uri = $2 OR uri >= $3)";

std::vector<Param> SubtreeParams(const DeviceId& device, const SubtreeBounds& bounds) {
  return {Param::Text(device.value()), Param::Text(bounds.at), Param::Text(bounds.from),
          Param::Text(bounds.end)};
}

bool InSubtree(std::string_view uri, const SubtreeBounds& bounds) {
  return uri == bounds.at || (uri >= bounds.from && uri < bounds.end);
}

NodeVersion ReadPast(const Rows& rows, size_t i) {
  NodeVersion version;
  Node& node = version.node;
  node.uri = rows.Text(i, 1);
  node.without_value = rows.null(i, 2);
  if (!node.without_value) node.value = rows.Bytea(i, 2);
  node.reported_at = rows.Timestamptz(i, 3);
  node.format = rows.null(i, 6) ? FormatOf(rows.Int2(i, 4)) : rows.Text(i, 6);
  node.type = rows.null(i, 7) ? TypeOf(rows.Int2(i, 5)) : rows.Text(i, 7);
  version.until = rows.Timestamptz(i, 8);
  return version;
}

// Values that stand apart, by URI, put into the nodes of the pages.
void FillLarge(std::vector<Node>& nodes, const Rows& rows) {
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows.Int2(i, 0) != kLargeValue) continue;
    const auto node =
        std::ranges::lower_bound(nodes, rows.Text(i, 1), std::less<std::string_view>(), &Node::uri);
    if (node != nodes.end() && node->uri == rows.Text(i, 1)) node->value = rows.Bytea(i, 2);
  }
}

// The present nodes of the rows' pages that `wanted` takes, by URI, with their values.
template <typename Wanted>
Result<std::vector<Node>> ReadPresent(const Rows& rows, Wanted wanted) {
  std::vector<Node> nodes;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows.Int2(i, 0) != kPage) continue;
    DROVER_TRY(const Page page, DecodePage(rows.Bytea(i, 2)));
    for (const PageNode& node : page.nodes) {
      if (wanted(node)) nodes.push_back(ToNode(node));
    }
  }
  std::ranges::sort(nodes, {}, &Node::uri);
  FillLarge(nodes, rows);
  return nodes;
}

// Rows (n from 1, first_uri, version, content) in any order.
void AddPages(std::vector<LoadedTree>& trees, const Rows& rows) {
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto n = static_cast<size_t>(rows.Int8(i, 0)) - 1;
    trees[n].pages.push_back(
        {std::string(rows.Text(i, 1)), rows.Int8(i, 2), std::string(rows.Bytea(i, 3))});
  }
  for (LoadedTree& tree : trees) std::ranges::sort(tree.pages, {}, &StoredPage::first_uri);
}

std::vector<TreeWanted> EachOf(const std::vector<std::string>& devices,
                               const std::vector<UriRange>& ranges) {
  std::vector<TreeWanted> wanted;
  wanted.reserve(devices.size());
  for (const std::string& device : devices) wanted.push_back({device, ranges});
  return wanted;
}

std::vector<std::string> DevicesOf(const std::vector<TreeWanted>& wanted) {
  std::vector<std::string> devices;
  devices.reserve(wanted.size());
  for (const TreeWanted& one : wanted) devices.push_back(one.device);
  return devices;
}

Statement LoadRanges(const std::vector<TreeWanted>& wanted, const std::vector<size_t>& which) {
  std::vector<int64_t> numbers;
  std::vector<std::string> devices, firsts, lasts;
  for (const size_t n : which) {
    for (const UriRange& range : wanted[n].ranges) {
      numbers.push_back(static_cast<int64_t>(n) + 1);
      devices.push_back(wanted[n].device);
      firsts.push_back(range.first);
      lasts.push_back(range.last);
    }
  }
  return {kLoadRanges,
          {Param::Int8Array(numbers), Param::TextArray(devices), Param::TextArray(firsts),
           Param::TextArray(lasts)}};
}

bool IsRightBelow(std::string_view uri, std::string_view below) {
  return uri.starts_with(below) && uri.find('/', below.size()) == std::string_view::npos;
}

}  // namespace

Task<std::vector<Node>> PgNodes::Subtree(const DeviceId& device, std::string_view uri,
                                         std::optional<TimePoint> as_of, Deadline deadline) {
  const SubtreeBounds bounds = SubtreeOf(uri);
  Statement statement;
  statement.sql = kPages +
                  " AND first_uri >= coalesce((SELECT max(first_uri) FROM tree.pages"
                  " WHERE device_id = $1 AND first_uri <= $2), '') AND first_uri < $4"
                  " UNION ALL " +
                  kLargeValues + kInSubtree;
  statement.params = SubtreeParams(device, bounds);
  if (as_of) {
    statement.sql += " UNION ALL " + kHistory + kInSubtree + " AND since <= $5 AND until > $5";
    statement.params.push_back(Param::Timestamptz(*as_of));
  }
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(statement), deadline));
  const auto wanted = [&bounds, as_of](const PageNode& node) {
    const bool then = !as_of || node.since.value_or(node.reported_at) <= *as_of;
    return then && InSubtree(node.uri, bounds);
  };
  DROVER_CO_TRY(std::vector<Node> nodes, ReadPresent(rows, wanted));
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows.Int2(i, 0) == kPast) nodes.push_back(ReadPast(rows, i).node);
  }
  if (as_of) std::ranges::stable_sort(nodes, {}, &Node::uri);
  co_return nodes;
}

Task<std::vector<NodeVersion>> PgNodes::History(const DeviceId& device, std::string_view uri,
                                                int32_t limit, Deadline deadline) {
  Statement statement;
  statement.sql = "(" + kPages +
                  " AND first_uri <= $2 ORDER BY first_uri DESC LIMIT 1) UNION ALL " +
                  kLargeValues + " WHERE device_id = $1 AND uri = $2 UNION ALL (" + kHistory +
                  " WHERE device_id = $1 AND uri = $2 ORDER BY until DESC LIMIT $3)";
  statement.params = {Param::Text(device.value()), Param::Text(uri), Param::Int4(limit)};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(statement), deadline));
  std::optional<TimePoint> since;
  const auto wanted = [uri, &since](const PageNode& node) {
    if (node.uri != uri) return false;
    since = node.since.value_or(node.reported_at);
    return true;
  };
  DROVER_CO_TRY(std::vector<Node> present, ReadPresent(rows, wanted));
  std::vector<NodeVersion> versions;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows.Int2(i, 0) == kPast) versions.push_back(ReadPast(rows, i));
  }
  std::ranges::sort(versions, std::greater<>(), &NodeVersion::until);
  if (!present.empty()) {
    present.front().reported_at = *since;
    versions.insert(versions.begin(), {std::move(present.front()), std::nullopt});
  }
  if (versions.size() > static_cast<size_t>(limit)) versions.resize(static_cast<size_t>(limit));
  co_return versions;
}

Task<std::vector<StoredNode>> PgNodes::NodesAt(const std::vector<std::string>& devices,
                                               const std::vector<std::string>& uris,
                                               Deadline deadline) {
  std::vector<UriRange> ranges;
  ranges.reserve(uris.size());
  for (const std::string& uri : uris) ranges.push_back({uri, uri});
  const std::vector<TreeWanted> wanted = EachOf(devices, ranges);
  DROVER_CO_TRY(std::vector<LoadedTree> loaded, co_await Load(wanted, deadline));
  std::vector<StoredNode> nodes;
  for (size_t n = 0; n < loaded.size(); ++n) {
    DROVER_CO_TRY(const OpenTree tree, OpenTree::Open(std::move(loaded[n])));
    for (const std::string& uri : uris) {
      const PageNode* node = tree.Find(uri);
      if (node != nullptr) nodes.push_back({devices[n], ToNode(*node)});
    }
  }
  co_return nodes;
}

Task<std::vector<DeviceCount>> PgNodes::CountChildren(const std::vector<std::string>& devices,
                                                      std::string_view parent, std::string_view but,
                                                      Deadline deadline) {
  const SubtreeBounds bounds = SubtreeOf(parent);
  const std::vector<TreeWanted> wanted = EachOf(devices, {{bounds.from, bounds.end}});
  DROVER_CO_TRY(std::vector<LoadedTree> loaded, co_await Load(wanted, deadline));
  std::vector<DeviceCount> counts;
  for (size_t n = 0; n < loaded.size(); ++n) {
    DROVER_CO_TRY(const OpenTree tree, OpenTree::Open(std::move(loaded[n])));
    DeviceCount& count = counts.emplace_back(DeviceCount{devices[n], 0});
    for (const OpenTree::OpenPage& open : tree.pages()) {
      count.count += std::ranges::count_if(open.page.nodes, [&](const PageNode& node) {
        return node.uri != but && IsRightBelow(node.uri, bounds.from);
      });
    }
  }
  co_return counts;
}

Task<std::vector<StoredNode>> PgNodes::Objects(const std::vector<std::string>& devices,
                                               std::string_view identifier, Deadline deadline) {
  Statement statement{kLoadObjects, {Param::TextArray(devices)}};
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(statement), deadline));
  std::vector<LoadedTree> loaded(devices.size());
  AddPages(loaded, rows);
  std::vector<StoredNode> nodes;
  for (size_t n = 0; n < loaded.size(); ++n) {
    for (const StoredPage& stored : loaded[n].pages) {
      DROVER_CO_TRY(const Page page, DecodePage(stored.content));
      for (const PageNode& node : page.nodes) {
        if (!MayBeObject(node)) continue;
        Node object = ToNode(node);
        if (IsObject(object.type, identifier)) nodes.push_back({devices[n], std::move(object)});
      }
    }
  }
  co_return nodes;
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

Task<std::vector<LoadedTree>> PgNodes::Load(const std::vector<TreeWanted>& wanted,
                                            Deadline deadline) {
  Statement statement = LoadTrees(wanted);
  DROVER_CO_TRY(const Rows rows, co_await pool_.Execute(std::move(statement), deadline));
  DROVER_CO_TRY(std::vector<LoadedTree> trees, co_await Complete(wanted, rows, deadline));
  co_return trees;
}

Task<std::vector<LoadedTree>> PgNodes::Complete(const std::vector<TreeWanted>& wanted,
                                                const Rows& rows, Deadline deadline) {
  std::vector<LoadedTree> trees(wanted.size());
  AddPages(trees, rows);
  std::vector<size_t> larger;
  for (size_t n = 0; n < trees.size(); ++n) {
    trees[n].whole = trees[n].pages.size() <= kWholePages;
    if (trees[n].whole) continue;
    trees[n].pages.clear();
    larger.push_back(n);
  }
  if (larger.empty()) co_return trees;
  Statement statement = LoadRanges(wanted, larger);
  DROVER_CO_TRY(const Rows more, co_await pool_.Execute(std::move(statement), deadline));
  AddPages(trees, more);
  co_return trees;
}

postgres::Statement LoadTrees(const std::vector<TreeWanted>& wanted) {
  return {kLoad, {Param::TextArray(DevicesOf(wanted))}};
}

}  // namespace drover::tree
