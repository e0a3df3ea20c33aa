#include "libs/wap/wsp_push.h"

#include <gtest/gtest.h>

#include "libs/base/bytes.h"

namespace drover::wap {
namespace {

std::string Octets(std::string_view hex) { return base::FromHex(hex).value(); }
std::string Encoded(const Push& push) {
  std::string out;
  const Result<void> done = AppendPush(push, out);
  return done ? base::Hex(out) : done.error().message;
}

void ExpectSame(const Push& a, const Push& b) {
  EXPECT_EQ(a.tid, b.tid);
  EXPECT_EQ(a.content_type, b.content_type);
  EXPECT_EQ(a.application_id, b.application_id);
  EXPECT_EQ(a.headers, b.headers);
  EXPECT_EQ(a.data, b.data);
}

struct Case {
  const char* name;
  Push push;
  const char* hex;
};

ContentType Type(uint32_t code, std::optional<uint32_t> charset = {}) {
  return {.media = {code, {}}, .charset = charset};
}

const std::string kText = "x-wap-application:example.ua";

const Case kCases[] = {
    {"SI in binary",
     {0x25, Type(0x2E, 106), Name{2, {}}, {}, "data"},
     "2506 06 03ae81ea af82 64617461"},
    {"SL in binary", {0x03, Type(0x30), Name{2, {}}, {}, "d"}, "0306 03 b0 af82 64"},
    {"a notification", {0x01, Type(0x44), Name{7, {}}, {}, ""}, "0106 03 c4 af87"},
    {"no application id", {0x01, Type(0x44), {}, {}, "d"}, "0106 01 c4 64"},
    {"any charset", {0x01, Type(0x03, 0), {}, {}, ""}, "0106 04 03838180"},
    {"UCS-2", {0x01, Type(0x03, 1000), {}, {}, ""}, "0106 06 0583810203e8"},
    {"a media type over 7F", {0x01, Type(0x0205), {}, {}, ""}, "0106 04 03020205"},
    {"a media type as text",
     {0x01, {.media = {{}, "text/x"}}, Name{{}, kText}, {}, ""},
     "0106 25 746578742f7800 af782d7761702d6170706c69636174696f6e3a6578616d706c652e756100"},
    {"a media type as text with a charset",
     {0x01, {.media = {{}, "text/x"}, .charset = 106}, {}, {}, ""},
     "0106 0a 09746578742f780081ea"},
    {"an application id over 7F",
     {0x01, Type(0x44), Name{0x9010, {}}, {}, ""},
     "0106 05 c4 af029010"},
    {"SEC and MAC",
     {0x02,
      {.media = {0x36, {}},
       .sec = Sec::kUserPin,
       .mac = "61D54E5BC1C9BFE2448E0F1121F44057B97857A7"},
      Name{0, {}},
      {},
      ""},
     "0206 31 1f2d b69181 92 "
     "36314435344535424331433942464532343438453046313132314634343035374239373835374137 00 af80"},
    {"other parameters",
     {0x01, {.media = {0x03, {}}, .charset = 106, .others = "a\0b\0"}, {}, {}, ""},
     nullptr},
    {"other headers",
     {0x01,
      Type(0x44),
      Name{7, {}},
      {{.code = 0x34, .value = "\x84"},
       {.name = "X-A", .value = std::string("b\0", 2)},
       {.page = 2, .code = 0x01, .value = "\x02xy"}},
      "d"},
     "0106 11 c4 af87 b484 582d4100 6200 7f02 81 027879 64"},
};

TEST(Push, IsThatOfTheVectorsBothWays) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    Push push = c.push;
    if (!push.content_type.others.empty()) push.content_type.others = std::string_view("a\0b\0", 4);
    std::string octets;
    ASSERT_TRUE(AppendPush(push, octets));
    if (c.hex != nullptr) {
      EXPECT_EQ(base::Hex(octets), base::Hex(Octets(c.hex)));
    }
    const Result<Push> decoded = DecodePush(octets);
    ASSERT_TRUE(decoded) << decoded.error();
    ExpectSame(*decoded, push);
  }
}

TEST(Push, HasHeadersOfAnyLength) {
  for (const size_t size : {10U, 100U, 127U, 128U, 300U, 20000U}) {
    const std::string name = "x-wap-application:" + std::string(size, 'u');
    const Push push{1, Type(0x44), Name{{}, name}, {}, "data"};
    std::string octets;
    ASSERT_TRUE(AppendPush(push, octets));
    const Result<Push> decoded = DecodePush(octets);
    ASSERT_TRUE(decoded) << size;
    ExpectSame(*decoded, push);
  }
}

