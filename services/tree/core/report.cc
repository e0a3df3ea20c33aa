#include "services/tree/core/report.h"

#include <algorithm>
#include <utility>

#include "libs/dmtree/loc_uri.h"
#include "services/tree/core/text.h"
#include "services/tree/core/uri.h"

namespace drover::tree {
namespace {

Result<void> CheckNode(const Node& node) {
  DROVER_TRY(CheckUri(node.uri));
  const auto refuse = [&node](const char* what) {
    return InvalidArgument("node \"" + Printable(node.uri) + "\": " + what);
  };
  if (node.value.size() > kMaxValueOctets) return refuse("value is longer than 4 MiB");
  if (node.format.size() > kMaxTypeOctets || !IsPlainText(node.format)) {
    return refuse("format must be at most 255 octets of UTF-8 without control characters");
  }
  if (node.acl && (node.acl->size() > kMaxAclOctets || !IsPlainText(*node.acl))) {
    return refuse("acl must be at most 4096 octets of UTF-8 without control characters");
  }
  if (node.type.size() > kMaxTypeOctets || !IsPlainText(node.type)) {
    return refuse("type must be at most 255 octets of UTF-8 without control characters");
  }
  return {};
}

bool Before(const Node& a, const Node& b) {
  const int order = a.uri.compare(b.uri);
  return order != 0 ? order < 0 : a.reported_at < b.reported_at;
}

// What the newer one says goes over what the older one said.
void Merge(Node& older, Node newer) {
  if (!newer.acl) newer.acl = std::move(older.acl);
  if (newer.only_acl || newer.without_value) {
    if (newer.format.empty()) newer.format = std::move(older.format);
    if (newer.type.empty()) newer.type = std::move(older.type);
    newer.value = std::move(older.value);
    newer.without_value = older.only_acl ? newer.without_value : older.without_value;
    newer.only_acl = newer.only_acl && older.only_acl;
  }
  older = std::move(newer);
}

void MergeEach(std::vector<Node>& nodes) {
  std::ranges::stable_sort(nodes, Before);
  size_t kept = 0;
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (kept > 0 && nodes[kept - 1].uri == nodes[i].uri) {
      Merge(nodes[kept - 1], std::move(nodes[i]));
      continue;
    }
    if (kept != i) nodes[kept] = std::move(nodes[i]);
    ++kept;
  }
  nodes.resize(kept);
}

// Whether the terminal's row has to say another thing after this node.
bool Wins(const KnownDevice& known, Fact fact, const Node& node) {
  const std::optional<TimePoint>& stored = known.fact_times[static_cast<size_t>(fact)];
  return !stored || *stored < node.reported_at;
}

// A node without a value says nothing of a fact.
std::optional<Fact> FactIn(const Node& node) {
  if (node.without_value || node.only_acl) return std::nullopt;
  return dmtree::FactAt(node.uri);
}

Facts FactsAfter(const KnownDevice& known, const Report& report) {
  Facts facts = known.device.facts;
  for (const std::string& root : report.deleted) {
    for (const Fact fact : dmtree::kFacts) {
      if (dmtree::IsSelfOrBelow(dmtree::UriOf(fact), root)) At(facts, fact).clear();
    }
  }
  for (const Node& node : report.nodes) {
    const std::optional<Fact> fact = FactIn(node);
    if (!fact || !Wins(known, *fact, node)) continue;
    if (IsPlainText(node.value)) At(facts, *fact) = CutUtf8(node.value, kMaxFactOctets);
  }
  return facts;
}

}  // namespace

Result<void> CheckReport(const Report& report) {
  if (report.nodes.size() + report.deleted.size() > kMaxReportNodes) {
    return InvalidArgument("a report may hold 20000 nodes at most; send it in parts");
  }
  for (const Node& node : report.nodes) DROVER_TRY(CheckNode(node));
  for (const std::string& uri : report.deleted) DROVER_TRY(CheckUri(uri));
  return {};
}

void Normalise(Report& report, TimePoint now) {
  for (Node& node : report.nodes) {
    if (node.reported_at == TimePoint() || node.reported_at > now) node.reported_at = now;
  }
  MergeEach(report.nodes);
  std::ranges::sort(report.deleted);
  const auto repeated = std::ranges::unique(report.deleted);
  report.deleted.erase(repeated.begin(), repeated.end());
}

std::vector<Fact> FactsTouched(const Report& report) {
  std::vector<Fact> touched;
  for (const Node& node : report.nodes) {
    if (const std::optional<Fact> fact = FactIn(node)) touched.push_back(*fact);
  }
  for (const std::string& root : report.deleted) {
    for (const Fact fact : dmtree::kFacts) {
      if (dmtree::IsSelfOrBelow(dmtree::UriOf(fact), root)) touched.push_back(fact);
    }
  }
  return touched;
}

DeviceChange ChangeOf(const KnownDevice& known, const Report& report, TimePoint now) {
  DeviceChange change;
  change.seen = !known.device.seen_at || *known.device.seen_at + kSeenInterval <= now;
  change.facts = FactsAfter(known, report);
  change.facts_differ = change.facts != known.device.facts;
  return change;
}

}  // namespace drover::tree
