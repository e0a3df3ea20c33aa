// Any octets as a page of a terminal's tree: an error, or nodes that come back from what is made of
// them as they were, found one by one, and open to any report.
#include "services/tree/core/open_tree.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace drover;
using namespace drover::tree;

bool Same(const PageNode& a, const PageNode& b) {
  return a.uri == b.uri && a.format.code == b.format.code && a.format.text == b.format.text &&
         a.type.code == b.type.code && a.type.text == b.type.text &&
         a.reported_at == b.reported_at && a.since == b.since && a.acl == b.acl &&
         a.has_value == b.has_value && a.value == b.value && a.large == b.large;
}

void ComesBack(const Page& page) {
  size_t n = 0;
  for (const EncodedPage& encoded : EncodePages(page.nodes, BaseOf(page.nodes, page.base))) {
    const Result<Page> again = DecodePage(encoded.content);
    DROVER_CHECK(again.has_value());
    DROVER_CHECK(again->nodes.size() == encoded.nodes.size());
    for (const PageNode& node : again->nodes) {
      DROVER_CHECK(Same(node, page.nodes[n++]));
      DROVER_CHECK(FindInPage(encoded.content, node.uri).value().has_value());
    }
  }
  DROVER_CHECK(n == page.nodes.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view content = View(data, size);
  const Result<Page> page = DecodePage(content);
  if (!page) return 0;
  ComesBack(*page);
  Result<OpenTree> tree = OpenTree::Open({{{"", 1, std::string(content)}}, true});
  DROVER_CHECK(tree.has_value());
  Report report;
  report.nodes.push_back({.uri = "./A/b", .value = "1", .reported_at = TimePoint::max()});
  report.deleted = {"./A"};
  const TreeChange change = tree->Apply(report, TimePoint::max());
  DROVER_CHECK(!change.pages.empty());
  DROVER_CHECK(tree->Find("./A/b") != nullptr);
  return 0;
}
