#include "services/ingress/core/reception.h"

#include <gtest/gtest.h>

namespace drover::ingress {
namespace {

const Paths kPaths = {"/dm", "/old/dm"};
constexpr std::string_view kXml = "application/vnd.syncml.dm+xml";

std::string Message(std::string_view source) {
  return "<SyncML xmlns='SYNCML:SYNCML1.2'><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>"
         "<SessionID>1</SessionID><MsgID>1</MsgID><Target><LocURI>http://dm/</LocURI></Target>"
         "<Source><LocURI>" +
         std::string(source) +
         "</LocURI></Source></SyncHdr><SyncBody><Alert><CmdID>1</CmdID><Data>1201</Data></Alert>"
         "<Final/></SyncBody></SyncML>";
}

Reception Of(Post post) { return Receive(post, kPaths, 1 << 20); }

TEST(Reception, AcceptsAMessageAndNamesItsTerminalInTheOneSpelling) {
  const std::string body = Message("urn:imei:49300510059280-0");
  const Reception reception =
      Of({.method = "POST", .path = "/dm", .content_type = kXml, .body = body});
  ASSERT_EQ(reception.verdict, Verdict::kAccepted) << reception.explanation;
  EXPECT_EQ(reception.device.value(), "IMEI:493005100592800");
  EXPECT_EQ(reception.media.encoding, syncml::Encoding::kXml);
  EXPECT_EQ(reception.media.reply, kXml);
  EXPECT_TRUE(reception.opens);
}

TEST(Reception, TellsMessagesThatOpenASessionFromLaterOnes) {
  std::string body = Message("IMEI:493005100592800");
  body.replace(body.find("<MsgID>1"), 8, "<MsgID>2");
  const Reception reception =
      Of({.method = "POST", .path = "/dm", .content_type = kXml, .body = body});
  ASSERT_EQ(reception.verdict, Verdict::kAccepted) << reception.explanation;
  EXPECT_FALSE(reception.opens);
}

TEST(Reception, LooksAtThePathBeforeTheMethod) {
  EXPECT_EQ(Of({.method = "GET", .path = "/nowhere"}).verdict, Verdict::kUnknownPath);
  EXPECT_EQ(Of({.method = "GET", .path = "/old/dm"}).verdict, Verdict::kNotPost);
  EXPECT_EQ(Of({.method = "post", .path = "/dm"}).verdict, Verdict::kNotPost);
}

TEST(Reception, TakesNoContentEncodingButIdentity) {
  const std::string body = Message("IMEI:493005100592800");
  Post post{.method = "POST", .path = "/dm", .content_type = kXml, .body = body};
  post.content_encoding = "Identity";
  EXPECT_EQ(Of(post).verdict, Verdict::kAccepted);
  post.content_encoding = "gzip";
  EXPECT_EQ(Of(post).verdict, Verdict::kContentEncoding);
  EXPECT_EQ(HttpStatus(Verdict::kContentEncoding), 415);
}

TEST(Reception, RefusesAMediaTypeThatIsNoSyncml) {
  EXPECT_EQ(Of({.method = "POST", .path = "/dm", .content_type = "image/png", .body = "x"}).verdict,
            Verdict::kMediaType);
}

TEST(Reception, SaysWhereAMessageStopsMakingSense) {
  const std::string body = Message("IMEI:493005100592800").substr(0, 150);
  const Reception reception =
      Of({.method = "POST", .path = "/dm", .content_type = kXml, .body = body});
  EXPECT_EQ(reception.verdict, Verdict::kDecode);
  EXPECT_EQ(HttpStatus(reception.verdict), 400);
  EXPECT_NE(reception.explanation.find("at octet "), std::string::npos) << reception.explanation;
}

TEST(Reception, RefusesATerminalWithoutAName) {
  for (const char* source : {"", "  ", "a b"}) {
    const std::string body = Message(source);
    const Reception reception =
        Of({.method = "POST", .path = "/dm", .content_type = kXml, .body = body});
    EXPECT_EQ(reception.verdict, Verdict::kNoDevice) << source;
  }
}

}  // namespace
}  // namespace drover::ingress
