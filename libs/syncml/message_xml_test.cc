#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/syncml/debug.h"
#include "libs/syncml/document.h"
#include "libs/syncml/testing/messages.h"

namespace drover::syncml {
namespace {

using Cause = DecodeError::Cause;
using testing::Encoded;
using ::testing::HasSubstr;
using testing::ReadVector;

constexpr std::string_view kHead =
    "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>"
    "<SessionID>1</SessionID><MsgID>1</MsgID><Target><LocURI>A</LocURI></Target>"
    "<Source><LocURI>B</LocURI></Source></SyncHdr>";

std::string WithBody(std::string_view body) {
  return std::string(kHead) + "<SyncBody>" + std::string(body) + "</SyncBody></SyncML>";
}

struct Kept {  // A decoded message with the octets that it views.
  explicit Kept(std::string text) : octets(std::move(text)), decoded(DecodeXml(octets)) {}
  std::string octets;
  Decoded decoded;
  const Message& message() const { return decoded.document.message(); }
};

// The Data of the only Item of a Replace.
Kept DecodeData(const std::string& content) {
  return Kept(WithBody("<Replace><Item><Data>" + content + "</Data></Item></Replace>"));
}
const Data& OnlyData(const Kept& kept) { return *kept.message().commands.at(0).items.at(0).data; }

TEST(DecodeXml, ReadsAMessageWithChallengeAndCredentials) {
  const Kept kept(ReadVector("challenge_3.xml"));
  ASSERT_TRUE(kept.decoded) << kept.decoded.error.message;
  EXPECT_EQ(DebugString(kept.message()), R"(SyncML 1.2
SyncHdr
  VerDTD "1.2"
  VerProto "DM/1.2"
  SessionID "A7"
  MsgID "2"
  Target "https://dm.example.com/dm?sid=n3.k7Qp"
  Source "IMEI:493005100592800"
  LocName "IMEI:493005100592800"
  Cred
    Meta
      Format "b64"
      Type "syncml:auth-md5"
    Data text "wAE7JgnQG1w22WNSm1cQig=="
  Meta
    MaxMsgSize 16384
Status
  CmdID "1"
  MsgRef "1"
  CmdRef "0"
  Cmd "SyncHdr"
  TargetRef "IMEI:493005100592800"
  SourceRef "https://dm.example.com/dm"
  Chal
    Format "b64"
    Type "syncml:auth-md5"
    NextNonce text "/+7dzLuqmYh3ZlVEMyIRAA=="
  Data text "407"
Alert
  CmdID "2"
  Data text "1200"
Replace
  CmdID "3"
  Item
    Source "./DevInfo/DevId"
    Data text "IMEI:493005100592800"
  Item
    Source "./DevInfo/Man"
    Data text "Acme"
  Item
    Source "./DevInfo/Mod"
    Data text "Phone 9"
  Item
    Source "./DevInfo/DmV"
    Data text "1.2"
  Item
    Source "./DevInfo/Lang"
    Data text "en-GB"
Final
)");
}

TEST(DecodeXml, ReadsAtomicAndSequenceWithTheirChildren) {
  const Kept kept(ReadVector("firmware_1.xml"));
  ASSERT_TRUE(kept.decoded) << kept.decoded.error.message;
  const Command& sequence = kept.message().commands.at(1);
  EXPECT_EQ(sequence.kind, CommandKind::kSequence);
  EXPECT_EQ(sequence.cmd_id, "2");
  ASSERT_EQ(sequence.children.size(), 2u);
  EXPECT_EQ(sequence.children[1].kind, CommandKind::kExec);
  EXPECT_EQ(sequence.children[1].correlator, "job-8841");
  EXPECT_EQ(sequence.children[1].items.at(0).target->uri, "./FUMO/P1/DownloadAndUpdate");
}

TEST(DecodeXml, TellsTheVersionByNamespaceThenByVerDtd) {
  const auto version = [](std::string_view attribute, std::string_view ver_dtd) {
    const Kept kept("<SyncML" + std::string(attribute) + "><SyncHdr><VerDTD>" +
                    std::string(ver_dtd) + "</VerDTD></SyncHdr></SyncML>");
    EXPECT_TRUE(kept.decoded);
    return kept.message().version;
  };
  EXPECT_EQ(version(" xmlns='SYNCML:SYNCML1.1'", "1.2"), Version::k11);
  EXPECT_EQ(version(" xmlns=\"syncml:SYNCML1.2\"", "1.1"), Version::k12);
  EXPECT_EQ(version(" xmlns = 'SYNCML:SYNCML1.0'", "1.1"), Version::k10);
  EXPECT_EQ(version("", "1.1"), Version::k11);
  EXPECT_EQ(version(" xmlns=\"urn:other\"", "1.0"), Version::k10);
  EXPECT_EQ(version("", "1.2"), Version::k12);
  EXPECT_EQ(version("", "9.9"), Version::k12);
}

TEST(DecodeXml, TakesPrologsByteOrderMarksCommentsAndPrefixes) {
  const std::string doctype =
      "<!DOCTYPE SyncML PUBLIC \"-//SYNCML//DTD SyncML 1.2//EN\" \"http://x/[a]>.dtd\">";
  const std::string message =
      "<s:SyncML xmlns:s='SYNCML:SYNCML1.1'><!-- c --><s:SyncHdr>"
      "<?pi x?><s:VerDTD >1.1</s:VerDTD ><s:Meta><m:MaxMsgSize "
      "xmlns:m='syncml:metinf'> 512\n</m:MaxMsgSize></s:Meta></s:SyncHdr>"
      "<s:SyncBody><s:Final/></s:SyncBody></s:SyncML>";
  for (const std::string& prolog :
       {std::string(), std::string("\xEF\xBB\xBF"), std::string("<?xml version=\"1.0\"?>"),
        std::string("\xEF\xBB\xBF<?xml version='1.0' encoding = 'utf-8' ?>\r\n"), doctype,
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?><!-- [ -->" + doctype + "\n",
        std::string(" \n")}) {
    const Kept kept(prolog + message + "\r\n<!-- end --><?pi?>" + std::string(1, '\0'));
    ASSERT_TRUE(kept.decoded) << prolog << kept.decoded.error.message << kept.decoded.error.offset;
    EXPECT_EQ(kept.message().version, Version::k11);
    EXPECT_EQ(kept.message().header.ver_dtd, "1.1");
    EXPECT_EQ(kept.message().header.meta.max_msg_size, 512u);
    EXPECT_TRUE(kept.message().final);
  }
}

TEST(DecodeXml, TakesMetaWithNamespacesOnItselfOnItsChildrenOrInMetInf) {
  for (const char* meta :
       {"<Meta><Format xmlns=\"syncml:metinf\">int</Format><Type "
        "xmlns=\"syncml:metinf\">t</Type></Meta>",
        "<Meta xmlns=\"syncml:metinf\"><Type> t </Type><Format>int</Format></Meta>",
        "<Meta><MetInf "
        "xmlns='syncml:metinf'><Format>int</Format><Mem/><Anchor><Next>1</Next></Anchor>"
        "<Type>t</Type></MetInf></Meta>"}) {
    const Kept kept(WithBody("<Replace><Item>" + std::string(meta) + "</Item></Replace>"));
    ASSERT_TRUE(kept.decoded) << meta;
    EXPECT_EQ(kept.message().commands.at(0).items.at(0).meta.format, "int");
    EXPECT_EQ(kept.message().commands.at(0).items.at(0).meta.type, "t");
  }
}

TEST(DecodeXml, UnescapesText) {
  EXPECT_EQ(OnlyData(DecodeData("a&amp;b&lt;&gt;&quot;&apos;&#65;&#x42;&#xe9;&#x1F600;")).octets,
            "a&b<>\"'AB\xC3\xA9\xF0\x9F\x98\x80");
  EXPECT_EQ(OnlyData(DecodeData("a<![CDATA[<b>&amp;]]>c")).octets, "a<b>&amp;c");
  EXPECT_EQ(OnlyData(DecodeData("<![CDATA[<b>&amp;]]>")).octets, "<b>&amp;");
  EXPECT_EQ(OnlyData(DecodeData("<![CDATA[a]]><![CDATA[]]]]><![CDATA[>]]>")).octets, "a]]>");
  EXPECT_EQ(OnlyData(DecodeData("a<!-- c -->b<?pi?>c")).octets, "abc");
}

TEST(DecodeXml, NormalisesLineEnds) {
  EXPECT_EQ(OnlyData(DecodeData("a\r\nb\rc\r\r\nd&#13;e")).octets, "a\nb\nc\n\nd\re");
  EXPECT_EQ(OnlyData(DecodeData("<![CDATA[a\r\nb]]>")).octets, "a\nb");
}

TEST(DecodeXml, KeepsTheBlanksOfDataAndTrimsIdsAndCodes) {
  EXPECT_EQ(OnlyData(DecodeData(" a \n")).octets, " a \n");
  EXPECT_EQ(OnlyData(DecodeData("  ")).octets, "  ");
  const Kept kept(
      WithBody("<Status><CmdID>\n 1 </CmdID><Cmd>\tGet\n</Cmd><Data> 200\n</Data></Status>"));
  EXPECT_EQ(kept.message().commands.at(0).cmd_id, "1");
  EXPECT_EQ(kept.message().commands.at(0).cmd, "Get");
  EXPECT_EQ(kept.message().commands.at(0).data->octets, "200");
}

TEST(DecodeXml, CapturesSubDocumentsAsTheyStand) {
  const std::string tree =
      "<MgmtTree xmlns='syncml:dmddf1.2'>\n<Node><Data/><!-- </Data> --><x "
      "a='>'>&amp;</x></Node></MgmtTree>";
  for (const std::string& content : {tree, "\n  " + tree + "\n", tree + "<!-- c -->"}) {
    const Kept kept = DecodeData(content);
    ASSERT_TRUE(kept.decoded) << content << kept.decoded.error.message;
    EXPECT_EQ(OnlyData(kept).form, DataForm::kMarkup);
    EXPECT_TRUE(OnlyData(kept).octets.starts_with(tree)) << OnlyData(kept).octets;
  }
  EXPECT_EQ(OnlyData(DecodeData("\n" + tree + "\n")).octets, tree);
}

TEST(DecodeXml, ToleratesElementsInsideTexts) {
  const Kept kept(WithBody("<Get><CmdID>1<x>2<CmdID>3</CmdID></x>4</CmdID></Get>"));
  ASSERT_TRUE(kept.decoded) << kept.decoded.error.message;
  EXPECT_EQ(kept.message().commands.at(0).cmd_id, "14");
}

TEST(DecodeXml, NamesUnknownCommandsAndSkipsUnknownElements) {
  const Kept kept(
      WithBody("<Frobnicate><x><CmdID>7</CmdID></x><CmdID>3</CmdID><Item/></Frobnicate>"
               "<Sequence><CmdID>4</CmdID><v:Twiddle/><Get><CmdID>5</CmdID></Get></Sequence>"
               "<get/><Item/><Final></Final>"));
  ASSERT_TRUE(kept.decoded) << kept.decoded.error.message;
  const auto& commands = kept.message().commands;
  ASSERT_EQ(commands.size(), 4u);
  EXPECT_EQ(commands[0].kind, CommandKind::kUnknown);
  EXPECT_EQ(commands[0].name, "Frobnicate");
  EXPECT_EQ(commands[0].cmd_id, "3");
  EXPECT_TRUE(commands[0].items.empty());
  ASSERT_EQ(commands[1].children.size(), 2u);
  EXPECT_EQ(commands[1].children[0].name, "Twiddle");
  EXPECT_EQ(commands[1].children[1].kind, CommandKind::kGet);
  EXPECT_EQ(commands[2].name, "get");
  EXPECT_EQ(commands[3].name, "Item");
  EXPECT_TRUE(kept.message().final);
}

TEST(DecodeXml, KnowsEmptyDataFromNoData) {
  EXPECT_EQ(OnlyData(DecodeData("")).octets, "");
  const Kept kept(WithBody("<Replace><Item><Data/></Item><Item/></Replace>"));
  EXPECT_TRUE(kept.message().commands.at(0).items.at(0).data);
  EXPECT_FALSE(kept.message().commands.at(0).items.at(1).data);
}

TEST(DecodeXml, ForgivesNumbersThatAreNone) {
  const Kept kept(
      WithBody("<Replace><Item><Meta><Size>12x</Size></Meta></Item><Item><Meta>"
               "<Size>99999999999999999999</Size></Meta></Item></Replace>"));
  EXPECT_FALSE(kept.message().commands.at(0).items.at(0).meta.size);
  EXPECT_FALSE(kept.message().commands.at(0).items.at(1).meta.size);
}

TEST(DecodeXml, SaysWhereEachCommandStands) {
  const Kept kept(WithBody("<Get/>\n<Exec/>"));
  EXPECT_EQ(kept.octets.substr(kept.message().commands.at(1).offset, 7), "<Exec/>");
}

TEST(DecodeXml, RefusesDeclarationsAndUnknownEntities) {
  const std::string bomb =
      "<?xml version=\"1.0\"?><!DOCTYPE SyncML [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b "
      "\"&a;&a;&a;\">]>";
  const Kept declared(bomb + WithBody("<Final/>"));
  EXPECT_FALSE(declared.decoded);
  EXPECT_EQ(declared.decoded.error.cause, Cause::kEntity);
  EXPECT_EQ(declared.decoded.error.offset, bomb.find('['));

  for (const char* text : {"a&b;", "&lol;c", "&nbsp;", "& x", "&", "a &amp b"}) {
    const Kept kept = DecodeData(text);
    EXPECT_FALSE(kept.decoded) << text;
    EXPECT_EQ(kept.decoded.error.cause, Cause::kEntity) << text << kept.decoded.error.message;
    EXPECT_EQ(kept.octets[kept.decoded.error.offset], '&') << text;
  }
  EXPECT_EQ(Kept(WithBody("&lol;")).decoded.error.cause, Cause::kEntity);
}

TEST(DecodeXml, RefusesOtherCharacterSets) {
  for (const std::string& prolog :
       {std::string("<?xml version='1.0' encoding='ISO-8859-1'?>"),
        std::string("<?xml version=\"1.0\" encoding=\"UTF-16\"?>"), std::string("\xFF\xFE"),
        std::string("\xFE\xFF"), std::string("<\0?\0", 4), std::string("\0<", 2)}) {
    EXPECT_EQ(Kept(prolog + WithBody("")).decoded.error.cause, Cause::kCharset) << prolog;
  }
  const Kept latin = DecodeData("caf\xE9!");
  EXPECT_EQ(latin.decoded.error.cause, Cause::kMalformed);
  EXPECT_EQ(latin.decoded.error.offset, latin.octets.find('\xE9'));
}

TEST(DecodeXml, RefusesWhatIsNoMessageWithCauseAndOffset) {
  const struct {
    std::string octets;
    Cause cause;
    size_t offset;
  } kCases[] = {
      {"", Cause::kTruncated, 0},
      {"  ", Cause::kTruncated, 2},
      {"hello", Cause::kMalformed, 0},
      {"<html></html>", Cause::kNotSyncml, 0},
      {"<SyncML/>", Cause::kNotSyncml, 0},
      {"<SyncML xmlns=\"SYNCML:SYNCML1.2\"></SyncML>", Cause::kNotSyncml, 0},
      {"<SyncML><SyncHdr></SyncML>", Cause::kMalformed, 17},
      {"<SyncML><SyncHdr/></SyncMl>", Cause::kMalformed, 18},
      {"<SyncML><SyncHdr/></SyncML><x/>", Cause::kMalformed, 27},
      {"<SyncML><SyncHdr/></SyncML", Cause::kTruncated, 26},
      {"<SyncML><SyncHdr/></Sync", Cause::kTruncated, 24},
      {"<SyncML a></SyncML>", Cause::kMalformed, 9},
      {"<SyncML a=b></SyncML>", Cause::kMalformed, 10},
      {"<SyncML a='b></SyncML>", Cause::kTruncated, 22},
      {"<SyncML ='b'></SyncML>", Cause::kMalformed, 8},
      {"<SyncML / ></SyncML>", Cause::kMalformed, 8},
      {"<SyncML><></SyncML>", Cause::kMalformed, 9},
      {"<SyncML><!ELEMENT x></SyncML>", Cause::kMalformed, 8},
      {"<SyncML><SyncHdr><MsgID>&#0;</MsgID>", Cause::kMalformed, 24},
      {"<SyncML><SyncHdr><MsgID>&#xD800;</MsgID>", Cause::kMalformed, 24},
      {"<SyncML><SyncHdr><MsgID>&#x110000;</MsgID>", Cause::kMalformed, 24},
      {"<SyncML><SyncHdr><MsgID>&#;</MsgID>", Cause::kMalformed, 24},
      {std::string("<SyncML><SyncHdr><MsgID>\0</MsgID>", 33), Cause::kMalformed, 24},
  };
  for (const auto& [octets, cause, offset] : kCases) {
    const Decoded decoded = DecodeXml(octets);
    EXPECT_FALSE(decoded) << octets;
    EXPECT_EQ(Name(decoded.error.cause), Name(cause)) << octets;
    EXPECT_EQ(decoded.error.offset, offset) << octets << decoded.error.message;
    EXPECT_NE(decoded.error.message, "");
  }
}

TEST(EncodeXml, WritesElementsInTheOrderOfTheDtd) {
  const Kept kept(
      WithBody("<Results><Item><Data>x</Data><Meta><Type>t</Type><Format>chr</Format></Meta>"
               "<Source><LocName>n</LocName><LocURI>u</LocURI></Source></Item>"
               "<SourceRef>s</SourceRef><CmdRef>2</CmdRef><MsgRef>1</MsgRef>"
               "<Meta><Format>int</Format></Meta><CmdID>3</CmdID></Results><Final/>"));
  ASSERT_TRUE(kept.decoded);
  EXPECT_EQ(Encoded(Encoding::kXml, kept.message()),
            std::string(kHead) +
                "<SyncBody><Results><CmdID>3</CmdID><MsgRef>1</MsgRef><CmdRef>2</CmdRef>"
                "<Meta><Format xmlns=\"syncml:metinf\">int</Format></Meta><SourceRef>s</SourceRef>"
                "<Item><Source><LocURI>u</LocURI><LocName>n</LocName></Source>"
                "<Meta><Format xmlns=\"syncml:metinf\">chr</Format>"
                "<Type xmlns=\"syncml:metinf\">t</Type></Meta><Data>x</Data></Item></Results>"
                "<Final/></SyncBody></SyncML>");
}

TEST(EncodeXml, SendsOctetsAsBase64AndSaysSo) {
  Document document;
  Command& command = document.message().commands.emplace_back();
  command.kind = CommandKind::kReplace;
  Item& item = command.items.emplace_back();
  item.meta.format = "bin";
  item.meta.size = 4;
  item.data = Data{{"\0\1\2\3", 4}, DataForm::kOpaque};
  EXPECT_THAT(Encoded(Encoding::kXml, document.message()),
              HasSubstr("<Meta><Format xmlns=\"syncml:metinf\">b64</Format>"
                        "<Size xmlns=\"syncml:metinf\">8</Size></Meta><Data>AAECAw==</Data>"));
}

TEST(EncodeXml, SendsMarkupInASectionThatItCannotEnd) {
  Document document;
  Command& command = document.message().commands.emplace_back();
  command.kind = CommandKind::kAdd;
  command.items.emplace_back().data = Data{"<a>]]></a>", DataForm::kMarkup};
  EXPECT_THAT(Encoded(Encoding::kXml, document.message()),
              HasSubstr("<Data><![CDATA[<a>]]]]><![CDATA[></a>]]></Data>"));
}

}  // namespace
}  // namespace drover::syncml
