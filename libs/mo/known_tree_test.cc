#include "libs/mo/known_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drover::mo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(KnownTree, KnowsANodeByItselfByWhatIsBelowItAndByItsParentsList) {
  KnownTree tree;
  tree.Add("./A/B/C", false, "x");
  tree.Add("./A/D", true, "E/F");
  for (const char* uri : {"./A/B/C", "./A/B", "./A", "./A/D/E", "./A/D/F"}) {
    EXPECT_TRUE(tree.Has(uri)) << uri;
  }
  for (const char* uri : {"./A/B/C/D", "./A/D/G", "./AB", "./A/B/CC"}) {
    EXPECT_FALSE(tree.Has(uri)) << uri;
  }
}

TEST(KnownTree, HasValuesOfLeavesAndChildrenOfNodes) {
  KnownTree tree;
  tree.Add("./A/B/C", false, "x");
  tree.Add("./A/B2", false, "y");
  tree.Add("./A", true, "B/B2/Z");
  EXPECT_EQ(tree.Value("./A/B/C"), "x");
  EXPECT_EQ(tree.Value("./A"), "");
  EXPECT_THAT(tree.Children("./A"), ElementsAre("./A/B", "./A/B2", "./A/Z"));
  EXPECT_THAT(tree.Children("./A/B2"), IsEmpty());
}

}  // namespace
}  // namespace drover::mo
