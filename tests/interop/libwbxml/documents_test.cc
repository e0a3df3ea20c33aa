// Documents of libwbxml's own types, as libwbxml writes them: we read every one, and say what it is
// where the vocabulary is ours.
#include <gtest/gtest.h>

#include "libs/syncml/testing/libwbxml.h"
#include "libs/wbxml/reader.h"
#include "libs/wbxml/xml_text.h"

namespace drover::wbxml {
namespace {

using syncml::testing::Conversion;
using syncml::testing::LibwbxmlToWbxml;
using syncml::testing::LibwbxmlToXml;

struct Sample {
  const char* name;
  const char* xml;
  bool ours;  // One of our vocabularies.
};

// One of each kind of document that libwbxml knows and that travels between a terminal and what
// manages it, and of the others a small one.
constexpr Sample kSamples[] = {
    {"provisioning 1.0",
     "<?xml version=\"1.0\"?><!DOCTYPE wap-provisioningdoc PUBLIC \"-//WAPFORUM//DTD PROV "
     "1.0//EN\" "
     "\"http://www.wapforum.org/DTD/prov.dtd\"><wap-provisioningdoc version=\"1.0\">"
     "<characteristic type=\"PXLOGICAL\"><parm name=\"PROXY-ID\" value=\"p1\"/>"
     "<characteristic type=\"PXPHYSICAL\"><parm name=\"PXADDRTYPE\" value=\"IPV4\"/>"
     "<parm name=\"TO-NAPID\" value=\"n1\"/></characteristic></characteristic>"
     "<characteristic type=\"NAPDEF\"><parm name=\"NAPID\" value=\"n1\"/>"
     "<parm name=\"BEARER\" value=\"GSM-GPRS\"/><parm name=\"NAP-ADDRTYPE\" value=\"APN\"/>"
     "</characteristic><characteristic type=\"APPLICATION\"><parm name=\"APPID\" value=\"w7\"/>"
     "<characteristic type=\"APPADDR\"><parm name=\"ADDR\" value=\"https://dm.example/dm\"/>"
     "</characteristic></characteristic></wap-provisioningdoc>",
     true},
    {"SyncML 1.0",
     "<?xml version=\"1.0\"?><!DOCTYPE SyncML PUBLIC \"-//SYNCML//DTD SyncML 1.0//EN\" \"\">"
     "<SyncML><SyncHdr><VerDTD>1.0</VerDTD></SyncHdr><SyncBody><Final/></SyncBody></SyncML>",
     true},
    {"SyncML 1.1",
     "<?xml version=\"1.0\"?><!DOCTYPE SyncML PUBLIC \"-//SYNCML//DTD SyncML 1.1//EN\" \"\">"
     "<SyncML><SyncHdr><VerDTD>1.1</VerDTD></SyncHdr><SyncBody><Final/></SyncBody></SyncML>",
     true},
    {"SyncML 1.2",
     "<?xml version=\"1.0\"?><!DOCTYPE SyncML PUBLIC \"-//SYNCML//DTD SyncML 1.2//EN\" \"\">"
     "<SyncML><SyncHdr><VerDTD>1.2</VerDTD></SyncHdr><SyncBody><Final/></SyncBody></SyncML>",
     true},
    {"DevInf 1.1",
     "<?xml version=\"1.0\"?><!DOCTYPE DevInf PUBLIC \"-//SYNCML//DTD DevInf 1.1//EN\" \"\">"
     "<DevInf><VerDTD>1.1</VerDTD><Man>Acme</Man><Mod>Phone 9</Mod></DevInf>",
     true},
    {"DevInf 1.2",
     "<?xml version=\"1.0\"?><!DOCTYPE DevInf PUBLIC \"-//SYNCML//DTD DevInf 1.2//EN\" \"\">"
     "<DevInf><VerDTD>1.2</VerDTD><Man>Acme</Man><Mod>Phone 9</Mod></DevInf>",
     true},
    {"DDF and TNDS 1.2",
     "<?xml version=\"1.0\"?><!DOCTYPE MgmtTree PUBLIC \"-//OMA//DTD-DM-DDF 1.2//EN\" \"\">"
     "<MgmtTree><VerDTD>1.2</VerDTD><Node><NodeName>A</NodeName><RTProperties><Format><node/>"
     "</Format><Type><DDFName>urn:oma:mo:x:1.0</DDFName></Type></RTProperties></Node></MgmtTree>",
     true},
    {"service indication",
     "<?xml version=\"1.0\"?><!DOCTYPE si PUBLIC \"-//WAPFORUM//DTD SI 1.0//EN\" \"\"><si>"
     "<indication href=\"http://www.example.com/\" si-id=\"1\">Mail</indication></si>",
     false},
    {"service loading",
     "<?xml version=\"1.0\"?><!DOCTYPE sl PUBLIC \"-//WAPFORUM//DTD SL 1.0//EN\" \"\">"
     "<sl href=\"http://www.example.com/\"/>",
     false},
    {"cache operation",
     "<?xml version=\"1.0\"?><!DOCTYPE co PUBLIC \"-//WAPFORUM//DTD CO 1.0//EN\" \"\"><co>"
     "<invalidate-object uri=\"http://www.example.com/\"/></co>",
     false},
    {"e-mail notification",
     "<?xml version=\"1.0\"?><!DOCTYPE emn PUBLIC \"-//WAPFORUM//DTD EMN 1.0//EN\" \"\">"
     "<emn mailbox=\"mailat:joe@example.com\"/>",
     false},
    {"WML 1.3",
     "<?xml version=\"1.0\"?><!DOCTYPE wml PUBLIC \"-//WAPFORUM//DTD WML 1.3//EN\" \"\"><wml>"
     "<card id=\"a\"><p>Hello</p></card></wml>",
     false},
    {"DRM rights",
     "<?xml version=\"1.0\"?><!DOCTYPE o-ex:rights PUBLIC \"-//OMA//DTD DRMREL 1.0//EN\" \"\">"
     "<o-ex:rights xmlns:o-ex=\"http://odrl.net/1.1/ODRL-EX\" "
     "xmlns:o-dd=\"http://odrl.net/1.1/ODRL-DD\"><o-ex:context><o-dd:version>1.0</o-dd:version>"
     "</o-ex:context></o-ex:rights>",
     false},
};

bool ReadTag(Reader& reader, uint8_t token, int& depth) {
  constexpr uint8_t kHasAttributes = 0x80;
  constexpr uint8_t kHasContent = 0x40;
  uint32_t name = 0;
  const bool literal = (token & 0x3F) == 0x04;
  if (literal && !reader.ReadNumber(name)) return false;
  if ((token & kHasContent) != 0) ++depth;
  return (token & kHasAttributes) == 0 || reader.SkipAttributes();
}

// One token of content, whatever the vocabulary.
bool ReadToken(Reader& reader, int& depth) {
  uint8_t token = 0;
  uint8_t page = 0;
  uint32_t code_point = 0;
  std::string_view text;
  if (!reader.ReadOctet(token)) return false;
  switch (token) {
    case 0x00:  // SWITCH_PAGE
      return reader.ReadOctet(page);
    case 0x01:  // END
      --depth;
      return true;
    case 0x02:  // ENTITY
      return reader.ReadEntity(code_point);
    case 0x03:  // STR_I
      return reader.ReadInline(text);
    case 0x43:  // PI
      return reader.SkipPi();
    case 0x83:  // STR_T
      return reader.ReadTable(text);
    case 0xC3:  // OPAQUE
      return reader.ReadOpaque(text);
    default:
      break;
  }
  const uint8_t low = token & 0x3F;
  return low < 3 ? reader.SkipExtension(token) : ReadTag(reader, token, depth);
}

testing::AssertionResult Walks(std::string_view document) {
  Reader reader(document);
  int depth = 0;
  bool ok = reader.ReadHeader();
  while (ok && !reader.at_end()) ok = ReadToken(reader, depth);
  if (!ok)
    return testing::AssertionFailure() << reader.error().what << " at " << reader.error().offset;
  if (depth != 0) return testing::AssertionFailure() << "ends at depth " << depth;
  return testing::AssertionSuccess();
}

TEST(LibwbxmlDocuments, OfEveryKindWalkThroughOurReader) {
  for (const Sample& sample : kSamples) {
    for (const bool string_table : {false, true}) {
      const Conversion wbxml = LibwbxmlToWbxml(sample.xml, string_table);
      // Names that it has no token for need the table.
      if (!wbxml.ok && !string_table) continue;
      ASSERT_TRUE(wbxml.ok) << sample.name << ": " << wbxml.error;
      EXPECT_TRUE(Walks(wbxml.octets)) << sample.name;
    }
  }
}

TEST(LibwbxmlDocuments, OfOurVocabulariesReadAsLibwbxmlReadsThem) {
  for (const Sample& sample : kSamples) {
    if (!sample.ours) continue;
    const Conversion wbxml = LibwbxmlToWbxml(sample.xml);
    ASSERT_TRUE(wbxml.ok) << sample.name << ": " << wbxml.error;
    const XmlText ours = ToXml(wbxml.octets);
    ASSERT_TRUE(ours.ok) << sample.name << ": " << ours.error.what;
    EXPECT_EQ(ours.xml.find("unknown"), std::string::npos) << sample.name << "\n" << ours.xml;
    // What we made of it encodes to the same octets again.
    const std::string doctype(sample.xml,
                              std::string_view(sample.xml).find("]>") == std::string::npos
                                  ? std::string_view(sample.xml).find("\">") + 2
                                  : 0);
    const Conversion again = LibwbxmlToWbxml(doctype + ours.xml);
    ASSERT_TRUE(again.ok) << sample.name << ": " << again.error << "\n" << ours.xml;
    EXPECT_EQ(again.octets, wbxml.octets) << sample.name << "\n" << ours.xml;
  }
}

TEST(LibwbxmlDocuments, OfOtherVocabulariesAreNamedAsUnknown) {
  for (const Sample& sample : kSamples) {
    if (sample.ours) continue;
    const Conversion wbxml = LibwbxmlToWbxml(sample.xml, /*string_table=*/true);
    ASSERT_TRUE(wbxml.ok) << sample.name;
    const XmlText ours = ToXml(wbxml.octets);
    EXPECT_FALSE(ours.ok) << sample.name;
    EXPECT_EQ(ours.error.cause, Error::Cause::kUnknown) << sample.name;
  }
}

}  // namespace
}  // namespace drover::wbxml
