#include "services/tree/core/node_codes.h"

#include <gtest/gtest.h>

namespace drover::tree {
namespace {

// These numbers are in databases.
TEST(NodeCodes, KeepTheirNumbers) {
  EXPECT_EQ(CodeOfFormat("chr").code, 1);
  EXPECT_EQ(CodeOfFormat("node").code, 4);
  EXPECT_EQ(CodeOfFormat("time").code, 11);
  EXPECT_EQ(CodeOfType("text/plain").code, 1);
  EXPECT_EQ(CodeOfType("org.openmobilealliance/1.0/w7").code, 16);
}

TEST(NodeCodes, GoBackToTheWordsTheyCameFrom) {
  for (int16_t code = 1; code <= 11; ++code) {
    EXPECT_EQ(CodeOfFormat(FormatOf(code)).code, code);
    EXPECT_FALSE(CodeOfFormat(FormatOf(code)).text);
  }
  for (int16_t code = 1; code <= 16; ++code) EXPECT_EQ(CodeOfType(TypeOf(code)).code, code);
}

TEST(NodeCodes, KeepAnUnknownWordAsText) {
  const Coded coded = CodeOfType("application/x-vendor");
  EXPECT_EQ(coded.code, kInText);
  EXPECT_EQ(coded.text, "application/x-vendor");
}

TEST(NodeCodes, KeepNoTextForNoWord) {
  EXPECT_EQ(CodeOfFormat("").code, kInText);
  EXPECT_FALSE(CodeOfFormat("").text);
}

TEST(NodeCodes, KnowNoWordForTheNumberOfANewerRelease) {
  EXPECT_EQ(FormatOf(99), "");
  EXPECT_EQ(FormatOf(-1), "");
}

}  // namespace
}  // namespace drover::tree
