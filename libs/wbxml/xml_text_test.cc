#include "libs/wbxml/xml_text.h"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "libs/base/bytes.h"

namespace drover::wbxml {
namespace {

std::string Octets(std::string_view hex) { return base::FromHex(hex).value(); }

std::string Provisioning() {
  std::ifstream in(DROVER_WBXML_TESTDATA "/provisioning.hex");
  return Octets(std::string(std::istreambuf_iterator<char>(in), {}));
}

TEST(ToXml, GivesNamesAndNamespacesByCodePage) {
  const XmlText text =
      ToXml(Octets("02 A4 01 6A 00 6D 5A 00 01 47 03 6368723E 00 01 01 00 00 12 01"));
  ASSERT_TRUE(text.ok) << text.error.what;
  EXPECT_EQ(
      text.xml,
      "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><Meta><Format xmlns=\"syncml:metinf\">chr&gt;</Format>"
      "</Meta><Final/></SyncML>");
}

TEST(ToXml, IndentsForPeople) {
  const XmlText text =
      ToXml(Octets("02 A4 01 6A 00 6D 6B 12 52 01 4F 03 78 00 01 01 01"), {.indent = true});
  EXPECT_EQ(text.xml,
            "<SyncML xmlns=\"SYNCML:SYNCML1.2\">\n  <SyncBody>\n    <Final/>\n    <Final/>\n"
            "    <Data>x</Data>\n  </SyncBody>\n</SyncML>");
}

TEST(ToXml, ReadsAClientProvisioningDocument) {
  const XmlText text = ToXml(Provisioning(), {.indent = true});
  ASSERT_TRUE(text.ok) << text.error.what << " at " << text.error.offset;
  EXPECT_EQ(text.xml, R"(<wap-provisioningdoc version="1.0">
  <characteristic type="NAPDEF">
    <parm name="NAPID" value="n1"/>
    <parm name="BEARER" value="GSM-GPRS"/>
    <parm name="NAP-ADDRESS" value="iot"/>
    <parm name="NAP-ADDRTYPE" value="APN"/>
  </characteristic>
  <characteristic type="APPLICATION">
    <parm name="APPID" value="w7"/>
    <parm name="PROVIDER-ID" value="dm.example.com"/>
    <parm name="NAME" value="DM"/>
    <parm name="TO-NAPID" value="n1"/>
    <characteristic type="APPADDR">
      <parm name="ADDR" value="https://dm.example.com/dm"/>
      <characteristic type="PORT">
        <parm name="PORTNBR" value="443"/>
      </characteristic>
    </characteristic>
    <characteristic type="APPAUTH">
      <parm name="AAUTHLEVEL" value="APPSRV"/>
      <parm name="AAUTHTYPE" value="DIGEST"/>
      <parm name="AAUTHNAME" value="u1"/>
      <parm name="AAUTHSECRET" value="cpw"/>
      <parm name="AAUTHDATA" value="Tm9uY2U="/>
    </characteristic>
    <characteristic type="APPAUTH">
      <parm name="AAUTHLEVEL" value="CLIENT"/>
      <parm name="AAUTHTYPE" value="DIGEST"/>
      <parm name="AAUTHNAME" value="dm.example.com"/>
      <parm name="AAUTHSECRET" value="spw"/>
      <parm name="AAUTHDATA" value="Tm9uY2U="/>
    </characteristic>
  </characteristic>
</wap-provisioningdoc>)");
}

TEST(ToXml, ReadsADevInfDocument) {
  const XmlText text = ToXml(Octets("02 A4 03 6A 00 4A 65 03 312E32 00 01 51 03 41 00 01 2A 01"));
  ASSERT_TRUE(text.ok);
  EXPECT_EQ(text.xml,
            "<DevInf "
            "xmlns=\"syncml:devinf\"><VerDTD>1.2</VerDTD><Man>A</Man><SupportLargeObjs/></DevInf>");
}

TEST(ToXml, TurnsNestedDocumentsIntoElements) {
  const std::string devinf = Octets("02 A4 03 6A 00 4A 51 03 41 00 01 01");
  const XmlText text = ToXml(Octets("02 A4 01 6A 00 6D 4F C3 0C") + devinf + Octets("01 01"));
  ASSERT_TRUE(text.ok) << text.error.what;
  EXPECT_EQ(text.xml,
            "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><Data><DevInf xmlns=\"syncml:devinf\"><Man>A</Man>"
            "</DevInf></Data></SyncML>");
}

TEST(ToXml, ShowsOctetsAsBase64UnlessTheyAreText) {
  EXPECT_EQ(ToXml(Octets("02 A4 01 6A 00 4F C3 03 00 01 FF 01")).xml,
            "<Data xmlns=\"SYNCML:SYNCML1.2\">AAH/</Data>");
  EXPECT_EQ(ToXml(Octets("02 A4 01 6A 00 4F C3 03 41 26 42 01")).xml,
            "<Data xmlns=\"SYNCML:SYNCML1.2\">A&amp;B</Data>");
}

TEST(ToXml, ShowsAnOpaqueValueOfABinaryNodeAsBase64EvenIfItIsText) {
  const std::string node = "64 6F 5C 09 01 01 76 C3 03 41 42 43 01 01";
  const std::string chr = "64 6F 5C 0B 01 01 76 C3 03 41 42 43 01 01";
  const XmlText text = ToXml(Octets("02 A4 01 6A 00 4F 00 02 60" + node + chr + "01 01"));
  ASSERT_TRUE(text.ok) << text.error.what;
  EXPECT_NE(text.xml.find("<bin/></Format></RTProperties><Value>QUJD</Value>"), std::string::npos)
      << text.xml;
  EXPECT_NE(text.xml.find("<chr/></Format></RTProperties><Value>ABC</Value>"), std::string::npos)
      << text.xml;
}

TEST(ToXml, NamesTagsThatNobodyAssigned) {
  EXPECT_EQ(ToXml(Octets("02 A4 01 6A 00 6D 30 00 07 05 01")).xml,
            "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><unknown-00-30/><unknown-07-05/></SyncML>");
}

TEST(ToXml, ReadsLiteralTagsAndLeavesOutNamesThatXmlCannotCarry) {
  EXPECT_EQ(ToXml(Octets("02 A4 01 6A 06 41 62 00 3C 62 00 6D 04 00 44 03 01 01")).xml,
            "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><Ab/><unknown-literal/></SyncML>");
}

TEST(ToXml, SaysWhereADocumentGoesWrong) {
  const XmlText cut = ToXml(Octets("02 A4 01 6A 00 6D 4F 03 41 00"));
  EXPECT_FALSE(cut.ok);
  EXPECT_EQ(cut.error.cause, Error::Cause::kTruncated);
  EXPECT_EQ(cut.error.offset, 10u);
  EXPECT_EQ(cut.xml, "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><Data>A");

  const XmlText end = ToXml(Octets("02 A4 01 6A 00 01"));
  EXPECT_EQ(end.error.cause, Error::Cause::kMalformed);
  EXPECT_EQ(end.error.offset, 5u);

  const XmlText unknown = ToXml(Octets("02 05 6A 00 6D 01"));
  EXPECT_EQ(unknown.error.cause, Error::Cause::kUnknown);
}

TEST(ToXml, StopsAtItsDepth) {
  std::string octets = Octets("02 A4 01 6A 00");
  octets.append(100'000, '\x6D');
  const XmlText text = ToXml(octets);
  EXPECT_EQ(text.error.cause, Error::Cause::kLimit);
  EXPECT_EQ(text.error.offset, 5u + 64);
}

TEST(ToXml, StopsWhenAStringTableIsMultiplied) {
  std::string octets = Octets("02 A4 01 6A C0 00") + std::string(8192, 'x');
  octets += Octets("4F");
  for (int i = 0; i < 20'000; ++i) octets += Octets("83 00");
  octets += '\x01';
  const XmlText text = ToXml(octets);
  EXPECT_EQ(text.error.cause, Error::Cause::kLimit);
  EXPECT_LT(text.xml.size(), 64 * octets.size());
}

TEST(ToXml, AnswersToEveryTruncationAndMutation) {
  const std::string whole = Provisioning();
  for (size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(ToXml(std::string_view(whole).substr(0, length)).ok) << length;
  }
  std::string mutated = whole;
  for (size_t i = 0; i < whole.size(); ++i) {
    for (int octet = 0; octet < 256; ++octet) {
      mutated[i] = static_cast<char>(octet);
      const XmlText text = ToXml(mutated);
      EXPECT_LE(text.error.offset, mutated.size());
    }
    mutated[i] = whole[i];
  }
}

}  // namespace
}  // namespace drover::wbxml
