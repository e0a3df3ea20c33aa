#include "libs/wbxml/reader.h"

#include <gtest/gtest.h>

#include "libs/base/bytes.h"
#include "libs/wbxml/vocabulary.h"
#include "libs/wbxml/writer.h"

namespace drover::wbxml {
namespace {

std::string Octets(std::string_view hex) { return base::FromHex(hex).value(); }

TEST(Numbers, AreGroupsOfSevenBitsMostSignificantFirst) {
  const struct {
    uint32_t number;
    std::string_view hex;
  } kNumbers[] = {{0, "00"},        {127, "7f"},       {128, "8100"},
                  {8192, "c000"},   {16384, "818000"}, {65535, "83ff7f"},
                  {0x0FD1, "9f51"}, {0x1201, "a401"},  {UINT32_MAX, "8fffffff7f"}};
  for (const auto& [number, hex] : kNumbers) {
    std::string written;
    Writer(written).Number(number);
    EXPECT_EQ(base::Hex(written), hex);
    Reader reader(written);
    uint32_t read = 1;
    EXPECT_TRUE(reader.ReadNumber(read));
    EXPECT_EQ(read, number);
    EXPECT_TRUE(reader.at_end());
  }
}

TEST(Numbers, OverThirtyTwoBitsAreRefused) {
  for (const std::string_view hex : {"90 80 80 80 00", "ff ff ff ff ff ff", "80 80 80 80 80 00"}) {
    const std::string octets = Octets(hex);
    Reader reader(octets);
    uint32_t number = 0;
    EXPECT_FALSE(reader.ReadNumber(number)) << hex;
    EXPECT_EQ(reader.error().cause, Error::Cause::kMalformed);
    EXPECT_EQ(reader.error().offset, 0u);
  }
}

TEST(Headers, SeenInTheFieldNameTheirVocabulary) {
  const std::string text = base::Hex("-//SYNCML//DTD SyncML 1.2//EN");
  const std::string headers[] = {"02 A4 01 6A 00",
                                 "03 A4 01 6A 00",
                                 "01 A4 01 00 00",
                                 "02 A4 01 03 00",
                                 "02 00 00 6A 1D" + text,
                                 "02 00 00 6A 1E" + text + "00",
                                 "02 00 02 6A 20 4100" + text + "00"};
  for (const std::string& hex : headers) {
    const std::string octets = Octets(hex);
    Reader reader(octets);
    ASSERT_TRUE(reader.ReadHeader()) << hex << ": " << reader.error().what;
    EXPECT_TRUE(reader.at_end());
    const Vocabulary* vocabulary = FindVocabulary(reader.header());
    ASSERT_NE(vocabulary, nullptr) << hex;
    EXPECT_EQ(vocabulary->public_id, kSyncml12);
  }
}

TEST(Headers, OfOtherKindsAreRefusedWhereTheyGoWrong) {
  const struct {
    std::string_view hex;
    Error::Cause cause;
    size_t offset;
  } kHeaders[] = {
      {"", Error::Cause::kTruncated, 0},
      {"00 01 6A 00", Error::Cause::kMalformed, 0},
      {"04 01 6A 00", Error::Cause::kMalformed, 0},
      {"03 01", Error::Cause::kTruncated, 2},
      {"03 01 04 00", Error::Cause::kCharset, 2},             // ISO-8859-1
      {"03 01 83 F7 00", Error::Cause::kCharset, 2},          // UCS-2 is 1000; this is 503
      {"03 01 6A 05 41", Error::Cause::kLimit, 3},            // A table longer than the rest.
      {"03 00 05 6A 02 41 00", Error::Cause::kMalformed, 2},  // A public id outside the table.
  };
  for (const auto& [hex, cause, offset] : kHeaders) {
    const std::string octets = Octets(hex);
    Reader reader(octets);
    EXPECT_FALSE(reader.ReadHeader()) << hex;
    EXPECT_EQ(static_cast<int>(reader.error().cause), static_cast<int>(cause)) << hex;
    EXPECT_EQ(reader.error().offset, offset) << hex;
  }
}

TEST(Reader, FindsTheEndOfInlineStringsOfEveryLength) {
  for (size_t length = 0; length < 40; ++length) {
    const std::string text(length, 'x');
    const std::string octets = text + std::string(1, '\0') + "\xFF";
    Reader reader(octets);
    std::string_view read;
    ASSERT_TRUE(reader.ReadInline(read)) << length;
    EXPECT_EQ(read, text);
    EXPECT_EQ(reader.offset(), length + 1);
  }
}

TEST(Reader, RefusesTextThatIsNotUtf8AtItsOffset) {
  for (size_t length = 0; length < 20; ++length) {
    const std::string octets = std::string(length, 'x') + "\xE9t" + std::string(1, '\0');
    Reader reader(octets);
    std::string_view read;
    EXPECT_FALSE(reader.ReadInline(read));
    EXPECT_EQ(reader.error().offset, length);
  }
}

TEST(Reader, TakesUtf8) {
  const std::string octets = "caf\xC3\xA9" + std::string(1, '\0');
  Reader reader(octets);
  std::string_view read;
  EXPECT_TRUE(reader.ReadInline(read));
  EXPECT_EQ(read, "caf\xC3\xA9");
}

TEST(Reader, StopsAtAnInlineStringWithoutEnd) {
  Reader reader("abcdefghijk");
  std::string_view read;
  EXPECT_FALSE(reader.ReadInline(read));
  EXPECT_EQ(reader.error().cause, Error::Cause::kTruncated);
  EXPECT_EQ(reader.error().offset, 11u);
}

TEST(Reader, RefusesAnOpaqueLongerThanTheRest) {
  const std::string octets = Octets("03 41 42");
  Reader reader(octets);
  std::string_view read;
  EXPECT_FALSE(reader.ReadOpaque(read));
  EXPECT_EQ(reader.error().cause, Error::Cause::kLimit);
}

TEST(Reader, SkipsAttributesOfEveryKind) {
  // Start, inline value, literal with an index that points nowhere, entity, page switch, extension.
  const std::string octets =
      Octets("05 03 41 00 04 00 03 42 00 02 60 00 01 C0 80 05 C3 01 00 85 01 7F");
  Reader reader(octets);
  EXPECT_TRUE(reader.SkipAttributes());
  EXPECT_EQ(reader.offset(), octets.size() - 1);
}

TEST(Reader, StopsPayingForTableStringsThatAreNamedOverAndOver) {
  const std::string table(60'000, 'x');
  std::string octets = Octets("03 01 6A 83 D4 60") + table;
  octets += std::string(100'000, '\0');  // Indices.
  Reader reader(octets);
  ASSERT_TRUE(reader.ReadHeader());
  std::string_view text;
  size_t read = 0;
  while (reader.ReadTable(text)) ++read;
  EXPECT_EQ(reader.error().cause, Error::Cause::kLimit);
  EXPECT_LT(read, 100u);
}

TEST(Vocabularies, KnowTheirTags) {
  const Vocabulary& syncml = *FindVocabulary(kSyncml12);
  EXPECT_EQ(syncml.TagName(0, 0x05), "Add");
  EXPECT_EQ(syncml.TagName(0, 0x2D), "SyncML");
  EXPECT_EQ(syncml.TagName(0, 0x30), "");
  EXPECT_EQ(syncml.TagName(0, 0x3C), "Correlator");
  EXPECT_EQ(syncml.TagName(0, 0x3D), "");
  EXPECT_EQ(syncml.TagName(1, 0x15), "MaxObjSize");
  EXPECT_EQ(syncml.TagName(1, 0x16), "FieldLevel");
  EXPECT_EQ(syncml.TagName(2, 0x24), "Node");
  EXPECT_EQ(syncml.TagName(2, 0x25), "node");
  EXPECT_EQ(syncml.TagName(2, 0x3C), "ZeroOrOne");
  EXPECT_EQ(syncml.TagName(3, 0x05), "");
  EXPECT_EQ(syncml.TagName(0, 0x01), "");
  EXPECT_EQ(FindVocabulary(kDevInf12)->TagName(0, 0x34), "SupportHierarchicalSync");
  EXPECT_EQ(FindVocabulary(kDevInf12)->TagName(0, 0x1C), "MaxSize");
  EXPECT_EQ(FindVocabulary(kDevInf11)->TagName(0, 0x1C), "Size");
  EXPECT_EQ(FindVocabulary(kDevInf11)->TagName(0, 0x2A), "SupportLargeObjs");
  EXPECT_EQ(FindVocabulary(kDevInf11)->TagName(0, 0x2B), "");
}

TEST(Writer, SwitchesPagesOnlyBeforeAStartTagThatNeedsIt) {
  std::string octets;
  Writer writer(octets);
  writer.Start(0, 0x1A);
  writer.Start(1, 0x07);
  writer.Text("chr");
  writer.End();
  writer.Empty(1, 0x0B);
  writer.End();
  writer.Empty(0, 0x12);
  writer.Flush();
  EXPECT_EQ(base::Hex(octets),
            "5a000147036368720001"
            "0b01"
            "000012");
}

TEST(Writer, SendsTextWithANulAsOpaque) {
  std::string octets;
  Writer(octets).Text({"a\0b", 3});
  EXPECT_EQ(base::Hex(octets), "c303610062");
}

}  // namespace
}  // namespace drover::wbxml
