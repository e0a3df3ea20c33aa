#include "libs/dmtree/ddf.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/bytes.h"

namespace drover::dmtree {
namespace {

using testing::HasSubstr;
using Kind = DdfMatch::Kind;

std::string Tree(const std::string& nodes) {
  return "<MgmtTree><VerDTD>1.2</VerDTD><Man>Acme</Man><Mod>Phone 9</Mod>" + nodes + "</MgmtTree>";
}
// A node with its DFProperties' content and the nodes below.
std::string Node(const std::string& name, const std::string& properties,
                 const std::string& below = "", const std::string& path = "") {
  return "<Node><NodeName>" + name + "</NodeName>" +
         (path.empty() ? "" : "<Path>" + path + "</Path>") + "<DFProperties>" + properties +
         "</DFProperties>" + below + "</Node>";
}
const std::string kGet = "<AccessType><Get/></AccessType>";
const std::string kInterior = kGet + "<DFFormat><node/></DFFormat>";

const std::string kPhone = Tree(
    Node("DevInfo", kInterior,
         Node("Man", kGet + "<DFFormat><chr/></DFFormat><Scope><Permanent/></Scope>")) +
    Node("Con", kInterior,
         Node("",
              "<AccessType><Add/><Get/><Delete/></AccessType><DFFormat><node/></DFFormat>"
              "<Occurrence><ZeroOrN>4</ZeroOrN></Occurrence><Scope><Dynamic/></Scope>",
              Node("APN", "<AccessType><Get/><Replace/></AccessType><DFFormat><chr/></DFFormat>")) +
             Node("Default", kGet + "<DFFormat><chr/></DFFormat>")) +
    Node("FUMO", kInterior + "<DFType><DDFName>urn:oma:mo:oma-fumo:1.0</DDFName></DFType>") +
    Node("SCM", kInterior + "<DFType><DDFName>urn:oma:mo:oma-scomo:1.0</DDFName></DFType>") +
    Node("",
         "<AccessType><Get/></AccessType><DFFormat><node/></DFFormat>"
         "<DFType><DDFName>urn:oma:mo:oma-fumo:1.0</DDFName></DFType>",
         Node("Update", "<AccessType><Exec/><Get/></AccessType><DFFormat><node/></DFFormat>") +
             Node("Ext", kInterior)));

Ddf Phone() {
  const Result<Ddf> ddf = DecodeDdf(kPhone);
  EXPECT_TRUE(ddf) << ddf.error();
  return *ddf;
}

TEST(DecodeDdf, ReadsADescription) {
  const Ddf ddf = Phone();
  EXPECT_EQ(ddf.manufacturer, "Acme");
  EXPECT_EQ(ddf.model, "Phone 9");
  EXPECT_EQ(ddf.Count(), 11U);
  const DdfNode& connection = ddf.nodes[1].children[0];
  EXPECT_TRUE(connection.Allows(DdfAccess::kAdd));
  EXPECT_FALSE(connection.Allows(DdfAccess::kReplace));
  EXPECT_EQ(connection.occurrence, (DdfOccurrence{DdfOccurrence::Kind::kZeroOrN, 4}));
  EXPECT_EQ(connection.permanent, false);
  EXPECT_EQ(ddf.nodes[0].children[0].permanent, true);
  EXPECT_EQ(ddf.nodes[2].types, (std::vector<NodeType>{{"urn:oma:mo:oma-fumo:1.0", true}}));
}

TEST(DecodeDdf, NamesTheNodeThatIsNotRight) {
  const std::pair<std::string, std::string> cases[] = {
      {Node("A", "", Node("", "<DFFormat><word/></DFFormat>")), "node \"A/<X>\": Format \"word\""},
      {Node("A", "<Occurrence><Often/></Occurrence>"), "node \"A\": Occurrence \"Often\""},
      {Node("A", "<Occurrence><ZeroOrN>many</ZeroOrN></Occurrence>"), "Occurrence of \"many\""},
      {Node("A/B", ""), "in a NodeName"},
      {"", "without a Node"},
  };
  for (const auto& [nodes, what] : cases) {
    const Result<Ddf> ddf = DecodeDdf(Tree(nodes));
    ASSERT_FALSE(ddf) << nodes;
    EXPECT_THAT(ddf.error().message, HasSubstr(what));
  }
  EXPECT_EQ(DecodeDdf(kPhone, {.nodes = 5}).error().code, Code::kOutOfRange);
}

TEST(DdfMatch, FindsTheRuleOfANode) {
  const Ddf ddf = Phone();
  EXPECT_EQ(ddf.Match("./DevInfo/Man").node->permanent, true);
  const DdfMatch apn = ddf.Match("./Con/internet/APN");
  ASSERT_EQ(apn.kind, Kind::kDescribed);
  EXPECT_EQ(apn.node->name, "APN");
  EXPECT_EQ(apn.parent->name, "");
}

TEST(DdfMatch, GivesANameTheWayBeforeNoName) {
  const Ddf ddf = Phone();
  EXPECT_EQ(ddf.Match("./Con/Default").node->format, "chr");
  EXPECT_EQ(ddf.Match("./Con/Other").node->format, "node");
  EXPECT_EQ(ddf.Match("./Con/D%65fault").node->format, "chr") << "names are compared decoded";
}

TEST(DdfMatch, KnowsWhatIsNotThereAndWhere) {
  const Ddf ddf = Phone();
  const DdfMatch missing = ddf.Match("./Con/internet/Proxy/Port");
  EXPECT_EQ(missing.kind, Kind::kAbsent);
  EXPECT_EQ(missing.at, "./Con/internet");
  EXPECT_EQ(ddf.Match("./Nowhere/X").kind, Kind::kAbsent) << "DevInfo is there: so is all";
  EXPECT_EQ(ddf.Match("./DevInfo/Man/x").kind, Kind::kAbsent) << "a leaf has nothing below";
}

TEST(DdfMatch, FollowsTheNameOfAManagementObject) {
  const Ddf ddf = Phone();
  EXPECT_TRUE(ddf.Match("./FUMO/Update").node->Allows(DdfAccess::kExec));
  EXPECT_EQ(ddf.Match("./FUMO/Upgrade").kind, Kind::kAbsent);
  EXPECT_EQ(ddf.Match("./FUMO/Ext/Vendor/x").kind, Kind::kUnknown) << "anything below Ext";
  EXPECT_EQ(ddf.Match("./SCM/Inventory").kind, Kind::kUnknown) << "described elsewhere";
}

TEST(DdfMatch, OfAPartSaysNothingOfTheRest) {
  const Result<Ddf> ddf = DecodeDdf(Tree(Node("Con", kInterior, "", "./Vendor")));
  ASSERT_TRUE(ddf);
  EXPECT_EQ(ddf->Match("./Vendor/Con").kind, Kind::kDescribed);
  EXPECT_EQ(ddf->Match("./Vendor/Con/x").kind, Kind::kAbsent);
  EXPECT_EQ(ddf->Match("./Vendor").kind, Kind::kUnknown);
  EXPECT_EQ(ddf->Match("./Con").kind, Kind::kUnknown);
}

TEST(DdfMatch, TheMoreLocalDescriptionWins) {
  const Result<Ddf> ddf =
      DecodeDdf(Tree(Node("A", kInterior, Node("B", kInterior, Node("old", kGet))) +
                     Node("B", kInterior, Node("new", kGet), "./A")));
  ASSERT_TRUE(ddf);
  EXPECT_EQ(ddf->Match("./A/B/new").kind, Kind::kDescribed);
  EXPECT_EQ(ddf->Match("./A/B/old").kind, Kind::kAbsent);
  EXPECT_EQ(ddf->Match("./A").kind, Kind::kDescribed);
}

TEST(DdfMatch, OfARootDescribesTheWholeTree) {
  const Result<Ddf> ddf = DecodeDdf(Tree(Node(".", kInterior, Node("A", kGet))));
  ASSERT_TRUE(ddf);
  EXPECT_EQ(ddf->Match(".").kind, Kind::kDescribed);
  EXPECT_EQ(ddf->Match("./A").kind, Kind::kDescribed);
  EXPECT_EQ(ddf->Match("./B").kind, Kind::kAbsent);
}

TEST(DdfMatch, IgnoresCaseWhereTheDescriptionSaysSo) {
  const Result<Ddf> ddf =
      DecodeDdf(Tree(Node("DevInfo", kInterior) +
                     Node("A", kInterior + "<CaseSense><CIS/></CaseSense>", Node("Bcd", kGet))));
  ASSERT_TRUE(ddf);
  EXPECT_EQ(ddf->Match("./a/bCD").kind, Kind::kDescribed);
  EXPECT_EQ(ddf->Match("./devinfo").kind, Kind::kAbsent);
}

// --- Properties ---------------------------------------------------------------------------------

class RandomDdf {
 public:
  explicit RandomDdf(uint64_t seed) : random_(seed) {}
  Ddf Make() {
    Ddf ddf{Maybe() ? Text() : "", Maybe() ? Text() : "", {}};
    const size_t count = 1 + Below(3);
    for (size_t i = 0; i < count; ++i) {
      ddf.nodes.push_back(Node(0));
      if (Maybe()) ddf.nodes.back().path = "./" + Text();
    }
    return ddf;
  }

