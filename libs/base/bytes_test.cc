#include "libs/base/bytes.h"

#include <gtest/gtest.h>

namespace drover::base {
namespace {

TEST(Base64, RoundTripsTheVectorsOfRfc4648) {
  const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [octets, text] : vectors) {
    EXPECT_EQ(Base64(octets), text);
    const Result<std::string> back = FromBase64(text);
    ASSERT_TRUE(back) << text;
    EXPECT_EQ(*back, octets);
  }
}

TEST(Base64, ForgivesWhiteSpaceAndMissingPadding) {
  EXPECT_EQ(FromBase64(" Zm9v\r\nYg").value(), "foob");
}

TEST(Base64, RefusesWhatCannotBeBase64) {
  for (const char* text : {"Z", "Zm9vY", "Zm=9", "Zm9v!", "Z===", "\x80"}) {
    EXPECT_FALSE(FromBase64(text)) << text;
  }
}

TEST(Hex, RoundTripsEveryOctet) {
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  EXPECT_EQ(FromHex(Hex(all)).value(), all);
  EXPECT_EQ(FromHex("0A fF").value(), "\x0a\xff");
  EXPECT_FALSE(FromHex("abc"));
  EXPECT_FALSE(FromHex("zz"));
}

TEST(BigEndian64, PutsTheMostSignificantOctetFirst) {
  EXPECT_EQ(Hex(BigEndian64(0x0102030405060708)), "0102030405060708");
  EXPECT_EQ(ReadBigEndian64(BigEndian64(0xFEDCBA9876543210)), 0xFEDCBA9876543210);
}

TEST(IsUtf8, AcceptsOnlyWellFormedSequences) {
  for (const char* good : {"", "plain", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x93\xB1"}) {
    EXPECT_TRUE(IsUtf8(good));
  }
  for (const char* bad :
       {"\x80", "\xC3", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF5\x80\x80\x80"}) {
    EXPECT_FALSE(IsUtf8(bad));
  }
}

}  // namespace
}  // namespace drover::base
