#include "libs/syncml/media_type.h"

#include <gtest/gtest.h>

namespace drover::syncml {
namespace {

constexpr std::string_view kXmlBody = "<SyncML/>";
constexpr std::string_view kWbxmlBody = "\x02\xA4\x01";
constexpr std::string_view kDmXml = "application/vnd.syncml.dm+xml";
constexpr std::string_view kDmWbxml = "application/vnd.syncml.dm+wbxml";
constexpr std::string_view kDsXml = "application/vnd.syncml+xml";
constexpr std::string_view kDsWbxml = "application/vnd.syncml+wbxml";

void ExpectReply(std::string_view type, std::string_view body, std::string_view reply) {
  const std::optional<MediaType> resolved = ResolveMediaType(type, body);
  ASSERT_TRUE(resolved) << type;
  EXPECT_EQ(resolved->reply, reply) << type;
  EXPECT_EQ(resolved->encoding, reply.ends_with("+xml") ? Encoding::kXml : Encoding::kWbxml);
}

TEST(ResolveMediaType, AnswersInTheTypeThatWasSent) {
  ExpectReply(kDmXml, kXmlBody, kDmXml);
  ExpectReply(kDmWbxml, kWbxmlBody, kDmWbxml);
  ExpectReply(kDsXml, kXmlBody, kDsXml);
  ExpectReply(kDsWbxml, kWbxmlBody, kDsWbxml);
}

TEST(ResolveMediaType, ReadsOverCaseBlanksAndParameters) {
  ExpectReply("Application/VND.SyncML.DM+XML", kXmlBody, kDmXml);
  ExpectReply(" application/vnd.syncml.dm+wbxml ; charset=UTF-8", kWbxmlBody, kDmWbxml);
  ExpectReply("application/vnd.syncml.dm+xml;charset=\"utf-8\";q=1", kXmlBody, kDmXml);
  ExpectReply("application/vnd.syncml.dm+xml; Charset = us-ascii", kXmlBody, kDmXml);
  ExpectReply("application/vnd.syncml.dm+wbxml; SEC=NETWORKID; MAC=00", kWbxmlBody, kDmWbxml);
}

TEST(ResolveMediaType, BelievesTheBodyWhenTheSubtypeIsWrongOrMissing) {
  ExpectReply(kDmXml, kWbxmlBody, kDmWbxml);
  ExpectReply(kDmWbxml, kXmlBody, kDmXml);
  ExpectReply("application/vnd.syncml.dm", kWbxmlBody, kDmWbxml);
  ExpectReply("application/vnd.syncml", kXmlBody, kDsXml);
  for (const std::string_view type : {"", "application/octet-stream", "text/xml; charset=utf-8",
                                      "application/xml", "*/*", "TEXT/PLAIN"}) {
    ExpectReply(type, kWbxmlBody, kDmWbxml);
    ExpectReply(type, "\xEF\xBB\xBF <SyncML/>", kDmXml);
  }
}

TEST(ResolveMediaType, LeavesABodyThatIsNeitherToTheDecoderOfItsType) {
  ExpectReply(kDmXml, "", kDmXml);
  ExpectReply(kDmWbxml, "garbage", kDmWbxml);
}

TEST(ResolveMediaType, RefusesOtherTypesAndCharacterSets) {
  EXPECT_FALSE(ResolveMediaType("text/html", kXmlBody));
  EXPECT_FALSE(ResolveMediaType("application/vnd.syncml.notification", kWbxmlBody));
  EXPECT_FALSE(ResolveMediaType("application/vnd.syncml.dmtnds+xml", kXmlBody));
  EXPECT_FALSE(ResolveMediaType("application/json", "{}"));
  EXPECT_FALSE(ResolveMediaType("", "garbage"));
  EXPECT_FALSE(ResolveMediaType("application/vnd.syncml.dm+xml; charset=iso-8859-1", kXmlBody));
  EXPECT_FALSE(
      ResolveMediaType("application/vnd.syncml.dm+xml; a=b; charset=\"utf-16\"", kXmlBody));
}

}  // namespace
}  // namespace drover::syncml
