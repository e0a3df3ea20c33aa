#include "tools/drover/decode.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "libs/base/bytes.h"

namespace drover::cli {
namespace {

// Package 1, 126 octets: SessionID 1, MsgID 1, Alert 1201.
constexpr std::string_view kWbxmlHex =
    "02A4016A006D6C7103312E3200017203444D2F312E32000165033100015B03310001"
    "6E570368747470733A2F2F646D2E6578616D706C652E636F6D2F646D00010167570349"
    "4D45493A3439333030353130303539323830300001015A00014C033136333834000101"
    "0100006B464B033100014F0331323031000101120101";
constexpr std::string_view kPackage0Hex =
    "496b1619557be9616812a8df173495b6 02d0000000123412 636f6d2e6d676d747372762e6d616e616765";
constexpr std::string_view kXml =
    "<SyncML><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto><SessionID>1</SessionID>"
    "<MsgID>2</MsgID><Target><LocURI>t</LocURI></Target><Source><LocURI>s</LocURI></Source>"
    "</SyncHdr><SyncBody><Get><CmdID>1</CmdID><Item><Target><LocURI>./DevInfo</LocURI></Target>"
    "</Item></Get><Final/></SyncBody></SyncML>";

std::string Octets(std::string_view hex) { return base::FromHex(hex).value(); }

TEST(Decode, ShowsWbxmlGivenAsOctetsOrHex) {
  for (const std::string& input : {Octets(kWbxmlHex), std::string(kWbxmlHex)}) {
    const Decoding decoding = Decode(input, std::nullopt);
    ASSERT_TRUE(decoding.readable) << decoding.refusal.message;
    EXPECT_EQ(decoding.readable->kind, Kind::kWbxml);
    EXPECT_NE(decoding.readable->text.find("<SessionID>1</SessionID>"), std::string::npos)
        << decoding.readable->text;
    const Json& json = decoding.readable->json;
    EXPECT_EQ(json["SyncHdr"]["Source"]["LocURI"], "IMEI:493005100592800");
    EXPECT_EQ(json["SyncBody"][0]["Command"], "Alert");
    EXPECT_EQ(json["SyncBody"][0]["Data"], "1201");
    EXPECT_EQ(json["Final"], true);
  }
}

TEST(Decode, IndentsXml) {
  const Decoding decoding = Decode(kXml, std::nullopt);
  ASSERT_TRUE(decoding.readable) << decoding.refusal.message;
  EXPECT_EQ(decoding.readable->kind, Kind::kXml);
  EXPECT_NE(decoding.readable->text.find("\n    <MsgID>2</MsgID>\n"), std::string::npos)
      << decoding.readable->text;
}

TEST(Decode, ShowsPackage0WithAndWithoutPushHeaders) {
  for (const std::string& prefix : {std::string(), std::string("0605040B84C002 010603C4AF87")}) {
    const Decoding decoding = Decode(prefix + std::string(kPackage0Hex), std::nullopt);
    ASSERT_TRUE(decoding.readable) << decoding.refusal.message;
    EXPECT_EQ(decoding.readable->kind, Kind::kPackage0);
    EXPECT_EQ(decoding.readable->json["session_id"], "1234");
    EXPECT_EQ(decoding.readable->json["ui_mode"], "background");
    EXPECT_EQ(decoding.readable->json["initiator"], "client");
    EXPECT_EQ(decoding.readable->json["server_id"], "com.mgmtsrv.manage");
    EXPECT_EQ(decoding.readable->json["version"], "1.1");
  }
}

TEST(Decode, NamesTheOffsetOfTheFirstError) {
  const std::string cut = Octets(kWbxmlHex).substr(0, 60);
  const Decoding wbxml = Decode(cut, std::nullopt);
  ASSERT_FALSE(wbxml.readable);
  EXPECT_EQ(wbxml.refusal.kind, Kind::kWbxml);
  EXPECT_EQ(wbxml.refusal.offset, 60u);
  EXPECT_EQ(wbxml.refusal.message.rfind("truncated: ", 0), 0u) << wbxml.refusal.message;

  const Decoding xml = Decode("<SyncML><SyncHdr></SyncML>", std::nullopt);
  ASSERT_FALSE(xml.readable);
  EXPECT_EQ(xml.refusal.kind, Kind::kXml);
  EXPECT_GE(xml.refusal.offset, 17u);

  const Decoding package0 = Decode(Octets(kPackage0Hex).substr(0, 30), Kind::kPackage0);
  ASSERT_FALSE(package0.readable);
  EXPECT_EQ(package0.refusal.offset, 16u);
}

TEST(Decode, RefusesWhatIsNothing) {
  for (const char* input : {"", "hello", "\xFF\xFE"})
    EXPECT_FALSE(Decode(input, std::nullopt).readable);
}

}  // namespace
}  // namespace drover::cli
