#include "services/operations/core/uuid7.h"

#include <gtest/gtest.h>

namespace drover::operations {
namespace {

const std::string kRandom("\xff\x11\x22\x33\x44\x55\x66\x77", 8);

TEST(Uuid7, LaysTimeVersionAndVariantOutAsTheRfcSays) {
  // RFC 9562, A.6: 2022-02-22T19:22:22.000Z is 0x017F22E279B0 milliseconds.
  Uuid7 ids;
  const TimePoint time(std::chrono::milliseconds(0x017F22E279B0));
  EXPECT_EQ(ids.Mint(time, kRandom), "017f22e2-79b0-7000-bf11-223344556677");
}

TEST(Uuid7, PutsTheFractionOfTheMillisecondAfterTheVersion) {
  Uuid7 ids;
  const TimePoint time(std::chrono::milliseconds(0x017F22E279B0) + std::chrono::microseconds(500));
  EXPECT_EQ(ids.Mint(time, kRandom).substr(14, 4), "7800");
}

TEST(Uuid7, AscendsWithinOneMomentAndWhenTheClockGoesBack) {
  Uuid7 ids;
  const TimePoint time(std::chrono::milliseconds(0x017F22E279B0));
  std::string last;
  for (int i = 0; i < 10'000; ++i) {
    const std::string next = ids.Mint(i < 5000 ? time : time - std::chrono::seconds(1), kRandom);
    ASSERT_LT(last, next);
    ASSERT_EQ(next[14], '7');
    last = next;
  }
}

TEST(IsUuid, TellsTheTextFormFromOtherText) {
  EXPECT_TRUE(IsUuid("017f22e2-79b0-7000-bf11-223344556677"));
  EXPECT_TRUE(IsUuid("017F22E2-79B0-7000-BF11-223344556677"));
  EXPECT_FALSE(IsUuid(""));
  EXPECT_FALSE(IsUuid("job-8841"));
  EXPECT_FALSE(IsUuid("017f22e2-79b0-7000-bf11-22334455667g"));
  EXPECT_FALSE(IsUuid("017f22e2079b0-7000-bf11-223344556677"));
}

}  // namespace
}  // namespace drover::operations
