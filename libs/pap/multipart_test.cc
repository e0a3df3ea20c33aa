#include "libs/pap/multipart.h"

#include <gtest/gtest.h>

namespace drover::pap {
namespace {

TEST(ParseMediaType, TakesParametersApart) {
  const MediaType media =
      ParseMediaType("Multipart/Related; boundary = \"a\\\"; b\" ;type=\"application/xml\"; x=y z;")
          .value();
  EXPECT_EQ(media.type, "multipart/related");
  EXPECT_EQ(*media.Find("BOUNDARY"), "a\"; b");
  EXPECT_EQ(*media.Find("type"), "application/xml");
  EXPECT_EQ(*media.Find("x"), "y z");
  EXPECT_EQ(media.Find("charset"), nullptr);
}

TEST(ParseMediaType, RefusesWhatIsNone) {
  for (const char* text :
       {"", "text", "text/", "/plain", "te xt/plain", "text/plain x", "text/plain; x",
        "text/plain; =y", "text/plain; x=\"y", "text/plain; x=\"y\"z"}) {
    EXPECT_FALSE(ParseMediaType(text)) << text;
  }
}

constexpr char kType[] = "multipart/related; boundary=asdlfkjiurwghasf; type=\"application/xml\"";

struct Case {
  const char* name;
  const char* type;
  std::string body;
};
const Case kCases[] = {
    {"as specified", kType,
     "--asdlfkjiurwghasf\r\nContent-Type: application/xml\r\n\r\n<pap/>\r\n"
     "--asdlfkjiurwghasf\r\nContent-Type: text/vnd.wap.si\r\nX-Wap-Application-Id: "
     "x-wap-application:wml.ua\r\n\r\n<si/>\r\n--asdlfkjiurwghasf--\r\n"},
    {"line feeds only", kType,
     "--asdlfkjiurwghasf\nContent-Type: application/xml\n\n<pap/>\n"
     "--asdlfkjiurwghasf\nContent-Type: text/vnd.wap.si\nX-Wap-Application-Id:"
     "x-wap-application:wml.ua\n\n<si/>\n--asdlfkjiurwghasf--"},
    {"a preamble, blanks and an epilogue", kType,
     "\r\n\r\nThis is asdlfkjiurwghasf\r\n --asdlfkjiurwghasf \r\n\r\n<pap/>\r\n"
     "\t--asdlfkjiurwghasf\r\nContent-Type:\r\n text/vnd.wap.si\r\nX-Wap-Application-Id: "
     "x-wap-application:wml.ua\r\n\r\n<si/>\r\n--asdlfkjiurwghasf-- \r\nepilogue"},
    {"a blank in the parameter", "multipart/related; boundary= asdlfkjiurwghasf",
     "--asdlfkjiurwghasf\r\n\r\n<pap/>\r\n--asdlfkjiurwghasf\r\nContent-Type: "
     "text/vnd.wap.si\r\nx-wap-application-id: "
     "x-wap-application:wml.ua\r\n\r\n<si/>\r\n--asdlfkjiurwghasf--"},
};

TEST(ReadSubmission, FindsControlAndContent) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    const Result<Submission> submission = ReadSubmission(c.type, c.body);
    ASSERT_TRUE(submission) << submission.error();
    EXPECT_EQ(submission->control, "<pap/>");
    ASSERT_TRUE(submission->content);
    EXPECT_EQ(*submission->content->Find("content-type"), "text/vnd.wap.si");
    EXPECT_EQ(*submission->content->Find("X-Wap-Application-ID"), "x-wap-application:wml.ua");
    EXPECT_EQ(submission->content_octets, "<si/>");
    EXPECT_FALSE(submission->capabilities);
  }
}

TEST(ReadSubmission, TakesAControlEntityAlone) {
  const Submission submission = ReadSubmission("application/xml; charset=utf-8", "<pap/>").value();
  EXPECT_EQ(submission.control, "<pap/>");
  EXPECT_FALSE(submission.content);
}

