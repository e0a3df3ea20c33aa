#include "loadtest/smsc/packed.h"

#include <gtest/gtest.h>

namespace drover::smsc {
namespace {

const PackedMessage kDelivery{.number = 0x0102030405060708,
                              .terminal = "861000400000001",
                              .other = "10654040",
                              .port = 2948,
                              .content = std::string_view("\x01\x06\x00\xFF", 4)};
const PackedMessage kText{.terminal = "8613800138000",
                          .other = "10654040",
                          .port = 16998,
                          .is_text = true,
                          .content = "中"};

TEST(PackedMessages, AreReadAsTheyWereWritten) {
  std::string octets;
  AppendPacked(kDelivery, octets);
  AppendPacked(kText, octets);
  AppendPacked({}, octets);
  std::string_view rest = octets;
  EXPECT_EQ(NextPacked(rest), kDelivery);
  EXPECT_EQ(NextPacked(rest), kText);
  EXPECT_EQ(NextPacked(rest), PackedMessage{});
  EXPECT_EQ(rest, "");
  EXPECT_EQ(NextPacked(rest), std::nullopt);
}

TEST(PackedMessages, ThatWereCutOffAreLeftWhereTheyAre) {
  std::string octets;
  AppendPacked(kDelivery, octets);
  for (size_t size = 0; size < octets.size(); ++size) {
    std::string_view rest = std::string_view(octets).substr(0, size);
    EXPECT_EQ(NextPacked(rest), std::nullopt) << size;
    EXPECT_EQ(rest.size(), size);
  }
}

TEST(PackedMessages, TellAContentThatIsLargerThanAllThereIs) {
  std::string octets;
  AppendPacked(kText, octets);
  octets.replace(13, 4, "\xFF\xFF\xFF\xFF");
  std::string_view rest = octets;
  EXPECT_EQ(NextPacked(rest), std::nullopt);
}

TEST(PackedMessages, CutNumbersThatAreNone) {
  std::string octets;
  const std::string digits(300, '1');
  AppendPacked({.terminal = digits, .content = "x"}, octets);
  std::string_view rest = octets;
  const auto read = NextPacked(rest);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->terminal.size(), 255u);
  EXPECT_EQ(read->content, "x");
}

}  // namespace
}  // namespace drover::smsc
