#include "services/tree/core/open_tree.h"

#include <map>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/dmtree/loc_uri.h"

namespace drover::tree {
namespace {

using std::chrono::hours, std::chrono::minutes, std::chrono::seconds;
using testing::ElementsAre, testing::IsEmpty, testing::SizeIs;

const TimePoint kStart{seconds(1'800'000'000)};

Node Leaf(std::string uri, std::string value, TimePoint at = kStart) {
  Node node;
  node.uri = std::move(uri);
  node.format = "chr";
  node.type = "text/plain";
  node.value = std::move(value);
  node.reported_at = at;
  return node;
}

// tree.pages, tree.large_values and tree.node_history of one terminal, as the adapter writes them.
class Store {
 public:
  // Of each range the page that covers its beginning, and those up to its end.
  LoadedTree Load(const std::vector<UriRange>& ranges) const {
    std::map<std::string, StoredPage> found;
    for (const UriRange& range : ranges) {
      auto page = pages_.upper_bound(range.first);
      if (page != pages_.begin()) --page;
      for (; page != pages_.end() && page->first <= range.last; ++page) found.insert(*page);
    }
    LoadedTree loaded{{}, found.size() == pages_.size()};
    for (auto& [first_uri, page] : found) loaded.pages.push_back(std::move(page));
    return loaded;
  }
  LoadedTree LoadAll() const { return Load({{"", "\x7f"}}); }
  void Write(const TreeChange& change) {
    for (const PageGone& gone : change.pages_gone) {
      EXPECT_EQ(pages_.at(gone.first_uri).version, gone.version);
      pages_.erase(gone.first_uri);
    }
    for (const PageWrite& page : change.pages) {
      EXPECT_EQ(pages_.contains(page.first_uri), page.version != 0) << page.first_uri;
      pages_[page.first_uri] = {page.first_uri, ++version_, page.content};
    }
    for (const PastNode& past : change.past) {
      past_.push_back(
          past.uri + "=" +
          (past.large ? large_.at(past.uri) : std::string(past.value.value_or("none"))));
    }
    for (const std::string& uri : change.large_gone) EXPECT_EQ(large_.erase(uri), 1U) << uri;
    for (const auto& [uri, value] : change.large) large_[uri] = value;
  }
  TreeChange Apply(Report report, TimePoint now) {
    Normalise(report, now);
    const std::vector<UriRange> ranges = RangesOf(report);
    tree_ = OpenTree::Open(Load(ranges)).value();
    report_ = std::move(report);
    TreeChange change = tree_.Apply(report_, now);
    Write(change);
    return change;
  }
  std::map<std::string, std::string> Values() const {
    const OpenTree tree = OpenTree::Open(LoadAll()).value();
    std::map<std::string, std::string> values;
    for (const auto& open : tree.pages()) {
      for (const PageNode& node : open.page.nodes) {
        values[node.uri] = node.large ? large_.at(node.uri) : ToNode(node).value;
      }
    }
    return values;
  }
  Node At(const std::string& uri) const {
    const OpenTree tree = OpenTree::Open(LoadAll()).value();
    const PageNode* found = tree.Find(uri);
    return found != nullptr ? ToNode(*found) : Node();
  }
  const std::map<std::string, StoredPage>& pages() const { return pages_; }
  const std::map<std::string, std::string>& large() const { return large_; }
  const std::vector<std::string>& past() const { return past_; }

 private:
  std::map<std::string, StoredPage> pages_;
  std::map<std::string, std::string> large_;
  std::vector<std::string> past_;
  int64_t version_ = 0;
  OpenTree tree_;  // What the change views.
  Report report_;
};

Report Of(std::vector<Node> nodes, std::vector<std::string> deleted = {}) {
  return {DeviceId("d"), std::move(nodes), std::move(deleted)};
}

TEST(OpenTree, ATerminalsFirstReportMakesOnePage) {
  Store store;
  const TreeChange change = store.Apply(Of({Leaf("./B", "2"), Leaf("./A", "1")}), kStart);
  ASSERT_THAT(change.pages, SizeIs(1));
  EXPECT_EQ(change.pages[0].first_uri, "");
  EXPECT_EQ(change.pages[0].version, 0);
  EXPECT_THAT(change.past, IsEmpty());
  EXPECT_EQ(store.Values(), (std::map<std::string, std::string>{{"./A", "1"}, {"./B", "2"}}));
  EXPECT_EQ(store.At("./A").type, "text/plain");
}

TEST(OpenTree, WhatIsReadAgainUnchangedWritesNothingWithinTheHour) {
  Store store;
  store.Apply(Of({Leaf("./A", "1"), Leaf("./L", std::string(1000, 'l'))}), kStart);
  const TimePoint later = kStart + minutes(59);
  EXPECT_TRUE(store.Apply(Of({Leaf("./A", "1", later)}), later).empty());
  EXPECT_TRUE(store.Apply(Of({Leaf("./L", std::string(1000, 'l'), later)}), later).empty());
  EXPECT_TRUE(store.Apply(Of({Leaf("./A", "old", kStart)}), later).empty()) << "the same time";
  EXPECT_TRUE(store.Apply(Of({Leaf("./A", "old", kStart - seconds(1))}), later).empty());
  EXPECT_TRUE(store.Apply(Of({}, {"./B"}), later).empty());
  const TimePoint next = kStart + minutes(61);
  EXPECT_THAT(store.Apply(Of({Leaf("./A", "1", next)}), next).pages, SizeIs(1));
  EXPECT_EQ(store.At("./A").reported_at, next);
  EXPECT_THAT(store.past(), IsEmpty());
}

TEST(OpenTree, AValueThatAnotherTakesThePlaceOfIsPast) {
  Store store;
  store.Apply(Of({Leaf("./A", "1")}), kStart);
  const TimePoint moved = kStart + hours(2);
  store.Apply(Of({Leaf("./A", "1", moved)}), moved);
  const TimePoint changed = kStart + hours(3);
  const TreeChange change = store.Apply(Of({Leaf("./A", "2", changed)}), changed);
  ASSERT_THAT(change.past, SizeIs(1));
  EXPECT_EQ(change.past[0].value, "1");
  EXPECT_EQ(change.past[0].since, kStart) << "when it was first reported";
  EXPECT_EQ(change.past[0].until, changed);
  const TreeChange gone = store.Apply(Of({}, {"."}), changed + hours(1));
  ASSERT_THAT(gone.past, SizeIs(1));
  EXPECT_EQ(gone.past[0].since, changed);
  EXPECT_EQ(gone.past[0].until, changed + hours(1));
  EXPECT_THAT(store.pages(), IsEmpty()) << "nothing is left of an empty tree";
}

TEST(OpenTree, WhatIsNotSaidStays) {
  Store store;
  store.Apply(Of({Leaf("./A", "1")}), kStart);
  Node acl;
  acl.uri = "./A";
  acl.acl = "Get=*";
  acl.only_acl = true;
  const TimePoint second = kStart + seconds(1);
  store.Apply(Of({acl}), second);
  EXPECT_EQ(store.At("./A").value, "1");
  EXPECT_EQ(store.At("./A").format, "chr");
  EXPECT_EQ(store.At("./A").acl, "Get=*");
  Node visit;
  visit.uri = "./A";
  visit.format = "int";
  visit.without_value = true;
  store.Apply(Of({visit}), second + seconds(1));
  EXPECT_EQ(store.At("./A").value, "1");
  EXPECT_EQ(store.At("./A").format, "int");
  EXPECT_EQ(store.At("./A").type, "text/plain");
  store.Apply(Of({Leaf("./A", "2", second + seconds(2))}), second + seconds(2));
  EXPECT_EQ(store.At("./A").acl, "Get=*");
  visit.uri = "./New";
  store.Apply(Of({visit}), second + seconds(3));
  EXPECT_TRUE(store.At("./New").without_value);
  store.Apply(Of({Leaf("./New", "", second + seconds(4))}), second + seconds(4));
  EXPECT_FALSE(store.At("./New").without_value);
  EXPECT_THAT(store.past(), ElementsAre("./A=1")) << "what had no value has none past";
}

TEST(OpenTree, ALargeValueStandsApartFromItsPage) {
  Store store;
  const std::string first(100'000, 'a'), second(100'000, 'b');
  store.Apply(Of({Leaf("./A", "1"), Leaf("./L", first)}), kStart);
  EXPECT_LT(store.pages().at("").content.size(), 80U);
  EXPECT_EQ(store.Values()["./L"], first);
  const TimePoint next = kStart + seconds(1);
  store.Apply(Of({Leaf("./L", second, next)}), next);
  EXPECT_EQ(store.Values()["./L"], second);
  store.Apply(Of({Leaf("./L", "small", next + seconds(1))}), next + seconds(1));
  EXPECT_EQ(store.Values()["./L"], "small");
  EXPECT_THAT(store.large(), IsEmpty());
  store.Apply(Of({Leaf("./L", first, next + seconds(2))}), next + seconds(2));
  store.Apply(Of({Leaf("./L", second, next + seconds(3))}, {"./L"}), next + seconds(3));
  EXPECT_EQ(store.Values()["./L"], second) << "deleted and made again by one report";
  store.Apply(Of({}, {"."}), next + seconds(4));
  EXPECT_THAT(store.large(), IsEmpty());
  EXPECT_THAT(store.past(), ElementsAre("./L=" + first, "./L=" + second, "./L=small",
                                        "./L=" + first, "./A=1", "./L=" + second));
}

TEST(OpenTree, DeletesANodeWithWhatIsBelowAndNoNamesake) {
  Store store;
  std::vector<Node> nodes;
  for (const char* uri : {"./A", "./A-B", "./A/x", "./A/x/y", "./A0", "./AB"}) {
    nodes.push_back(Leaf(uri, ""));
  }
  store.Apply(Of(std::move(nodes)), kStart);
  store.Apply(Of({}, {"./A"}), kStart + seconds(1));
  EXPECT_EQ(store.Values(),
            (std::map<std::string, std::string>{{"./A-B", ""}, {"./A0", ""}, {"./AB", ""}}));
}

TEST(OpenTree, SaysWhenLargeObjectsMayHaveChanged) {
  Store store;
  const Node node = Leaf("./DevDetail/LrgObj", "true");
  EXPECT_TRUE(store.Apply(Of({node}), kStart).large_objects);
  EXPECT_FALSE(store.Apply(Of({node, Leaf("./A", "1")}), kStart + seconds(1)).large_objects);
  EXPECT_TRUE(store.Apply(Of({}, {"./DevDetail"}), kStart + seconds(2)).large_objects);
}

TEST(OpenTree, MarksPagesWithObjects) {
  Store store;
  Node object = Leaf("./FUMO", "");
  EXPECT_FALSE(store.Apply(Of({Leaf("./A", "1")}), kStart).pages[0].objects);
  object.format = "node";
  object.type = "urn:oma:mo:oma-fumo:1.0";
  EXPECT_TRUE(store.Apply(Of({object}), kStart + seconds(1)).pages[0].objects);
}

TEST(OpenTree, AChangeInALargeTreeTouchesOnePage) {
  Store store;
  std::vector<Node> nodes;
  for (int i = 1000; i < 3000; ++i) nodes.push_back(Leaf("./T/" + std::to_string(i), "value"));
  store.Apply(Of(std::move(nodes)), kStart);
  EXPECT_GT(store.pages().size(), 10U);
  const TimePoint next = kStart + seconds(1);
  const TreeChange change = store.Apply(Of({Leaf("./T/2345", "w", next)}), next);
  EXPECT_THAT(change.pages, SizeIs(1));
  EXPECT_EQ(store.Values()["./T/2345"], "w");
  EXPECT_THAT(store.Values(), SizeIs(2000));
  store.Apply(Of({}, {"./T"}), next);
  EXPECT_THAT(store.pages(), IsEmpty());
}

TEST(OpenTree, SmallPagesOfAWholeTreeAreJoined) {
  Store store;
  std::vector<Node> nodes;
  for (int i = 100; i < 180; ++i)
    nodes.push_back(Leaf("./" + std::to_string(i) + "/x", "0123456789012345"));
  store.Apply(Of(nodes), kStart);
  ASSERT_GT(store.pages().size(), 1U);
  std::vector<std::string> most;
  for (int i = 105; i < 180; ++i) most.push_back("./" + std::to_string(i));
  store.Apply(Of({}, most), kStart + seconds(1));
  EXPECT_THAT(store.pages(), SizeIs(1));
  EXPECT_THAT(store.Values(), SizeIs(5));
}

// What the tree must say, a map at a time.
class Model {
 public:
  void Apply(Report report, TimePoint now) {
    Normalise(report, now);
    for (const std::string& root : report.deleted) {
      std::erase_if(nodes_,
                    [&root](const auto& node) { return dmtree::IsSelfOrBelow(node.first, root); });
    }
    for (const Node& node : report.nodes) nodes_[node.uri] = node.value;
  }
  const std::map<std::string, std::string>& nodes() const { return nodes_; }

 private:
  std::map<std::string, std::string> nodes_;
};

TEST(OpenTree, SaysWhatAMapWouldSayAfterAnyReports) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    Store store;
    Model model;
    TimePoint now = kStart;
    const auto uri = [&random] {
      return "./" + std::to_string(random() % 7) + "/" + std::to_string(random() % 60);
    };
    for (int round = 0; round < 60; ++round) {
      now += seconds(1);
      Report report = Of({});
      for (unsigned i = random() % (round % 10 == 0 ? 200 : 8); i-- > 0;) {
        const size_t octets = random() % 10 == 0 ? 600 : random() % 80;
        report.nodes.push_back(
            Leaf(uri(), std::string(octets, static_cast<char>('a' + random() % 26)), now));
      }
      if (random() % 3 == 0) {
        report.deleted.push_back(random() % 4 == 0 ? "./" + std::to_string(random() % 7) : uri());
      }
      store.Apply(report, now);
      model.Apply(report, now);
      ASSERT_EQ(store.Values(), model.nodes()) << "seed " << seed << ", round " << round;
      ASSERT_EQ(store.pages().empty(), model.nodes().empty());
      size_t large = 0;
      for (const auto& [at, value] : model.nodes()) large += value.size() > kLargeOctets ? 1 : 0;
      ASSERT_EQ(store.large().size(), large);
    }
  }
}

TEST(RangesOf, ManyPlacesAreOneRange) {
  Report report = Of({Leaf("./B", "")}, {"./A"});
  EXPECT_THAT(RangesOf(report), SizeIs(2));
  for (int i = 0; i < 100; ++i) report.nodes.push_back(Leaf("./C" + std::to_string(i), ""));
  const std::vector<UriRange> ranges = RangesOf(report);
  ASSERT_THAT(ranges, SizeIs(1));
  EXPECT_EQ(ranges[0].first, "./A");
  EXPECT_EQ(ranges[0].last, "./C99");
}

TEST(OpenTree, ADamagedPageIsAnError) {
  const Result<OpenTree> tree = OpenTree::Open({{{"", 1, "nonsense"}}, true});
  EXPECT_EQ(tree.error().code, Code::kInternal);
}

}  // namespace
}  // namespace drover::tree