TEST(ReadSubmission, KeepsEveryOctetOfTheContent) {
  std::string content;
  for (int i = 0; i < 256; ++i) content.push_back(static_cast<char>(i));
  content += "\r\n--other\r\n--x\n\n\r\n";
  std::string body;
  WriteSubmission("boundary", "<pap/>", {{"Content-Type", "application/octet-stream"}}, content,
                  body);
  const Submission submission =
      ReadSubmission("multipart/related; boundary=boundary", body).value();
  EXPECT_EQ(submission.content_octets, content);
  EXPECT_EQ(submission.control, "<pap/>");
}

std::string Body(const std::string& fields, const std::string& content) {
  return "--b\r\n\r\n<pap/>\r\n--b\r\n" + fields + "\r\n" + content + "\r\n--b--";
}

TEST(ReadSubmission, TakesTransferEncodingsOff) {
  const auto octets = [](const char* encoding, const char* content) {
    const std::string body =
        Body("Content-Transfer-Encoding: " + std::string(encoding) + "\r\n", content);
    const auto submission = ReadSubmission("multipart/related; boundary=b", body);
    return submission ? submission->content_octets : submission.error().message;
  };
  EXPECT_EQ(octets("binary", "aGVsbG8="), "aGVsbG8=");
  EXPECT_EQ(octets("BASE64", "aGVs\r\nbG8=\r\n"), "hello");
  EXPECT_NE(octets("base64", "?").find("base64"), std::string::npos);
  EXPECT_NE(octets("quoted-printable", "a").find("quoted-printable"), std::string::npos);
}

TEST(ReadSubmission, TellsOfCapabilities) {
  const std::string body = "--b\r\n\r\n<pap/>\r\n--b\r\n\r\nx\r\n--b\r\n\r\n<rdf/>\r\n--b--";
  EXPECT_TRUE(ReadSubmission("multipart/related; boundary=b", body)->capabilities);
}

TEST(ReadSubmission, RefusesWhatIsNone) {
  const std::pair<const char*, std::string> kBad[] = {
      {"text/plain", "<pap/>"},
      {"", "<pap/>"},
      {"multipart/related", Body("", "x")},
      {"multipart/related; boundary=", Body("", "x")},
      {"multipart/related; boundary=\"b\nc\"", Body("", "x")},
      {"multipart/related; boundary=c", Body("", "x")},
      {"multipart/related; boundary=b", ""},
      {"multipart/related; boundary=b", "--b--"},
      {"multipart/related; boundary=b", "--b\r\n\r\n<pap/>\r\n--b\r\n\r\nx"},
      {"multipart/related; boundary=b", "--b\r\n\r\n<pap/>"},
      {"multipart/related; boundary=b", "--bb\r\n\r\n<pap/>\r\n--bb--"},
      {"multipart/related; boundary=b", Body("no field\r\n", "x")},
      {"multipart/related; boundary=b", Body(" folded\r\n", "x")},
      {"multipart/related; boundary=b", Body("a b: c\r\n", "x")},
  };
  for (const auto& [type, body] : kBad) {
    EXPECT_FALSE(ReadSubmission(type, body)) << type << "\n" << body;
  }
  EXPECT_FALSE(ReadMultipart(std::string(300, 'b'), "--b"));
}

TEST(ReadMultipart, KeepsItsLimits) {
  std::string many;
  for (int i = 0; i < 9; ++i) many += "--b\r\n\r\nx\r\n";
  EXPECT_EQ(ReadMultipart("b", many + "--b--").error().code, Code::kOutOfRange);
  EXPECT_EQ(ReadMultipart("b", many + "--b--", {.parts = 9})->size(), 9U);
  std::string fields;
  for (int i = 0; i < 40; ++i) fields += "a: b\r\n";
  EXPECT_EQ(ReadMultipart("b", Body(fields, "x")).error().code, Code::kOutOfRange);
  EXPECT_EQ(ReadMultipart("b", Body("a: " + std::string(9000, 'b') + "\r\n", "x")).error().code,
            Code::kOutOfRange);
}

}  // namespace
}  // namespace drover::pap
