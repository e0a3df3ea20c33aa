#include "libs/dmtree/loc_uri.h"

#include <gtest/gtest.h>

namespace drover::dmtree {
namespace {

TEST(LocUri, IsNormalisedToStartAtTheRoot) {
  struct Row {
    const char* text;
    const char* path;
    Query query = Query::kNone;
    const char* value = "";
  };
  const Row rows[] = {
      {".", "."},
      {"./", "."},
      {"./DevInfo", "./DevInfo"},
      {"DevInfo/Man", "./DevInfo/Man"},
      {"./DevInfo/Man", "./DevInfo/Man"},
      {".Hidden", "./.Hidden"},
      {"./A/...", "./A/..."},
      {"./A/%2e%2E%2e", "./A/%2e%2E%2e"},
      {"./Vendor/MSFT/a%20b", "./Vendor/MSFT/a%20b"},
      {"./N\xC3\xA9", "./N\xC3\xA9"},
      {"./A?prop=ACL", "./A", Query::kProp, "ACL"},
      {"A?list=TNDS+Value", "./A", Query::kList, "TNDS+Value"},
      {".?list=Struct", ".", Query::kList, "Struct"},
      {"./?prop=Type", ".", Query::kProp, "Type"},
  };
  for (const Row& row : rows) {
    const Result<LocUri> uri = LocUri::Parse(row.text);
    ASSERT_TRUE(uri) << row.text << ": " << uri.error();
    EXPECT_EQ(uri->path(), row.path);
    EXPECT_EQ(uri->query(), row.query) << row.text;
    EXPECT_EQ(uri->query_value(), row.value) << row.text;
    EXPECT_EQ(LocUri::Parse(uri->ToString()).value().ToString(), uri->ToString());
  }
}

TEST(LocUri, IsRefusedWhenItAddressesNoNode) {
  for (const char* text : {"",
                           "/",
                           "/DevInfo",
                           "./A/",
                           "./A//B",
                           "..",
                           "../A",
                           "./../A",
                           "./A/../B",
                           "./A/./B",
                           "./A/%2e%2e/B",
                           "./A/%2E",
                           "././A",
                           ".//A",
                           "?prop=ACL",
                           "./A?",
                           "./A?prop=",
                           "./A?prop",
                           "./A?Prop=ACL",
                           "./A?list=Struct?prop=ACL",
                           "./A?prop=ACL&list=Struct",
                           "./A?x=y",
                           "./A\n",
                           "./A\x7F",
                           "./\xFF",
                           "./\xC0\x80"}) {
    const Result<LocUri> uri = LocUri::Parse(text);
    ASSERT_FALSE(uri) << text;
    EXPECT_EQ(uri.error().code, Code::kInvalidArgument) << text;
  }
}

TEST(LocUri, KeepsToTheLimitsOfTheTerminal) {
  const LocUriLimits limits{.depth = 3, .segment_characters = 4, .total_characters = 14};
  for (const char* good :
       {"./A/B/C", "./AAAA", "./\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9", "A?prop=Type"}) {
    EXPECT_TRUE(LocUri::Parse(good, limits)) << good;
  }
  for (const char* bad : {"./A/B/C/D", "./AAAAA", "./AAAA?prop=ACL", "./AAA/AAA/AAA/A"}) {
    const Result<LocUri> uri = LocUri::Parse(bad, limits);
    ASSERT_FALSE(uri) << bad;
    EXPECT_EQ(uri.error().code, Code::kOutOfRange) << bad;
  }
}

TEST(LocUri, HasOneCanonicalFormANode) {
  struct Row {
    const char* text;
    const char* canonical;
  };
  const Row rows[] = {
      {".", "."},
      {"DevInfo/Man", "./DevInfo/Man"},
      {"./%44evInfo", "./DevInfo"},
      {"./a%20b", "./a%20b"},
      {"./a b", "./a%20b"},
      {"./a%2fb", "./a%2Fb"},
      {"./a/b", "./a/b"},
      {"./50%", "./50%25"},
      {"./50%25", "./50%25"},
      {"./50%2", "./50%252"},
      {"./%3Fprop", "./%3Fprop"},
      {"./\xC3\xA9", "./%C3%A9"},
      {"./%c3%a9", "./%C3%A9"},
      {"./%00", "./%00"},
      {"./A?prop=ACL", "./A"},
  };
  for (const Row& row : rows) {
    const std::string canonical = LocUri::Parse(row.text).value().Canonical();
    EXPECT_EQ(canonical, row.canonical);
    EXPECT_EQ(LocUri::Parse(canonical).value().Canonical(), canonical);
  }
}

TEST(LocUri, KnowsItsSegmentsNameAndParent) {
  const LocUri uri = LocUri::Parse("./A/B%2F/C?prop=Name").value();
  EXPECT_EQ(uri.Segments(), (std::vector<std::string_view>{"A", "B%2F", "C"}));
  EXPECT_EQ(uri.Name(), "C");
  EXPECT_EQ(uri.Parent()->ToString(), "./A/B%2F");
  EXPECT_EQ(uri.Parent()->Parent()->Parent()->path(), ".");
  const LocUri root = LocUri::Parse(".").value();
  EXPECT_TRUE(root.is_root());
  EXPECT_TRUE(root.Segments().empty());
  EXPECT_EQ(root.Name(), "");
  EXPECT_EQ(root.Parent(), std::nullopt);
}

TEST(IsSelfOrBelow, ComparesWholeSegments) {
  EXPECT_TRUE(IsSelfOrBelow("./A/B", "./A"));
  EXPECT_TRUE(IsSelfOrBelow("./A", "./A"));
  EXPECT_TRUE(IsSelfOrBelow("./A", "."));
  EXPECT_FALSE(IsSelfOrBelow("./AB", "./A"));
  EXPECT_FALSE(IsSelfOrBelow("./A", "./A/B"));
}

TEST(Segment, IsEncodedAndDecoded) {
  EXPECT_EQ(EncodeSegment("50%/a b?\x01"), "50%25%2Fa%20b%3F%01");
  EXPECT_EQ(DecodeSegment("50%25%2Fa%20b%3F%01"), "50%/a b?\x01");
  EXPECT_EQ(DecodeSegment("5%zz%2"), "5%zz%2");
  EXPECT_EQ(EncodeSegment("\xC3\xA9"), "\xC3\xA9");
}

}  // namespace
}  // namespace drover::dmtree
