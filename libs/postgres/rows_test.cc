#include "libs/postgres/rows.h"

#include <gtest/gtest.h>

#include "libs/base/bytes.h"
#include "libs/postgres/types.h"

namespace drover::postgres {
namespace {

std::string HexOf(const Param& param) { return base::Hex(*param.octets()); }

TEST(Param, EncodesScalarsBigEndian) {
  EXPECT_EQ(HexOf(Param::Bool(true)), "01");
  EXPECT_EQ(HexOf(Param::Int2(-2)), "fffe");
  EXPECT_EQ(HexOf(Param::Int4(0x01020304)), "01020304");
  EXPECT_EQ(HexOf(Param::Int8(-1)), "ffffffffffffffff");
  EXPECT_EQ(HexOf(Param::Text("ab")), "6162");
  EXPECT_FALSE(Param::Null(kText).octets());
}

TEST(Param, CountsTimestampsFromTheYear2000) {
  EXPECT_EQ(HexOf(Param::Timestamptz(kEpoch)), "0000000000000000");
  EXPECT_EQ(HexOf(Param::Timestamptz(kEpoch - std::chrono::microseconds(1))), "ffffffffffffffff");
}

TEST(Param, EncodesArraysWithTheirElementType) {
  EXPECT_EQ(HexOf(Param::Int4Array({7})),
            "0000000100000001000000170000000100000001"
            "0000000400000007");
  EXPECT_EQ(HexOf(Param::Int4Array({})), "000000000000000100000017");
  const std::vector<std::optional<std::string>> texts = {"a", std::nullopt};
  EXPECT_EQ(HexOf(Param::TextArray(texts)),
            "0000000100000001000000190000000200000001"
            "0000000161ffffffff");
}

TEST(CodeOf, MapsTheClassesOfSqlstate) {
  EXPECT_EQ(CodeOf("23505"), Code::kAlreadyExists);
  EXPECT_EQ(CodeOf("23503"), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf("22P02"), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf("40001"), Code::kAborted);
  EXPECT_EQ(CodeOf("40P01"), Code::kAborted);
  EXPECT_EQ(CodeOf("53300"), Code::kResourceExhausted);
  EXPECT_EQ(CodeOf("57P01"), Code::kUnavailable);
  EXPECT_EQ(CodeOf("42P01"), Code::kInternal);
  EXPECT_EQ(CodeOf(""), Code::kInternal);
}

TEST(Rows, AreEmptyWhenThereIsNoResult) {
  const Rows rows;
  EXPECT_EQ(rows.size(), 0u);
  EXPECT_EQ(rows.affected(), 0);
}

}  // namespace
}  // namespace drover::postgres
