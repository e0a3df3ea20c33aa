#include "services/tree/core/uri.h"

#include <gtest/gtest.h>

namespace drover::tree {
namespace {

TEST(CheckUri, TakesTheRootAndWhatIsBelow) {
  EXPECT_TRUE(CheckUri("."));
  EXPECT_TRUE(CheckUri("./DevInfo/Man"));
  EXPECT_TRUE(CheckUri("./a b/\xc3\xa9"));
}

TEST(CheckUri, RefusesWhatIsNoPathFromTheRoot) {
  for (const char* uri :
       {"", "./", "DevInfo", "/DevInfo", "./A/", "./A//B", "./A?prop=ACL", "./\xff", "./a\tb"}) {
    EXPECT_FALSE(CheckUri(uri)) << uri;
  }
  EXPECT_FALSE(CheckUri("./" + std::string(kMaxUriOctets, 'a')));
}

TEST(SubtreeOf, HoldsTheNodeAndWhatIsBelowAndNoNamesake) {
  const SubtreeBounds bounds = SubtreeOf("./A");
  const auto holds = [&bounds](std::string_view uri) {
    return uri == bounds.at || (uri >= bounds.from && uri < bounds.end);
  };
  EXPECT_TRUE(holds("./A"));
  EXPECT_TRUE(holds("./A/x"));
  EXPECT_TRUE(holds("./A/\xef\xbf\xbf"));
  EXPECT_FALSE(holds("./AB"));
  EXPECT_FALSE(holds("./A-B"));
  EXPECT_FALSE(holds("./A0"));
  EXPECT_FALSE(holds("."));
}

}  // namespace
}  // namespace drover::tree