 private:
  size_t Below(size_t n) { return random_() % n; }
  bool Maybe() { return Below(2) == 0; }
  std::string Text() {
    std::string text = "x";
    for (size_t i = Below(6); i > 0; --i) text += "ab &<>\"'"[Below(8)];
    return text + "\xc3\xa9";
  }
  DdfNode Node(int depth) {
    constexpr const char* kFormats[] = {"", "b64", "bin", "bool", "chr", "int", "node", "float"};
    DdfNode node;
    if (Maybe()) node.name = Text();
    node.access = static_cast<uint8_t>(Below(64));
    if (Maybe()) node.default_value = Maybe() ? "" : Text();
    if (Maybe()) node.description = Maybe() ? "" : Text();
    if (Maybe()) node.title = Text();
    node.format = kFormats[Below(8)];
    if (Maybe()) node.permanent = Maybe();
    if (Maybe()) node.case_sensitive = Maybe();
    if (Maybe()) node.rt_properties = NodeProperties{.acl = "", .format = "chr"};
    if (Maybe()) {
      const auto kind = static_cast<DdfOccurrence::Kind>(Below(6));
      node.occurrence = DdfOccurrence{kind, kind >= DdfOccurrence::Kind::kZeroOrN ? 7U : 0U};
    }
    for (size_t i = Below(3); i > 0; --i) node.types.push_back({Maybe() ? Text() : "", Maybe()});
    const bool binary = node.format == "bin" || node.format == "b64";
    if (Maybe()) node.value = binary ? std::string("\0\xff\3", 3) : Text();
    for (size_t i = depth < 4 ? Below(4) : 0; i > 0; --i) node.children.push_back(Node(depth + 1));
    return node;
  }
  std::mt19937_64 random_;
};

TEST(Ddf, ComesBackFromBothEncodingsAsItWas) {
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    const Ddf ddf = RandomDdf(seed).Make();
    for (const TndsForm form : {TndsForm::kXml, TndsForm::kWbxml}) {
      const Result<Ddf> read = DecodeDdf(EncodeDdf(ddf, form));
      ASSERT_TRUE(read) << seed << ": " << read.error();
      ASSERT_EQ(*read, ddf) << seed << "\n" << EncodeDdf(ddf, TndsForm::kXml);
    }
  }
}

}  // namespace
}  // namespace drover::dmtree
