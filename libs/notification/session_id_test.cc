#include "libs/notification/session_id.h"

#include <gtest/gtest.h>

namespace drover::notification {
namespace {

TEST(SessionIdText, IsUpperCaseHexWithoutLeadingZeros) {
  EXPECT_EQ(SessionIdText(0x1234), "1234");
  EXPECT_EQ(SessionIdText(0x00A7), "A7");
  EXPECT_EQ(SessionIdText(0x000F), "F");
  EXPECT_EQ(SessionIdText(0xFFFF), "FFFF");
  EXPECT_EQ(SessionIdText(0x1000), "1000");
  EXPECT_EQ(SessionIdText(0), "0");
}

TEST(Matches, AcceptsHexSwappedHexAndDecimal) {
  for (const char* text : {"1234", "3412", "4660", "01234"}) {
    EXPECT_TRUE(Matches(text, 0x1234)) << text;
  }
  for (const char* text : {"A7", "a7", "00A7", "A700", "167"}) {
    EXPECT_TRUE(Matches(text, 0x00A7)) << text;
  }
  for (const char* text : {"", "1235", "0x1234", " 1234", "1234 ", "-1", "11234", "99999999"}) {
    EXPECT_FALSE(Matches(text, 0x1234)) << text;
  }
}

}  // namespace
}  // namespace drover::notification
