// Inputs made to hurt: each must be refused at once, with little memory.
#include <gtest/gtest.h>

#include "libs/base/bytes.h"
#include "libs/syncml/document.h"

namespace drover::syncml {
namespace {

using Cause = DecodeError::Cause;

std::string Octets(std::string_view hex) { return base::FromHex(hex).value(); }

std::string Repeat(std::string_view text, size_t n) {
  std::string all;
  all.reserve(text.size() * n);
  while (n-- > 0) all += text;
  return all;
}

constexpr std::string_view kXmlHead = "<SyncML><SyncHdr/><SyncBody>";
constexpr std::string_view kXmlTail = "</SyncBody></SyncML>";
std::string Xml(std::string_view body) {
  return std::string(kXmlHead) + std::string(body) + std::string(kXmlTail);
}
std::string Wbxml(std::string_view body) {
  return Octets("02 A4 01 6A 00 6D 2C 6B") + std::string(body) + Octets("01 01");
}

void ExpectLimit(const Decoded& decoded, size_t offset) {
  EXPECT_FALSE(decoded);
  EXPECT_EQ(Name(decoded.error.cause), "limit") << decoded.error.message;
  EXPECT_EQ(decoded.error.offset, offset);
}

TEST(Limits, OnOctets) {
  const std::string xml = Xml("");
  EXPECT_TRUE(DecodeXml(xml, {.octets = xml.size()}));
  ExpectLimit(DecodeXml(xml, {.octets = xml.size() - 1}), xml.size() - 1);
  const std::string wbxml = Wbxml("");
  EXPECT_TRUE(DecodeWbxml(wbxml, {.octets = wbxml.size()}));
  ExpectLimit(DecodeWbxml(wbxml, {.octets = wbxml.size() - 1}), wbxml.size() - 1);
}

TEST(Limits, OnDepth) {
  // SyncML and SyncBody are two.
  EXPECT_TRUE(DecodeXml(Xml(Repeat("<Atomic>", 62) + Repeat("</Atomic>", 62))));
  ExpectLimit(DecodeXml(Xml(Repeat("<Atomic>", 63) + Repeat("</Atomic>", 63))),
              kXmlHead.size() + 62 * 8);
  EXPECT_TRUE(DecodeWbxml(Wbxml(Repeat("\x48", 62) + Repeat("\x01", 62))));
  ExpectLimit(DecodeWbxml(Wbxml(Repeat("\x48", 63) + Repeat("\x01", 63))), 8 + 62);
}

TEST(Limits, OnDepthOfAMillionElements) {
  ExpectLimit(DecodeXml(Xml(Repeat("<a>", 1'000'000))), kXmlHead.size() + 62 * 3);
  ExpectLimit(DecodeXml(Xml("<Add><Item><Data>" + Repeat("<a>", 1'000'000))),
              kXmlHead.size() + 17 + 59 * 3);
  ExpectLimit(DecodeWbxml(Wbxml(Repeat("\x75", 1'000'000))), 8 + 62);
  ExpectLimit(DecodeWbxml(Wbxml("\x45\x54\x4F" + Repeat("\x75", 1'000'000))), 8 + 62);
  ExpectLimit(DecodeXml(Repeat("<SyncML>", 100'000), {.depth = UINT32_MAX}), 256 * 8);
}

TEST(Limits, OnElements) {
  EXPECT_TRUE(DecodeXml(Xml("<a><b/><b/></a>"), {.elements = 6}));
  ExpectLimit(DecodeXml(Xml("<a><b/><b/></a>"), {.elements = 5}), kXmlHead.size() + 7);
  EXPECT_TRUE(DecodeWbxml(Wbxml("\x75\x36\x36\x01"), {.elements = 6}));
  ExpectLimit(DecodeWbxml(Wbxml("\x75\x36\x36\x01"), {.elements = 5}), 10);
  const std::string inside = "\x45\x54\x4F" + Repeat("\x36", 200'000) + "\x01\x01\x01";
  ExpectLimit(DecodeWbxml(Wbxml(inside)), 8 + 3 + 100'000 - 6);
}

TEST(Limits, OnCommands) {
  const std::string get = "<Get><CmdID>1</CmdID></Get>";
  EXPECT_TRUE(DecodeXml(Xml(Repeat(get, 4096))));
  ExpectLimit(DecodeXml(Xml(Repeat(get, 4097))), kXmlHead.size() + 4096 * get.size());
  const std::string wbxml = Octets("53 4B 03 31 00 01 01");
  EXPECT_TRUE(DecodeWbxml(Wbxml(Repeat(wbxml, 4096))));
  ExpectLimit(DecodeWbxml(Wbxml(Repeat(wbxml, 4097))), 8 + 4096 * wbxml.size());
}

TEST(Limits, OnCommandsAndItemsByTheSizeOfTheInput) {
  // A command in the model is hundreds of octets: one octet of WBXML must not buy one.
  EXPECT_TRUE(DecodeWbxml(Wbxml(Repeat("\x05", 64))));
  ExpectLimit(DecodeWbxml(Wbxml(Repeat("\x05", 1000))), 8 + 64 + 1010 / 6);
  EXPECT_TRUE(DecodeWbxml(Wbxml("\x45" + Repeat("\x14", 64) + "\x01")));
  ExpectLimit(DecodeWbxml(Wbxml("\x45" + Repeat("\x14", 1000) + "\x01")), 9 + 64 + 1012 / 6);
}

TEST(Limits, OnItems) {
  const std::string item = "<Item><Data>1</Data></Item>";
  EXPECT_TRUE(DecodeXml(Xml("<Add>" + Repeat(item, 10) + "</Add>"), {.items = 10}));
  ExpectLimit(DecodeXml(Xml("<Add>" + Repeat(item, 11) + "</Add>"), {.items = 10}),
              kXmlHead.size() + 5 + 10 * item.size());
}

TEST(Limits, OnStringsOfTheTableNamedOverAndOver) {
  std::string octets =
      Octets("02 A4 01 6A C0 00") + std::string(8192, 'x') + Octets("6D 2C 6B 45 54 4F");
  octets += Repeat(std::string("\x83\0", 2), 50'000);
  octets += Octets("01 01 01 01 01");
  const Decoded decoded = DecodeWbxml(octets);
  EXPECT_FALSE(decoded);
  EXPECT_EQ(decoded.error.cause, Cause::kLimit);
}

TEST(Limits, OnSubDocumentsInsideSubDocuments) {
  std::string document = Octets("03 A4 03 6A 00 4A 01");
  for (int i = 0; i < 50; ++i) {
    std::string outer = Octets("03 A4 03 6A 00 4A 4E C3");
    size_t size = document.size();
    outer += static_cast<char>(0x80 | size >> 14);
    outer += static_cast<char>(0x80 | (size >> 7 & 0x7F));
    outer += static_cast<char>(size & 0x7F);
    document = outer + document + Octets("01 01");
  }
  const size_t size = document.size();
  std::string opaque = Octets("45 54 4F C3");
  opaque += static_cast<char>(0x80 | (size >> 7));
  opaque += static_cast<char>(size & 0x7F);
  const std::string octets = Wbxml(opaque + document + Octets("01 01 01"));
  EXPECT_TRUE(DecodeWbxml(octets));  // The innermost stay base64.
}

TEST(Limits, LeaveRoomForALargeHonestMessage) {
  const std::string item =
      "<Item><Source><LocURI>./Vendor/Ext/Node</LocURI></Source><Meta><Format>chr</Format>"
      "<Type>text/plain</Type></Meta><Data>some value of a node</Data></Item>";
  const Decoded decoded = DecodeXml(Xml("<Results>" + Repeat(item, 12'000) + "</Results>"));
  ASSERT_TRUE(decoded) << decoded.error.message;
  EXPECT_EQ(decoded.document.message().commands.at(0).items.size(), 12'000u);
}

}  // namespace
}  // namespace drover::syncml