TEST(Push, ReadsWhatAnotherGatewaySends) {
  const std::string octets = Octets("0006 05 ae 8dc6 c393 02056a00");
  const Result<Push> push = DecodePush(octets);
  ASSERT_TRUE(push) << push.error();
  EXPECT_EQ(MediaTypeText(push->content_type.media), "application/vnd.wap.sic");
  EXPECT_FALSE(push->application_id);
  const std::vector<Header> headers = {{.code = 0x0D, .value = "\xC6"},
                                       {.code = 0x43, .value = "\x93"}};
  EXPECT_EQ(push->headers, headers);
  EXPECT_EQ(push->data.size(), 4U);
}

TEST(Push, ReadsParametersInAnyOrder) {
  const Result<Push> push = DecodePush(Octets("0106 0a 09 b6 92 41424300 9180 81 ea"));
  EXPECT_FALSE(push);  // Its length is one too short for them all.
  const std::string good = Octets("0106 0b 0a b6 92 41424300 9180 81 ea");
  const Result<Push> decoded = DecodePush(good);
  ASSERT_TRUE(decoded) << decoded.error();
  EXPECT_EQ(decoded->content_type,
            (ContentType{{0x36, {}}, 106, Sec::kNetwPin, "ABC", std::string_view()}));
}

TEST(Push, IsRefusedWhereItIsCutOrAnother) {
  const char* const kBad[] = {"",
                              "0106",
                              "0107 01 c4",
                              "0106 02 c4",
                              "0106 00",
                              "0106 01 00",
                              "0106 03 01c4 ",
                              "0106 03 746578",
                              "0106 01 1f",
                              "0106 02 c4af",
                              "0106 8f ffffff",
                              "0106 03 c4 8d 1f",
                              "0106 03 c4 7f 00",
                              "0106 04 03 b6 9184",
                              "0106 8080808080 01"};
  for (const char* hex : kBad) EXPECT_FALSE(DecodePush(Octets(hex))) << hex;
}

TEST(Push, IsNotWrittenWithWhatCannotStandThere) {
  const std::string nul("a\0b", 3);
  EXPECT_NE(Encoded({.content_type = {}}).find("media type"), std::string::npos);
  EXPECT_NE(Encoded({.content_type = {.media = {{}, nul}}}).find("media type"), std::string::npos);
  EXPECT_NE(Encoded({.content_type = Type(3), .application_id = Name{{}, nul}}).find("application"),
            std::string::npos);
  EXPECT_NE(Encoded({.content_type = {.media = {3, {}}, .mac = "A B"}}).find("MAC"),
            std::string::npos);
  for (const Header& header :
       {Header{.code = 0x80, .value = "\x80"}, Header{.name = "a b\n", .value = ""},
        Header{.code = 1, .value = "text"}, Header{.page = 0, .value = "\x80"}}) {
    EXPECT_NE(Encoded({.content_type = Type(3), .headers = {header}}).find("header"),
              std::string::npos);
  }
}

TEST(Names, HaveTheirNumbersInAnyCase) {
  EXPECT_EQ(MediaTypeName("Application/VND.syncml.notification").code, 0x44U);
  EXPECT_EQ(MediaTypeName("application/x-unknown").code, std::nullopt);
  EXPECT_EQ(MediaTypeName("text/vnd.wap.si ; charset=utf-8").code, 0x2DU);
  EXPECT_EQ(MediaTypeName("a/b;c=d").text, "a/b");
  EXPECT_EQ(MediaTypeText({0x36, {}}), "application/vnd.wap.connectivity-wbxml");
  EXPECT_EQ(MediaTypeText({0x7E, {}}), "");
  EXPECT_EQ(ApplicationIdName("x-wap-application:syncml.dm").code, 7U);
  EXPECT_EQ(ApplicationIdName("Syncml.DM").code, 7U);
  EXPECT_EQ(ApplicationIdName("*").code, 0U);
  EXPECT_EQ(ApplicationIdName("4").code, 4U);
  EXPECT_EQ(ApplicationIdName("x-wap-application:other").code, std::nullopt);
  EXPECT_EQ(ApplicationIdText({9, {}}), "x-wap-application:emn.ua");
}

TEST(TextHeader, GoesByNumberWhereThereIsOne) {
  EXPECT_EQ(TextHeader("push-flag", "4").value(), (Header{.code = 0x34, .value = "\x84"}));
  EXPECT_EQ(TextHeader("X-Wap-Content-URI", "http://a").value(),
            (Header{.code = 0x30, .value = std::string("http://a\0", 9)}));
  EXPECT_EQ(TextHeader("X-Other", "b").value(),
            (Header{.name = "X-Other", .value = std::string("b\0", 2)}));
  EXPECT_EQ(TextHeader("X-Other", "\xC3\xA9").value().value, std::string("\x7F\xC3\xA9\0", 4));
  EXPECT_FALSE(TextHeader("", "b"));
  EXPECT_FALSE(TextHeader("a b", "b"));
  EXPECT_FALSE(TextHeader("a", "b\r\nc"));
  EXPECT_FALSE(TextHeader("Push-Flag", "9"));
}

}  // namespace
}  // namespace drover::wap
