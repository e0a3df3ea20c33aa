#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/bytes.h"
#include "libs/syncml/debug.h"
#include "libs/syncml/document.h"
#include "libs/syncml/testing/messages.h"

namespace drover::syncml {
namespace {

using Cause = DecodeError::Cause;
using testing::Encoded;
using ::testing::HasSubstr;
using testing::ReadVector;

std::string Octets(std::string_view hex) { return base::FromHex(hex).value(); }

// SyncML, SyncHdr with target A and source B; open for a SyncBody.
constexpr std::string_view kHeader =
    "02 A4 01 6A 00 6D 6C 71 03 312E32 00 01 72 03 444D2F312E32 00 01 65 03 31 00 01 5B 03 31 00 01"
    "6E 57 03 41 00 01 01 67 57 03 42 00 01 01 01";

// A message whose SyncBody has the given content, which must leave page 0 current.
std::string WithBody(std::string_view hex) {
  return Octets(kHeader) + Octets("6B") + Octets(hex) + Octets("01 01");
}

// A Replace whose only Item has the given Data element.
Decoded DecodeData(const std::string& octets, const std::string& data_hex) {
  static std::string kept;
  kept = octets.empty() ? WithBody("60 4B 03 31 00 01 54 " + data_hex + " 01 01") : octets;
  return DecodeWbxml(kept);
}
Decoded DecodeData(const std::string& data_hex) { return DecodeData("", data_hex); }

const Data& OnlyData(const Decoded& decoded) {
  return *decoded.document.message().commands.at(0).items.at(0).data;
}

constexpr std::string_view kTnds =
    "<MgmtTree xmlns=\"syncml:dmddf1.2\"><VerDTD>1.2</VerDTD><Node><NodeName>N1</NodeName>"
    "<RTProperties><Format><node/></Format><Type><DDFName>urn:oma:mo:oma-dm-dmacc:1.0</DDFName>"
    "</Type></RTProperties></Node></MgmtTree>";

TEST(DecodeWbxml, ReadsAPackage1OfSyncml12) {
  const std::string octets = ReadVector("package1_syncml12.hex");
  const Decoded decoded = DecodeWbxml(octets);
  ASSERT_TRUE(decoded) << decoded.error.message;
  EXPECT_EQ(DebugString(decoded.document.message()), R"(SyncML 1.2
SyncHdr
  VerDTD "1.2"
  VerProto "DM/1.2"
  SessionID "1"
  MsgID "1"
  Target "https://dm.example.com/dm"
  Source "IMEI:493005100592800"
  Meta
    MaxMsgSize 16384
Alert
  CmdID "1"
  Data text "1201"
Final
)");
  EXPECT_EQ(Encoded(Encoding::kWbxml, decoded.document.message()), octets);
}

TEST(DecodeWbxml, ReadsAPackage1OfSyncml11) {
  const std::string octets = ReadVector("package1_syncml11.hex");
  const Decoded decoded = DecodeWbxml(octets);
  ASSERT_TRUE(decoded) << decoded.error.message;
  EXPECT_EQ(decoded.document.message().version, Version::k11);
  EXPECT_EQ(decoded.document.message().header.ver_proto, "DM/1.1");
  EXPECT_EQ(Encoded(Encoding::kWbxml, decoded.document.message()), octets);
}

TEST(DecodeWbxml, ReadsResultsWithOpaqueData) {
  const std::string octets = ReadVector("results_opaque.hex");
  const Decoded decoded = DecodeWbxml(octets);
  ASSERT_TRUE(decoded) << decoded.error.message;
  EXPECT_THAT(DebugString(decoded.document.message()), HasSubstr(R"(
Results
  CmdID "3"
  MsgRef "1"
  CmdRef "4"
  Item
    Source "./DevDetail/FwV"
    Meta
      Format "chr"
      Type "text/plain"
    Data opaque "FW1"
Final
)"));
  EXPECT_EQ(Encoded(Encoding::kWbxml, decoded.document.message()), octets);
}

TEST(DecodeWbxml, ReadsAChallenge) {
  const std::string octets = ReadVector("challenge.hex");
  const Decoded decoded = DecodeWbxml(octets);
  ASSERT_TRUE(decoded) << decoded.error.message;
  EXPECT_THAT(DebugString(decoded.document.message()), HasSubstr(R"(
Status
  CmdID "1"
  MsgRef "1"
  CmdRef "0"
  Cmd "SyncHdr"
  TargetRef "https://dm.example.com/dm"
  SourceRef "IMEI:493005100592800"
  Chal
    Format "b64"
    Type "syncml:auth-md5"
    NextNonce text "ABEiM0RVZneImaq7zN3u/w=="
  Data text "407"
Final
)"));
  EXPECT_EQ(Encoded(Encoding::kWbxml, decoded.document.message()), octets);
}

TEST(DecodeWbxml, ReadsAGenericAlert) {
  const std::string octets = ReadVector("generic_alert.hex");
  const Decoded decoded = DecodeWbxml(octets);
  ASSERT_TRUE(decoded) << decoded.error.message;
  EXPECT_THAT(DebugString(decoded.document.message()), HasSubstr(R"(
Alert
  CmdID "2"
  Data text "1226"
  Correlator "c1"
  Item
    Source "./FUMO/P1"
    Meta
      Format "int"
      Type "Reversed-Domain-Name: org.openmobilealliance.dm.firmwareupdate.update"
      Mark "informational"
    Data text "200"
Final
)"));
  EXPECT_EQ(Encoded(Encoding::kWbxml, decoded.document.message()), octets);
}

TEST(DecodeWbxml, ShowsTndsAsTheSameXmlTextWhateverFormItCameIn) {
  for (const char* name : {"tnds_inline.hex", "tnds_embedded.hex", "bootstrap_inline.hex"}) {
    const std::string octets = ReadVector(name);
    const Decoded decoded = DecodeWbxml(octets);
    ASSERT_TRUE(decoded) << name << ": " << decoded.error.message << decoded.error.offset;
    EXPECT_EQ(OnlyData(decoded).form, DataForm::kMarkup);
    EXPECT_EQ(OnlyData(decoded).octets, kTnds);
    EXPECT_TRUE(decoded.document.message().final) << "page 0 again after page 2";
  }
}

TEST(DecodeWbxml, ShowsAnEmbeddedDevInfAsXmlText) {
  const Decoded decoded = DecodeData("4F C3 0C 02 A4 03 6A 00 4A 51 03 41 00 01 01 01");
  ASSERT_TRUE(decoded) << decoded.error.message;
  EXPECT_EQ(OnlyData(decoded).form, DataForm::kMarkup);
  EXPECT_EQ(OnlyData(decoded).octets, "<DevInf xmlns=\"syncml:devinf\"><Man>A</Man></DevInf>");
}

TEST(DecodeWbxml, LeavesOctetsThatOnlyBeginLikeADocumentAlone) {
  const Decoded decoded = DecodeData("4F C3 07 02 A4 03 6A 00 4A 51 01");
  ASSERT_TRUE(decoded) << decoded.error.message;
  EXPECT_EQ(OnlyData(decoded).form, DataForm::kOpaque);
  EXPECT_EQ(OnlyData(decoded).octets.size(), 7u);
}

TEST(DecodeWbxml, TakesEveryHeaderSeenInTheField) {
  const std::string body = ReadVector("package1_syncml12.hex").substr(5);
  const std::string text = base::Hex("-//SYNCML//DTD SyncML 1.2//EN");
  const std::string text11 = base::Hex("-//SYNCML//DTD SyncML 1.1//EN");
  const struct {
    std::string hex;
    Version version;
  } kHeaders[] = {
      {"02 A4 01 6A 00", Version::k12},          {"03 A4 01 6A 00", Version::k12},
      {"01 A4 01 6A 00", Version::k12},          {"02 9F 53 6A 00", Version::k11},
      {"02 9F 51 6A 00", Version::k10},          {"02 A4 01 00 00", Version::k12},
      {"02 A4 01 03 00", Version::k12},          {"02 01 6A 00", Version::k12},
      {"02 00 00 6A 1D" + text, Version::k12},   {"02 00 00 6A 1E" + text + "00", Version::k12},
      {"02 00 00 6A 1D" + text11, Version::k11}, {"02 00 00 6A 02 58 00", Version::k12},
  };
  for (const auto& [hex, version] : kHeaders) {
    const std::string octets = Octets(hex) + body;
    const Decoded decoded = DecodeWbxml(octets);
    ASSERT_TRUE(decoded) << hex << ": " << decoded.error.message;
    EXPECT_EQ(decoded.document.message().version, version) << hex;
    EXPECT_EQ(decoded.document.message().header.source.uri, "IMEI:493005100592800");
  }
}

TEST(DecodeWbxml, SkipsTheLiteralXmlnsOfOneTerminalFamily) {
  std::string octets = ReadVector("package1_syncml12.hex");
  octets.replace(5, 1, Octets("ED 04 00 03 53594E434D4C3A53594E434D4C312E32 00 01"));
  const Decoded decoded = DecodeWbxml(octets);
  ASSERT_TRUE(decoded) << decoded.error.message;
  EXPECT_EQ(decoded.document.message().commands.size(), 1u);
}

TEST(DecodeWbxml, JoinsAdjacentStringsTableStringsEntitiesAndOctets) {
  // Table: "he" at 0, "Add" at 3.
  const std::string octets = Octets("02 A4 01 6A 07 6865 00 416464 00") +
                             Octets(kHeader).substr(5) +
                             Octets(
                                 "6B 60 4B 83 00 03 6C6C 00 02 6F 01 54"
                                 "4F 83 00 03 6C6C 00 02 6F 02 81 69 01"
                                 "01 54 4F 03 41 00 C3 01 42 01 01 01 44 03 01 01 01");
  const Decoded decoded = DecodeWbxml(octets);
  ASSERT_TRUE(decoded) << decoded.error.message << decoded.error.offset;
  const Command& command = decoded.document.message().commands.at(0);
  EXPECT_EQ(command.cmd_id, "hello");
  EXPECT_EQ(command.items.at(0).data->octets, "hello\xC3\xA9");
  EXPECT_EQ(command.items.at(1).data->octets, "AB");
  EXPECT_EQ(command.items.at(1).data->form, DataForm::kOpaque);
  EXPECT_EQ(decoded.document.message().commands.at(1).kind, CommandKind::kAdd) << "a literal tag";
}

TEST(DecodeWbxml, TakesIdsThatComeAsOctetsWithTheirNul) {
  const std::string octets = WithBody("46 4B C3 02 3700 01 4F C3 05 3132303100 01 01");
  const Decoded decoded = DecodeWbxml(octets);
  ASSERT_TRUE(decoded) << decoded.error.message;
  EXPECT_EQ(decoded.document.message().commands.at(0).cmd_id, "7");
  EXPECT_EQ(decoded.document.message().commands.at(0).data->octets, "1201");
  EXPECT_EQ(decoded.document.message().commands.at(0).data->form, DataForm::kText);
}

TEST(DecodeWbxml, TakesMetaWrappedInMetInfAndElementsInAnyOrder) {
  const std::string octets = WithBody(
      "62 4C 03 34 00 01 54 4F 03 78 00 01 5A 00 01 4E 53 03 74 00 01 47 03 66 00 01 01 01"
      "00 00 67 57 03 55 00 01 01 01 4B 03 33 00 01 01");
  const Decoded decoded = DecodeWbxml(octets);
  ASSERT_TRUE(decoded) << decoded.error.message << decoded.error.offset;
  const Command& command = decoded.document.message().commands.at(0);
  EXPECT_EQ(command.cmd_ref, "4");
  EXPECT_EQ(command.cmd_id, "3");
  EXPECT_EQ(command.items.at(0).meta.type, "t");
  EXPECT_EQ(command.items.at(0).meta.format, "f");
  EXPECT_EQ(command.items.at(0).source->uri, "U");
}

TEST(DecodeWbxml, TakesARawNonceAsOctetsAndBase64InOctetsAsText) {
  const std::string raw = WithBody("69 49 5A 00 01 50 C3 04 00112233 01 01 01 01 00 00 12");
  const Decoded decoded = DecodeWbxml(raw);
  ASSERT_TRUE(decoded) << decoded.error.message;
  const Data& nonce = decoded.document.message().commands.at(0).chal->next_nonce;
  EXPECT_EQ(nonce.form, DataForm::kOpaque);
  EXPECT_EQ(nonce.octets, std::string_view("\0\x11\x22\x33", 4));
  EXPECT_THAT(Encoded(Encoding::kXml, decoded.document.message()), HasSubstr(">ABEiMw==<"));
  EXPECT_THAT(Encoded(Encoding::kWbxml, decoded.document.message()), HasSubstr("ABEiMw=="));

  const std::string text =
      WithBody("69 49 5A 00 01 50 C3 08 41424569 4D773D3D 01 01 01 01 00 00 12");
  const Decoded base64 = DecodeWbxml(text);
  ASSERT_TRUE(base64) << base64.error.message;
  EXPECT_EQ(base64.document.message().commands.at(0).chal->next_nonce.form, DataForm::kText);
}

TEST(DecodeWbxml, KeepsTheBlanksOfDataAndTrimsOthers) {
  const Decoded decoded = DecodeData("4F 03 20612020 00 01 6E 57 03 20552020 00 01 01");
  ASSERT_TRUE(decoded) << decoded.error.message;
  EXPECT_EQ(OnlyData(decoded).octets, " a  ");
  EXPECT_EQ(decoded.document.message().commands.at(0).items.at(0).target->uri, "U");
}

TEST(DecodeWbxml, KnowsEmptyDataFromNoData) {
  for (const char* hex : {"0F", "4F 01", "4F 03 00 01"}) {
    const Decoded decoded = DecodeData(hex);
    ASSERT_TRUE(decoded) << hex;
    ASSERT_TRUE(decoded.document.message().commands.at(0).items.at(0).data) << hex;
    EXPECT_EQ(OnlyData(decoded).octets, "");
  }
  EXPECT_FALSE(DecodeData("").document.message().commands.at(0).items.at(0).data);
}

TEST(DecodeWbxml, NamesUnknownCommandsAndSkipsUnknownElements) {
  const std::string octets = WithBody(
      "75 4B 03 39 00 01 45 03 78 00 01 01"  // A Field where a command is expected.
      "70 4B 03 38 00 01 01"                 // A tag that nobody assigned.
      "46 4B 03 31 00 01 70 45 C3 01 41 01 01 4F 03 31 00 01 01"
      "00 05 45 01 00 00 12");
  const Decoded decoded = DecodeWbxml(octets);
  ASSERT_TRUE(decoded) << decoded.error.message << decoded.error.offset;
  const auto& commands = decoded.document.message().commands;
  ASSERT_EQ(commands.size(), 4u);
  EXPECT_EQ(commands[0].kind, CommandKind::kUnknown);
  EXPECT_EQ(commands[0].name, "Field");
  EXPECT_EQ(commands[0].cmd_id, "9");
  EXPECT_EQ(commands[1].name, "unknown-00-30");
  EXPECT_EQ(commands[1].cmd_id, "8");
  EXPECT_EQ(commands[2].kind, CommandKind::kAlert);
  EXPECT_EQ(commands[2].data->octets, "1");
  EXPECT_EQ(commands[3].name, "unknown-05-05");
  EXPECT_TRUE(decoded.document.message().final);
}

TEST(DecodeWbxml, SaysWhereEachCommandStands) {
  const std::string octets = ReadVector("package1_syncml12.hex");
  const Decoded decoded = DecodeWbxml(octets);
  EXPECT_EQ(octets[decoded.document.message().commands.at(0).offset], 0x46);
}

TEST(DecodeWbxml, RefusesWhatIsNoMessageWithCauseAndOffset) {
  const size_t header = Octets(kHeader).size();
  const struct {
    std::string octets;
    Cause cause;
    size_t offset;
  } kCases[] = {
      {"", Cause::kTruncated, 0},
      {Octets("05 A4 01 6A 00 6D 01"), Cause::kMalformed, 0},
      {Octets("02 A4 01 04 00 6D 01"), Cause::kCharset, 3},
      {Octets("02 A4 01 6A 7F 6D 01"), Cause::kLimit, 4},
      {Octets("02 A4 03 6A 00 4A 01"), Cause::kNotSyncml, 1},  // DevInf
      {Octets("02 A4 01 6A 00 45 01"), Cause::kNotSyncml, 5},  // Add
      {Octets("02 A4 01 6A 00 6D 01"), Cause::kNotSyncml, 5},  // No header.
      {Octets("02 A4 01 6A 00 2D"), Cause::kNotSyncml, 5},
      {Octets("02 A4 01 6A 00 01"), Cause::kMalformed, 5},
      {WithBody("12") + "x", Cause::kMalformed, header + 4},
      {WithBody("46 4F C3 7F 41 01 01"), Cause::kLimit, header + 4},
      {WithBody("46 4F 83 05 01 01"), Cause::kMalformed, header + 4},
      {WithBody("46 4F 02 83 B0 00 01 01"), Cause::kMalformed, header + 4},  // A surrogate.
      {WithBody("46 4F 03 41 E9 00 01 01"), Cause::kMalformed, header + 5},  // Not UTF-8.
      {WithBody("46 4F C3 01 E9 01 01"), Cause::kMalformed, header + 2},     // An id in octets.
  };
  for (const auto& [octets, cause, offset] : kCases) {
    const Decoded decoded = DecodeWbxml(octets);
    EXPECT_FALSE(decoded) << base::Hex(octets);
    EXPECT_EQ(Name(decoded.error.cause), Name(cause)) << base::Hex(octets);
    EXPECT_EQ(decoded.error.offset, offset) << base::Hex(octets) << decoded.error.message;
    EXPECT_NE(decoded.error.message, "");
  }
}

TEST(DecodeWbxml, TakesPaddingAndInstructionsAroundTheRoot) {
  std::string octets = ReadVector("package1_syncml12.hex");
  octets.insert(5, Octets("43 05 03 41 00 01"));
  octets += Octets("00 00 43 05 01");
  EXPECT_TRUE(DecodeWbxml(octets));
}

TEST(EncodeWbxml, SwitchesBackToPage0BeforeData) {
  Document document;
  Message& message = document.message();
  message.header = {.ver_dtd = "1.2", .session_id = "1"};
  Command& command = message.commands.emplace_back();
  command.kind = CommandKind::kReplace;
  Item& item = command.items.emplace_back();
  item.meta.format = "bin";
  item.data = Data{{"\0\1", 2}, DataForm::kOpaque};
  EXPECT_EQ(base::Hex(Encoded(Encoding::kWbxml, message)),
            "02a4016a00"
            "6d6c"
            "7103312e320001"
            "65033100"
            "0101"
            "6b60"
            "545a0001470362696e000101"
            "00004fc3020001"
            "0101"
            "010101");
}

TEST(EncodeWbxml, SendsMarkupAsText) {
  Document document;
  Command& command = document.message().commands.emplace_back();
  command.kind = CommandKind::kAdd;
  command.items.emplace_back().data = Data{"<MgmtTree/>", DataForm::kMarkup};
  EXPECT_THAT(Encoded(Encoding::kWbxml, document.message()),
              HasSubstr("\x4F\x03<MgmtTree/>" + std::string("\0\1", 2)));
}

}  // namespace
}  // namespace drover::syncml
