#include "services/tree/core/page.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drover::tree {
namespace {

using std::chrono::seconds;
using testing::ElementsAre, testing::SizeIs;

const TimePoint kNow{seconds(1'800'000'000)};

PageNode Leaf(std::string uri, std::string_view value, TimePoint at = kNow) {
  PageNode node;
  node.uri = std::move(uri);
  node.format = CodeOfFormat("chr");
  node.type = CodeOfType("text/plain");
  node.reported_at = at;
  node.has_value = true;
  node.value = value;
  return node;
}

// What a node says, in one line.
std::string Line(const PageNode& node) {
  const auto coded = [](const Coded& word) {
    return word.text ? *word.text : std::to_string(word.code);
  };
  const auto time = [](TimePoint at) { return std::to_string((at - kNow).count()); };
  return node.uri + "|" + coded(node.format) + "|" + coded(node.type) + "|" +
         (node.has_value ? std::string(node.value) : "none") + "|" +
         (node.large ? std::to_string(node.large->octets) + node.large->md5.data()[0] : "here") +
         "|" + (node.acl ? std::string(*node.acl) : "unknown") + "|" + time(node.reported_at) +
         "|" + (node.since ? time(*node.since) : "then");
}

std::vector<std::string> Lines(std::span<const PageNode> nodes) {
  std::vector<std::string> lines;
  for (const PageNode& node : nodes) lines.push_back(Line(node));
  return lines;
}

std::vector<PageNode> OneOfEachKind() {
  std::vector<PageNode> nodes = {Leaf(".", ""),     Leaf("./A", "value"),
                                 Leaf("./A/b", ""), Leaf("./A/c", "", kNow - seconds(5)),
                                 Leaf("./B", "x"),  Leaf("./Z/long", "")};
  nodes[1].acl = "Get=*";
  nodes[2].has_value = false;
  nodes[2].format = {kInText, "x-format"};
  nodes[2].type = {kInText, "urn:vendor:mo"};
  nodes[3].since = kNow - seconds(100'000);
  nodes[3].acl = "";
  nodes[4].since = kNow + seconds(1);
  nodes[5].large = DigestOf(std::string(100'000, 'x'));
  return nodes;
}

TEST(Page, ComesBackAsItWas) {
  const std::vector<PageNode> nodes = OneOfEachKind();
  for (const TimePoint base : {kNow, TimePoint(), TimePoint::max(), TimePoint::min()}) {
    const std::string content = EncodePage(nodes, base);
    const Result<Page> page = DecodePage(content);
    ASSERT_TRUE(page) << page.error();
    EXPECT_EQ(Lines(page->nodes), Lines(nodes));
    EXPECT_EQ(page->base, base);
  }
}

TEST(Page, KeepsANodeInItsValueAndSomeOctets) {
  const std::vector<PageNode> nodes = {Leaf("./NAP/AP0/ADDR", "apn0.example.net"),
                                       Leaf("./NAP/AP0/NAME", "Internet 0")};
  const std::string one = EncodePage(std::span(nodes).first(1), kNow);
  EXPECT_EQ(EncodePage(nodes, kNow).size() - one.size(), 1 + 1 + 4 + 1 + 1 + 1 + 1 + 10U);
}

TEST(Page, OfAnyRandomNodesComesBack) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> uris;
    for (unsigned i = random() % 60; i-- > 0;) {
      uris.push_back("./" + std::to_string(random() % 10) + "/" + std::to_string(random()));
    }
    std::ranges::sort(uris);
    uris.erase(std::unique(uris.begin(), uris.end()), uris.end());
    const std::string value(400, 'v');
    std::vector<PageNode> nodes;
    for (std::string& uri : uris) {
      nodes.push_back(Leaf(std::move(uri), std::string_view(value).substr(random() % 400),
                           kNow - seconds(random() % 3)));
      if (random() % 4 == 0) nodes.back().since = kNow - seconds(random());
    }
    const TimePoint base = BaseOf(nodes, TimePoint());
    std::vector<std::string> lines;
    for (const EncodedPage& encoded : EncodePages(nodes, base)) {
      EXPECT_LE(encoded.content.size(), kPageOctets);
      const Result<Page> page = DecodePage(encoded.content);
      ASSERT_TRUE(page) << page.error();
      for (const PageNode& node : page->nodes) lines.push_back(Line(node));
    }
    EXPECT_EQ(lines, Lines(nodes));
  }
}

TEST(Page, ThatIsCutOffIsDamaged) {
  const std::string content = EncodePage(OneOfEachKind(), kNow);
  size_t whole = 0;
  for (size_t size = 0; size < content.size(); ++size) {
    const Result<Page> page = DecodePage(std::string_view(content).substr(0, size));
    if (page) {
      ++whole;  // Cut between two nodes.
    } else {
      EXPECT_EQ(page.error().code, Code::kInternal);
    }
  }
  EXPECT_EQ(whole, 6U);
}

TEST(Page, OfNonsenseIsDamaged) {
  const std::string header(EncodePage({}, kNow));
  const auto refused = [&header](const std::string& entries) {
    return !DecodePage(header + entries).has_value();
  };
  EXPECT_TRUE(DecodePage(header));
  EXPECT_FALSE(DecodePage("\x02" + header.substr(1))) << "another release's form";
  EXPECT_TRUE(refused(std::string("\0\1A\x80\0\0", 6))) << "a flag that nobody knows";
  EXPECT_TRUE(refused(std::string("\0\1A\x06\0\0\0", 7))) << "large without a value";
  EXPECT_TRUE(refused(std::string("\1\1A\x04\0\0", 6))) << "shares what is not there";
  EXPECT_TRUE(refused(std::string("\0\1B\x04\0\0\0\1A\x04\0\0", 12))) << "in the wrong order";
  EXPECT_TRUE(refused(std::string("\0\0\x04\0\0", 5))) << "an empty URI";
  EXPECT_TRUE(refused(std::string("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 10)));
  EXPECT_TRUE(refused(std::string("\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11)));
}

TEST(Page, OneNodeIsFoundWithoutTheRest) {
  std::string content = EncodePage(OneOfEachKind(), kNow);
  content += '\xff';
  EXPECT_EQ(FindInPage(content, "./A").value()->value, "value");
  EXPECT_FALSE(FindInPage(content, "./A/a").value().has_value());
  EXPECT_FALSE(FindInPage(content, "./Zz").has_value()) << "what follows is damaged";
}

TEST(Page, ThatIsFullIsSplitIntoPagesWithRoom) {
  const std::string value(100, 'v');
  std::vector<PageNode> nodes;
  for (int i = 100; i < 200; ++i) nodes.push_back(Leaf("./A/" + std::to_string(i), value));
  const std::vector<EncodedPage> pages = EncodePages(nodes, kNow);
  EXPECT_THAT(pages, SizeIs(8));
  for (const EncodedPage& page : pages) {
    EXPECT_GT(page.content.size(), kPageOctets / 2);
    EXPECT_LT(page.content.size(), kPageOctets * 9 / 10);
  }
}

TEST(Page, ANodeLargerThanAPageStandsAlone) {
  const std::string acl(4096, 'a');
  std::vector<PageNode> nodes = {Leaf("./A", "1"), Leaf("./B", "2"), Leaf("./C", "3")};
  nodes[1].acl = acl;
  std::vector<size_t> counts;
  for (const EncodedPage& page : EncodePages(nodes, kNow)) counts.push_back(page.nodes.size());
  EXPECT_THAT(counts, ElementsAre(1, 1, 1));
}

TEST(Page, TheBaseIsTheTimeOfMost) {
  const TimePoint later = kNow + seconds(1);
  const std::vector<PageNode> nodes = {Leaf("./A", "", later), Leaf("./B", ""),
                                       Leaf("./C", "", later)};
  EXPECT_EQ(BaseOf(nodes, kNow), later);
  EXPECT_EQ(BaseOf(std::span(nodes).first(2), kNow), kNow) << "of as many, what it was";
  EXPECT_EQ(BaseOf({}, kNow), kNow);
}

TEST(Page, ObjectsAreInteriorNodesWithATypeOfTheirOwn) {
  PageNode node = Leaf("./FUMO", "");
  EXPECT_FALSE(MayBeObject(node));
  node.type = CodeOfType("urn:oma:mo:oma-fumo:1.0");
  EXPECT_FALSE(MayBeObject(node)) << "a leaf";
  node.format = CodeOfFormat("node");
  EXPECT_TRUE(MayBeObject(node));
  node.type = {kInText, "urn:vendor:mo:1.0"};
  node.format = {};
  EXPECT_TRUE(MayBeObject(node));
  node.type = CodeOfType("text/plain");
  EXPECT_FALSE(MayBeObject(node));
}

}  // namespace
}  // namespace drover::tree
