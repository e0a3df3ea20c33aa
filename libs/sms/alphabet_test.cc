#include "libs/sms/alphabet.h"

#include <gtest/gtest.h>

#include "libs/base/bytes.h"

namespace drover::sms {
namespace {

std::string Octets(std::string_view hex) { return base::FromHex(hex).value(); }

struct Text {
  const char* utf8;
  Coding coding;
  const char* hex;
};
const Text kTexts[] = {
    {"Hello @", Coding::kGsm7, "48656c6c6f2000"},
    {"\u5347\u7ea7", Coding::kUcs2, "53477ea7"},
    {"", Coding::kGsm7, ""},
    {"£$¥èéùìòÇ\nØø\rÅå", Coding::kGsm7, "0102030405060708090a0b0c0d0e0f"},
    {"Δ_ΦΓΛΩΠΨΣΘΞÆæßÉ", Coding::kGsm7, "101112131415161718191a1c1d1e1f"},
    {"¤¡ÄÖÑÜ§¿äöñüà", Coding::kGsm7, "24405b5c5d5e5f607b7c7d7e7f"},
    {"\f^{}\\[~]|€", Coding::kGsm7, "1b0a1b141b281b291b2f1b3c1b3d1b3e1b401b65"},
    {"ç", Coding::kUcs2, "00e7"},
    {"`", Coding::kUcs2, "0060"},
    {"\u0101", Coding::kUcs2, "0101"},
    {"a\U0001F600", Coding::kUcs2, "0061d83dde00"},
    {"\x1B", Coding::kUcs2, "001b"},
};

TEST(Alphabet, IsThatOfTheTableBothWays) {
  for (const Text& text : kTexts) {
    SCOPED_TRACE(text.utf8);
    EXPECT_EQ(CodingFor(text.utf8), text.coding);
    const Result<std::string> content = EncodeText(text.utf8, text.coding);
    ASSERT_TRUE(content) << content.error();
    EXPECT_EQ(base::Hex(*content), text.hex);
    EXPECT_EQ(DecodeText(*content, text.coding).value(), text.utf8);
  }
}

TEST(Alphabet, HasACharacterForEverySeptetAndBack) {
  for (int septet = 0; septet < 128; ++septet) {
    if (septet == kEscape) continue;
    const std::string content(1, static_cast<char>(septet));
    const std::string text = FromGsm7(content).value();
    EXPECT_EQ(ToGsm7(text).value(), content) << septet;
  }
}

TEST(Alphabet, ShowsEscapesThatMeanNothingAsTheStandardSays) {
  EXPECT_EQ(FromGsm7(Octets("1b41")).value(), "A");
  EXPECT_EQ(FromGsm7(Octets("1b1b")).value(), " ");
  EXPECT_EQ(FromGsm7(Octets("411b")).value(), "A ");
  EXPECT_FALSE(FromGsm7(Octets("80")));
  EXPECT_FALSE(FromGsm7(Octets("1b80")));
}

TEST(Alphabet, RefusesWhatIsNoText) {
  EXPECT_FALSE(ToGsm7("\xFF"));
  EXPECT_FALSE(ToGsm7("a\u5347"));
  EXPECT_FALSE(ToUcs2("\xC0\x80"));
  EXPECT_FALSE(FromUcs2("abc"));
  EXPECT_EQ(CodingFor("\xFF"), Coding::kUcs2);
}

TEST(Alphabet, ReplacesHalvesOfSurrogatePairs) {
  EXPECT_EQ(FromUcs2(Octets("d83d0041")).value(),
            "\uFFFD"
            "A");
  EXPECT_EQ(FromUcs2(Octets("0041de00")).value(), "A\uFFFD");
  EXPECT_EQ(FromUcs2(Octets("d83d")).value(), "\uFFFD");
}

TEST(Packing, IsThatOfKnownExamples) {
  std::string packed;
  AppendPacked("hellohello", 0, packed);
  EXPECT_EQ(base::Hex(packed), "e8329bfd4697d9ec37");
  EXPECT_EQ(Unpack(packed, 10).value(), "hellohello");
}

TEST(Packing, ComesBackBehindEveryHeader) {
  std::string septets;
  for (int n = 0; n <= 160; ++n) {
    for (unsigned fill = 0; fill < 7; ++fill) {
      std::string packed = "x";
      AppendPacked(septets, fill, packed);
      packed.erase(0, 1);
      EXPECT_EQ(packed.size(), septets.empty() ? 0 : (fill + 7 * septets.size() + 7) / 8);
      EXPECT_EQ(Unpack(packed, septets.size(), septets.empty() ? 0 : fill).value(), septets);
      EXPECT_FALSE(Unpack(packed, septets.size() + 2, fill));
    }
    septets.push_back(static_cast<char>(n * 37 % 128));
  }
}

TEST(Packing, FillsUpToTheNextSeptetBehindAHeader) {
  const unsigned expected[] = {0, 6, 5, 4, 3, 2, 1, 0};
  for (size_t octets = 0; octets < 8; ++octets) EXPECT_EQ(FillBits(octets), expected[octets]);
}

}  // namespace
}  // namespace drover::sms
