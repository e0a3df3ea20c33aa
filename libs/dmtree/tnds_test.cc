#include "libs/dmtree/tnds.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/bytes.h"
#include "libs/syncml/document.h"
#include "libs/syncml/testing/messages.h"

namespace drover::dmtree {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr TndsForm kForms[] = {TndsForm::kXml, TndsForm::kWbxml, TndsForm::kInline};

std::vector<std::string> Uris(const Tnds& tnds) {
  std::vector<std::string> uris;
  for (const TndsNode& node : tnds.nodes) uris.push_back(node.uri);
  return uris;
}

std::string Tree(const std::string& nodes) {
  return "<MgmtTree xmlns=\"syncml:dmddf1.2\"><VerDTD>1.2</VerDTD>" + nodes + "</MgmtTree>";
}

// The Data of the first item of the first command.
std::string DataOf(const std::string& vector) {
  const std::string octets = syncml::testing::ReadVector(vector);
  const syncml::Decoded decoded = syncml::Decode(
      vector.ends_with(".xml") ? syncml::Encoding::kXml : syncml::Encoding::kWbxml, octets);
  EXPECT_TRUE(decoded) << vector;
  return std::string(decoded.document.message().commands.at(0).items.at(0).data->octets);
}

TEST(DecodeTnds, ReadsTheAccountOfABootstrap) {
  const Result<Tnds> tnds = DecodeTnds(DataOf("bootstrap.xml"));
  ASSERT_TRUE(tnds) << tnds.error();
  ASSERT_EQ(tnds->nodes.size(), 20U);
  const TndsNode& account = tnds->nodes[0];
  EXPECT_EQ(account.uri, "OperatorX");
  EXPECT_EQ(account.properties.format, "node");
  EXPECT_EQ(account.properties.type, (NodeType{"urn:oma:mo:oma-dm-dmacc:1.0", true}));
  EXPECT_EQ(account.properties.acl,
            "Get=com.mgmtsrv.manage&Replace=com.mgmtsrv.manage&Delete=com.mgmtsrv.manage");
  EXPECT_FALSE(account.value);
  for (const TndsNode& node : tnds->nodes) {
    if (node.uri == "OperatorX/AppAddr/1/Addr") {
      EXPECT_EQ(node.value, "https://dm.example.com/dm");
    }
    if (node.uri == "OperatorX/AppAuth/1/AAuthData") {
      EXPECT_EQ(base::Hex(*node.value), "00112233445566778899aabbccddeeff");
      EXPECT_EQ(node.properties.type, (NodeType{"application/octet-stream", false}));
    }
  }
}

TEST(DecodeTnds, ReadsWhatMessagesCarryInlineAndEmbedded) {
  for (const char* vector : {"tnds_inline.hex", "tnds_embedded.hex", "bootstrap_inline.hex"}) {
    const Result<Tnds> tnds = DecodeTnds(DataOf(vector));
    ASSERT_TRUE(tnds) << vector << ": " << tnds.error();
    EXPECT_THAT(Uris(*tnds), ElementsAre("N1")) << vector;
    EXPECT_EQ(tnds->nodes[0].properties.type, (NodeType{"urn:oma:mo:oma-dm-dmacc:1.0", true}));
  }
}

TEST(DecodeTnds, ReadsAnObjectInXmlWithPrefixesSpacesAndCData) {
  const Result<Tnds> tnds = DecodeTnds(
      "<?xml version=\"1.0\"?>\n<d:MgmtTree xmlns:d='syncml:dmddf1.2'>\n <d:VerDTD>1.2</d:VerDTD>"
      "<d:Man>Acme</d:Man><d:Mod>9</d:Mod>"
      "<d:Node> <d:NodeName> A </d:NodeName>\n<d:Path>./X/</d:Path>"
      "<d:RTProperties><d:Format><d:chr/></d:Format></d:RTProperties>"
      "<d:Value> a<![CDATA[<b>]]> </d:Value></d:Node></d:MgmtTree>");
  ASSERT_TRUE(tnds) << tnds.error();
  EXPECT_EQ(tnds->manufacturer, "Acme");
  EXPECT_EQ(tnds->model, "9");
  ASSERT_THAT(Uris(*tnds), ElementsAre("./X/A"));
  EXPECT_EQ(tnds->nodes[0].value, " a<b> ");
}

TEST(DecodeTnds, GivesParentsBeforeChildrenInTheOrderOfUris) {
  const Result<Tnds> tnds =
      DecodeTnds(Tree("<Node><NodeName>b</NodeName></Node>"
                      "<Node><NodeName>a</NodeName><Node><NodeName>z</NodeName></Node></Node>"
                      "<Node><NodeName>a-b</NodeName></Node>"));
  ASSERT_TRUE(tnds) << tnds.error();
  EXPECT_THAT(Uris(*tnds), ElementsAre("a", "a/z", "a-b", "b"));
}

TEST(DecodeTnds, NamesTheNodeThatIsNotRight) {
  const std::pair<std::string, std::string> cases[] = {
      {"<Node><NodeName>A</NodeName><Node><NodeName>x/y</NodeName></Node></Node>", "A/x/y"},
      {"<Node><NodeName>A</NodeName><Node><NodeName>..</NodeName></Node></Node>", "A/.."},
      {"<Node><NodeName>A</NodeName><Node/></Node>", "node \"A\": a node below it has no NodeName"},
      {"<Node><NodeName>A?prop=x</NodeName></Node>", "A?prop=x"},
      {"<Node><NodeName>A</NodeName></Node><Node><NodeName>A</NodeName></Node>",
       "\"A\" is there twice"},
      {"<Node><NodeName>A</NodeName><RTProperties><Format><word/></Format></RTProperties></Node>",
       "node \"A\": Format \"word\""},
      {"<Node><NodeName>A</NodeName><RTProperties><Format><b64/></Format></RTProperties>"
       "<Value>!</Value></Node>",
       "node \"A\": a Value of Format b64"},
      {"<Node><NodeName>A</NodeName><Value/><Node><NodeName>B</NodeName></Node></Node>",
       "a Value and nodes below"},
      {"<Node><NodeName>A</NodeName><Value/></Node><Node><NodeName>B</NodeName><Path>A</Path></"
       "Node>",
       "node \"A\": a Value and nodes below"},
  };
  for (const auto& [nodes, what] : cases) {
    const Result<Tnds> tnds = DecodeTnds(Tree(nodes));
    ASSERT_FALSE(tnds) << nodes;
    EXPECT_EQ(tnds.error().code, Code::kInvalidArgument) << nodes;
    EXPECT_THAT(tnds.error().message, HasSubstr(what));
  }
}

TEST(DecodeTnds, RefusesWhatIsNoManagementTree) {
  for (const std::string& text :
       {std::string(), std::string("<DevInf/>"), std::string("<MgmtTree>"), std::string("<<"),
        std::string("<MgmtTree>\xff</MgmtTree>"), std::string("\x03\x01\x6a\x00", 4),
        std::string("\x00\x02\x60", 3), Tree(std::string("\0", 1))}) {
    EXPECT_EQ(DecodeTnds(text).error().code, Code::kInvalidArgument) << text;
  }
}

TEST(DecodeTnds, HasLimits) {
  std::string deep;
  for (int i = 0; i < 65; ++i) deep += "<Node><NodeName>a</NodeName>";
  for (int i = 0; i < 65; ++i) deep += "</Node>";
  EXPECT_EQ(DecodeTnds(Tree(deep)).error().code, Code::kOutOfRange);
  const std::string two =
      Tree("<Node><NodeName>a</NodeName></Node><Node><NodeName>b</NodeName></Node>");
  EXPECT_EQ(DecodeTnds(two, {.nodes = 1}).error().code, Code::kOutOfRange);
  EXPECT_EQ(DecodeTnds(two, {.octets = 20}).error().code, Code::kOutOfRange);
  EXPECT_TRUE(DecodeTnds(two));
}

TEST(EncodeTnds, WritesTheThreeForms) {
  const Tnds tnds{"", "", {{"N1", {.format = "node", .type = NodeType{"urn:x", true}}, {}}}};
  EXPECT_EQ(EncodeTnds(tnds, TndsForm::kXml),
            Tree("<Node><NodeName>N1</NodeName><RTProperties><Format><node/></Format>"
                 "<Type><DDFName>urn:x</DDFName></Type></RTProperties></Node>"));
  const std::string elements =
      "0002"
      "60"
      "7703312e320001"
      "64"
      "66034e310001"
      "6f"
      "5c2501"
      "75510375726e3a78000101"
      "01"
      "01"
      "01";
  EXPECT_EQ(base::Hex(EncodeTnds(tnds, TndsForm::kInline)), elements);
  EXPECT_EQ(base::Hex(EncodeTnds(tnds, TndsForm::kWbxml)),
            "0300006a1b" + base::Hex("-//OMA//DTD-DM-DDF 1.2//EN") + "00" + elements);
}

TEST(EncodeTnds, NestsNodesWhoseParentsAreThereAndGivesOthersAPath) {
  const Tnds tnds{"", "", {{"./A/B/C", {}, "1"}, {"./A/B", {}, {}}, {"./X", {}, {}}}};
  EXPECT_EQ(EncodeTnds(tnds, TndsForm::kXml),
            Tree("<Node><NodeName>B</NodeName><Path>./A</Path><RTProperties/>"
                 "<Node><NodeName>C</NodeName><RTProperties/><Value>1</Value></Node></Node>"
                 "<Node><NodeName>X</NodeName><Path>.</Path><RTProperties/></Node>"));
}

TEST(EncodeTnds, WritesOctetsThatAreNoTextAsBin) {
  const std::string octets("\x02\0\xff", 3);
  const Tnds tnds{"", "", {{"A", {.format = "chr"}, octets}}};
  for (const TndsForm form : kForms) {
    const Result<Tnds> read = DecodeTnds(EncodeTnds(tnds, form));
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(read->nodes[0].value, octets);
    EXPECT_EQ(read->nodes[0].properties.format, "bin");
  }
}

TEST(PlaceAt, PutsTheOutermostNodeWhereItWasAskedFor) {
  const auto placed = [](std::vector<std::string> uris, const std::string& start) {
    Tnds tnds;
    for (std::string& uri : uris) tnds.nodes.push_back({std::move(uri), {}, {}});
    const Result<void> done = PlaceAt(tnds, start);
    EXPECT_TRUE(done) << done.error();
    return Uris(tnds);
  };
  EXPECT_THAT(placed({"B", "B/C"}, "./A/B"), ElementsAre("./A/B", "./A/B/C"));
  EXPECT_THAT(placed({"", "C"}, "./A/B"), ElementsAre("./A/B", "./A/B/C"));
  EXPECT_THAT(placed({"C", "D"}, "./A/B"), ElementsAre("./A/B/C", "./A/B/D"));
  EXPECT_THAT(placed({"./A/B", "./A/B/C"}, "./A/B"), ElementsAre("./A/B", "./A/B/C"));
  EXPECT_THAT(placed({"A/B", "A/B/C"}, "./A/B"), ElementsAre("./A/B", "./A/B/C"));
  EXPECT_THAT(placed({".", "./A"}, "."), ElementsAre(".", "./A"));
  EXPECT_THAT(placed({"A", "A/B"}, "."), ElementsAre("./A", "./A/B"));
}

TEST(PlaceAt, RefusesTwoNodesAtOnePlace) {
  Tnds tnds{"", "", {{"", {}, {}}, {"B", {}, {}}, {"./A/B", {}, {}}}};
  EXPECT_FALSE(PlaceAt(tnds, "./A/B"));
}

TEST(FillFormats, AreNodeForInteriorNodesAndChrForLeaves) {
  Tnds tnds{
      "", "", {{"A", {}, {}}, {"A/B", {}, {}}, {"A-B", {}, {}}, {"C", {.format = "int"}, {}}}};
  FillFormats(tnds);
  std::vector<std::string> formats;
  for (const TndsNode& node : tnds.nodes) formats.push_back(*node.properties.format);
  EXPECT_THAT(formats, ElementsAre("node", "chr", "chr", "int"));
}

// --- Properties ---------------------------------------------------------------------------------

class RandomTnds {
 public:
  explicit RandomTnds(uint64_t seed) : random_(seed) {}

