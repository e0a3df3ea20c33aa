#include "libs/async/spacing.h"

#include <gtest/gtest.h>

namespace drover {
namespace {

using std::chrono::milliseconds;

TEST(Spacing, LetsWhoComesAfterAPauseBeginAtOnceAndTheNextOneLater) {
  asio::io_context loop;
  int due = 0;
  Spacing spacing(loop, milliseconds(20), [&] { ++due; });
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_TRUE(spacing.Begin());
  EXPECT_FALSE(spacing.Begin());
  EXPECT_FALSE(spacing.Begin());
  loop.run();
  EXPECT_EQ(due, 1) << "once for all that asked";
  EXPECT_GE(std::chrono::steady_clock::now() - begun, milliseconds(20));
  EXPECT_TRUE(spacing.Begin());
  EXPECT_FALSE(spacing.Begin());
}

TEST(Spacing, OfNothingLetsEverybodyBegin) {
  asio::io_context loop;
  Spacing spacing(loop, milliseconds(0), [] { FAIL(); });
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(spacing.Begin());
  loop.run();
}

TEST(Spacing, CanBeGoneBeforeItIsDue) {
  asio::io_context loop;
  {
    Spacing spacing(loop, milliseconds(1), [] { FAIL(); });
    EXPECT_TRUE(spacing.Begin());
    EXPECT_FALSE(spacing.Begin());
  }
  loop.run();
}

}  // namespace
}  // namespace drover
