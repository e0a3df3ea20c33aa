#include "libs/base/result.h"

#include <memory>

#include <gtest/gtest.h>

namespace drover {
namespace {

Result<int> Half(int value) {
  if (value % 2 != 0) return InvalidArgument("odd");
  return value / 2;
}

Result<int> Quarter(int value) {
  DROVER_TRY(const int half, Half(value));
  DROVER_TRY(const int quarter, Half(half));
  return quarter;
}

Result<void> MustBeEven(int value) {
  DROVER_TRY(Half(value));
  return {};
}

TEST(Result, CarriesAValueOrAnErrorThroughTry) {
  EXPECT_EQ(Quarter(8).value(), 2);
  EXPECT_EQ(Quarter(6).error().code, Code::kInvalidArgument);
  EXPECT_TRUE(MustBeEven(2));
  EXPECT_EQ(MustBeEven(3).error().message, "odd");
}

TEST(Result, MovesOutWhatCannotBeCopied) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(7));
  const std::unique_ptr<int> value = std::move(result).value();
  EXPECT_EQ(*value, 7);
}

TEST(ResultDeathTest, ReadingAMissingValueEndsTheProcess) {
  EXPECT_DEATH({ (void)Half(1).value(); }, "check failed");
}

TEST(Code, HasTheNamesThatGrpcUses) {
  EXPECT_EQ(Name(Code::kOk), "OK");
  EXPECT_EQ(Name(Code::kUnauthenticated), "UNAUTHENTICATED");
}

}  // namespace
}  // namespace drover