  Tnds Make() {
    Tnds tnds{Maybe() ? Text() : "", Maybe() ? Text() : "", {}};
    std::vector<std::string> parents = {Maybe() ? "./P" : "top"};
    const size_t count = 1 + Below(12);
    for (size_t i = 0; i < count; ++i) {
      TndsNode node;
      node.uri = parents[Below(parents.size())] + "/" + Name() + std::to_string(i);
      node.properties = Properties();
      if (Maybe()) {
        parents.push_back(node.uri);
      } else if (Maybe()) {
        node.value = Value(node.properties);
      }
      tnds.nodes.push_back(std::move(node));
    }
    std::sort(tnds.nodes.begin(), tnds.nodes.end(),
              [](const TndsNode& a, const TndsNode& b) { return UriBefore(a.uri, b.uri); });
    return tnds;
  }

 private:
  size_t Below(size_t n) { return random_() % n; }
  bool Maybe() { return Below(2) == 0; }
  std::string Pick(std::string_view letters, size_t least, size_t most) {
    std::string text;
    const size_t size = least + Below(most - least + 1);
    for (size_t i = 0; i < size; ++i) text += letters[Below(letters.size())];
    return text;
  }
  std::string Name() { return Pick("aZ09-_.~%", 1, 6); }
  std::string Text() { return "x" + Pick("ab &<>\"'\r\n\t]]>", 0, 9) + "x\xc3\xa9"; }
  std::optional<std::string> MaybeText() {
    return Maybe() ? std::optional<std::string>(Maybe() ? Text() : "") : std::nullopt;
  }
  NodeProperties Properties() {
    NodeProperties properties;
    properties.acl = MaybeText();
    if (Maybe()) {
      constexpr const char* kFormats[] = {"b64", "bin", "bool", "chr", "int", "xml", "null"};
      properties.format = kFormats[Below(7)];
    }
    if (Maybe()) properties.type = NodeType{Maybe() ? Text() : "", Maybe()};
    properties.title = MaybeText();
    properties.size = MaybeText();
    properties.tstamp = MaybeText();
    properties.ver_no = MaybeText();
    return properties;
  }
  std::string Value(const NodeProperties& properties) {
    const std::string& format = properties.format.value_or("chr");
    if (format == "b64" || format == "bin")
      return Pick(std::string_view("\0\1\2\3\xff"
                                   "az\n",
                                   8),
                  0, 40);
    return Pick("ab &<>\"'\r\n\t]", 0, 40);
  }

  std::mt19937_64 random_;
};

TEST(Tnds, ComesBackFromEachFormAsItWas) {
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    const Tnds tnds = RandomTnds(seed).Make();
    for (const TndsForm form : kForms) {
      const Result<Tnds> read = DecodeTnds(EncodeTnds(tnds, form));
      ASSERT_TRUE(read) << seed << ": " << read.error();
      ASSERT_EQ(*read, tnds) << seed << "\n" << EncodeTnds(tnds, TndsForm::kXml);
    }
  }
}

TEST(Tnds, OfTenThousandNodesIsReadInOneGo) {
  Tnds tnds;
  for (int i = 0; i < 10'000; ++i) {
    const std::string group = "./Top/" + std::to_string(i / 100);
    if (i % 100 == 0) tnds.nodes.push_back({group, {.format = "node"}, {}});
    tnds.nodes.push_back({group + "/" + std::to_string(i), {.format = "chr"}, "value"});
  }
  for (const TndsForm form : kForms) {
    const Result<Tnds> read = DecodeTnds(EncodeTnds(tnds, form));
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(read->nodes.size(), tnds.nodes.size());
  }
}

}  // namespace
}  // namespace drover::dmtree
