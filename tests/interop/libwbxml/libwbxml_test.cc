// libwbxml judges our WBXML: what we write it must read as the same message, what it writes we
// must.
#include "libs/syncml/testing/libwbxml.h"

#include <gtest/gtest.h>

#include "libs/base/bytes.h"
#include "libs/syncml/debug.h"
#include "libs/syncml/document.h"
#include "libs/syncml/testing/messages.h"
#include "libs/wbxml/xml_text.h"
#include "tests/interop/libwbxml/random_dm.h"

namespace drover::syncml {
namespace {

using testing::AllVectors;
using testing::Conversion;
using testing::Encoded;
using testing::LibwbxmlToWbxml;
using testing::LibwbxmlToXml;
using testing::Vector;

std::vector<Vector> Examples(Encoding encoding) {
  std::vector<Vector> examples;
  for (Vector& vector : AllVectors()) {
    if (vector.encoding == encoding) examples.push_back(std::move(vector));
  }
  return examples;
}

void Level(Meta& meta, Document& document) {
  if (meta.type.ends_with("+wbxml")) {
    meta.type = document.Keep(std::string(meta.type.substr(0, meta.type.size() - 5)) + "xml");
  }
  if (meta.next_nonce.form == DataForm::kOpaque) {
    meta.next_nonce = {document.Keep(base::Base64(meta.next_nonce.octets)), DataForm::kText};
  }
}

void Level(Command& command, Document& document) {
  if (command.chal) Level(*command.chal, document);
  for (Item& item : command.items) {
    Level(item.meta, document);
    if (item.data && wbxml::IsXmlText(item.data->octets)) item.data->form = DataForm::kText;
  }
  for (Command& child : command.children) Level(child, document);
}

// The message without what libwbxml is known to change: text goes as OPAQUE in a Data element, as
// raw octets in a NextNonce, and a Type that ends in +xml ends in +wbxml in WBXML, and the reverse.
std::string Levelled(const Message& message) {
  Document level = testing::Copy(message);
  for (Command& command : level.message().commands) Level(command, level);
  return DebugString(level.message());
}

TEST(Libwbxml, ReadsOurWbxmlOfEveryExampleAsTheSameMessage) {
  for (const Vector& vector : Examples(Encoding::kXml)) {
    const Decoded decoded = DecodeXml(vector.octets);
    ASSERT_TRUE(decoded) << vector.name;
    const Conversion xml = LibwbxmlToXml(Encoded(Encoding::kWbxml, decoded.document.message()));
    ASSERT_TRUE(xml.ok) << vector.name << ": " << xml.error;
    const Decoded judged = DecodeXml(xml.octets);
    ASSERT_TRUE(judged) << vector.name << ": " << judged.error.message << "\n" << xml.octets;
    EXPECT_EQ(Levelled(judged.document.message()), Levelled(decoded.document.message()))
        << vector.name;
  }
}

TEST(Libwbxml, ReadsTheBinaryVectorsAsWeDo) {
  for (const Vector& vector : Examples(Encoding::kWbxml)) {
    // It does not know code page 2 inside a message.
    if (vector.name.find("tnds") == 0 || vector.name == "bootstrap_inline.hex") continue;
    const Decoded decoded = DecodeWbxml(vector.octets);
    ASSERT_TRUE(decoded) << vector.name;
    const Conversion xml = LibwbxmlToXml(vector.octets);
    ASSERT_TRUE(xml.ok) << vector.name << ": " << xml.error;
    const Decoded judged = DecodeXml(xml.octets);
    ASSERT_TRUE(judged) << vector.name << ": " << judged.error.message << "\n" << xml.octets;
    EXPECT_EQ(Levelled(judged.document.message()), Levelled(decoded.document.message()))
        << vector.name << "\n"
        << xml.octets;
  }
}

TEST(Libwbxml, WritesOurXmlOfEveryExampleAsWbxmlThatWeReadAsTheSameMessage) {
  for (const Vector& vector : Examples(Encoding::kXml)) {
    const Decoded decoded = DecodeXml(vector.octets);
    ASSERT_TRUE(decoded) << vector.name;
    for (const bool string_table : {false, true}) {
      const Conversion wbxml =
          LibwbxmlToWbxml(Encoded(Encoding::kXml, decoded.document.message()), string_table);
      ASSERT_TRUE(wbxml.ok) << vector.name << ": " << wbxml.error;
      const Decoded judged = DecodeWbxml(wbxml.octets);
      ASSERT_TRUE(judged) << vector.name << ": " << judged.error.message << judged.error.offset;
      EXPECT_EQ(Levelled(judged.document.message()), Levelled(decoded.document.message()))
          << vector.name;
    }
  }
}

constexpr uint64_t kRandomMessages = 3000;

TEST(Libwbxml, ReadsOurWbxmlOfAnyMessageAsTheSameMessage) {
  for (uint64_t seed = 1; seed <= kRandomMessages; ++seed) {
    const Document message = interop::RandomDmMessage(seed);
    const Conversion xml = LibwbxmlToXml(Encoded(Encoding::kWbxml, message.message()));
    ASSERT_TRUE(xml.ok) << "seed " << seed << ": " << xml.error;
    const Decoded judged = DecodeXml(xml.octets);
    ASSERT_TRUE(judged) << "seed " << seed << ": " << judged.error.message << "\n" << xml.octets;
    ASSERT_EQ(Levelled(judged.document.message()), Levelled(message.message())) << "seed " << seed;
  }
}

TEST(Libwbxml, WritesOurXmlOfAnyMessageAsWbxmlThatWeReadAsTheSameMessage) {
  for (uint64_t seed = 1; seed <= kRandomMessages; ++seed) {
    const Document message = interop::RandomDmMessage(seed);
    const Conversion wbxml =
        LibwbxmlToWbxml(Encoded(Encoding::kXml, message.message()), seed % 2 == 0);
    ASSERT_TRUE(wbxml.ok) << "seed " << seed << ": " << wbxml.error;
    const Decoded judged = DecodeWbxml(wbxml.octets);
    ASSERT_TRUE(judged) << "seed " << seed << ": " << judged.error.message;
    ASSERT_EQ(Levelled(judged.document.message()), Levelled(message.message())) << "seed " << seed;
  }
}

// TNDS as libwbxml embeds it: an OPAQUE with a document of its own.
TEST(Libwbxml, EmbedsTndsThatWeReadAsTheSameTree) {
  const std::string tree =
      "<MgmtTree xmlns=\"syncml:dmddf1.2\"><VerDTD>1.2</VerDTD><Node><NodeName>N1</NodeName>"
      "<RTProperties><Format><node/></Format></RTProperties></Node></MgmtTree>";
  const Conversion wbxml = LibwbxmlToWbxml(
      "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><VerDTD>1.2</VerDTD></SyncHdr><SyncBody><Add>"
      "<CmdID>1</CmdID><Item><Meta><Type xmlns=\"syncml:metinf\">application/vnd.syncml.dmtnds+xml"
      "</Type></Meta><Data>" +
      tree + "</Data></Item></Add></SyncBody></SyncML>");
  ASSERT_TRUE(wbxml.ok) << wbxml.error;
  const Decoded decoded = DecodeWbxml(wbxml.octets);
  ASSERT_TRUE(decoded) << decoded.error.message;
  const Data& data = *decoded.document.message().commands.at(0).items.at(0).data;
  EXPECT_EQ(data.form, DataForm::kMarkup);
  EXPECT_EQ(data.octets, tree);
}

}  // namespace
}  // namespace drover::syncml
