#include "tools/drover/exit_code.h"

#include <gtest/gtest.h>

namespace drover::cli {
namespace {

TEST(ExitCode, TellsTheKindsOfErrorApart) {
  const std::pair<Code, int> rows[] = {
      {Code::kOk, 0},
      {Code::kInternal, 1},
      {Code::kUnavailable, 1},
      {Code::kUnknown, 1},
      {Code::kResourceExhausted, 1},
      {Code::kInvalidArgument, 2},
      {Code::kNotFound, 3},
      {Code::kAlreadyExists, 4},
      {Code::kFailedPrecondition, 4},
      {Code::kAborted, 4},
      {Code::kDeadlineExceeded, 5},
      {Code::kUnauthenticated, 6},
      {Code::kPermissionDenied, 6},
  };
  for (const auto& [code, exit] : rows) EXPECT_EQ(static_cast<int>(ExitCodeOf(code)), exit);
}

}  // namespace
}  // namespace drover::cli
