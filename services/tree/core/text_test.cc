#include "services/tree/core/text.h"

#include <gtest/gtest.h>

namespace drover::tree {
namespace {

TEST(IsPlainText, TakesUtf8WithoutControlCharacters) {
  EXPECT_TRUE(IsPlainText("M\xc3\xbcller"));
  EXPECT_TRUE(IsPlainText(""));
  EXPECT_FALSE(IsPlainText(std::string_view("a\0b", 3)));
  EXPECT_FALSE(IsPlainText("a\nb"));
  EXPECT_FALSE(IsPlainText("\xff"));
}

TEST(Printable, HidesWhatWouldSpoilALine) {
  EXPECT_EQ(Printable("a\n\xff"), "a??");
  EXPECT_EQ(Printable(std::string(100, 'a')).size(), 64U);
}

TEST(CutUtf8, NeverCutsACharacter) {
  EXPECT_EQ(CutUtf8("ab\xc3\xa9", 4), "ab\xc3\xa9");
  EXPECT_EQ(CutUtf8("ab\xc3\xa9", 3), "ab");
  EXPECT_EQ(CutUtf8("abc", 2), "ab");
}

}  // namespace
}  // namespace drover::tree
