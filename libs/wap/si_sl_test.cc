#include "libs/wap/si_sl.h"

#include <gtest/gtest.h>

#include "libs/base/bytes.h"

namespace drover::wap {
namespace {

constexpr char kProlog[] =
    "<?xml version=\"1.0\"?>\n<!DOCTYPE si PUBLIC \"-//WAPFORUM//DTD SI 1.0//EN\" "
    "\"http://www.wapforum.org/DTD/si.dtd\">\n";

std::string Hex(const Result<std::string>& octets) {
  return octets ? base::Hex(*octets) : octets.error().message;
}

struct Case {
  const char* name;
  std::string xml;
  UrlTokens tokens;
  const char* hex;
};

const Case kIndications[] = {
    {"high",
     kProlog + std::string("<si><indication href=\"http://example.com/a\" action=\"signal-high\">\n"
                           "  Update ready\n</indication></si>\n"),
     UrlTokens::kScheme,
     "02056a0045c60c036578616d706c652e636f6d2f6100080103557064617465207265616479000101"},
    {"with id and dates",
     "<si><indication href='http://www.xyz.com/email/123/abc.wml' si-id='1@xyz.com' "
     "created='1999-06-25T15:23:15Z' si-expires='1999-06-30T00:00:00Z' action='signal-high'>You "
     "have 4 "
     "new emails</indication></si>",
     UrlTokens::kScheme,
     "02056a0045c60c037777772e78797a2e636f6d2f656d61696c2f3132332f6162632e776d6c00110331407879"
     "7a2e636f6d000ac3071999062515231510c30419990630080103596f7520686176652034206e657720656d61"
     "696c73000101"},
    {"as short as can be",
     "<si><indication href='http://www.xyz.com/email/123/abc.wml' si-id='1@xyz.com' "
     "created='1999-06-25T15:23:15Z' si-expires='1999-06-30T00:00:00Z' action='signal-high'>You "
     "have 4 "
     "new emails</indication></si>",
     UrlTokens::kAll,
     "02056a0045c60d0378797a0085 03656d61696c2f3132332f6162632e776d6c00110331407879"
     "7a2e636f6d000ac3071999062515231510c30419990630080103596f7520686176652034206e657720656d61"
     "696c73000101"},
    {"bare", "<si><indication/></si>", UrlTokens::kScheme, "02056a00454601 01"},
    {"https, entities, CDATA, info",
     "<si><indication href='https://a/?b=1&amp;c'>1 &lt; 2<![CDATA[ & 3]]></indication>"
     "<info><item class='x'>y</item><item/></info></si>",
     UrlTokens::kScheme, nullptr},
};

TEST(EncodeSi, IsThatOfTheVectors) {
  for (const Case& c : kIndications) {
    SCOPED_TRACE(c.name);
    const Result<std::string> octets = EncodeSi(c.xml, c.tokens);
    ASSERT_TRUE(octets) << octets.error();
    if (c.hex != nullptr) {
      EXPECT_EQ(base::Hex(*octets), base::Hex(base::FromHex(c.hex).value()));
    }
  }
}

TEST(EncodeSi, KeepsAnInfo) {
  EXPECT_EQ(Hex(EncodeSi(kIndications[4].xml)),
            "02056a0045c60e03612f3f623d3126630001"
            "0331203c203220262033000147c81203780001037900014801"
            "0101");
}

TEST(EncodeSl, IsThatOfTheVectors) {
  const Case kCases[] = {
      {"high", "<sl href=\"http://example.com/u\" action=\"execute-high\"/>", UrlTokens::kScheme,
       "02066a008509036578616d706c652e636f6d2f75000601"},
      {"short", "<sl href=\"http://www.a.org/u\"></sl>", UrlTokens::kAll,
       "02066a00850a03610088037500 01"},
      {"cached", "<sl action='cache' href='https://a/'/>", UrlTokens::kScheme,
       "02066a0085070b03612f0001"},
      {"another scheme", "<sl href='wtai://a'/>", UrlTokens::kScheme,
       "02066a0085080377746169 3a2f2f610001"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(Hex(EncodeSl(c.xml, c.tokens)), base::Hex(base::FromHex(c.hex).value()));
  }
}

TEST(EncodeSi, RefusesWhatIsNoServiceIndication) {
  const char* const kBad[] = {
      "",
      "<sl href='a'/>",
      "<si/>",
      "<si></si>",
      "<si>text<indication/></si>",
      "<si><indication/><indication/></si>",
      "<si><indication>a<b/></indication></si>",
      "<si><indication action='loud'/></si>",
      "<si><indication action='delete'/></si>",
      "<si><indication class='a'/></si>",
      "<si><indication created='yesterday'/></si>",
      "<si><indication>&eacute;</indication></si>",
      "<!DOCTYPE si [<!ENTITY a 'b'>]><si><indication>&a;</indication></si>",
      "<si><indication/><info>text</info></si>",
      "<si><indication/></si><si/>",
      "<si><indication></si>",
  };
  for (const char* xml : kBad) EXPECT_FALSE(EncodeSi(xml)) << xml;
  EXPECT_TRUE(EncodeSi("<si><indication action='delete' si-id='1'/></si>"));
  EXPECT_FALSE(
      EncodeSi("<si><indication>" + std::string(kMaxPushXmlOctets, 'x') + "</indication></si>"));
}

TEST(EncodeSl, RefusesWhatIsNoServiceLoading) {
  for (const char* xml : {"<sl/>", "<sl href='a'>text</sl>", "<sl href='a'><b/></sl>", "<si/>",
                          "<sl href='a' action='signal-high'/>", "<sl href='a' si-id='b'/>"}) {
    EXPECT_FALSE(EncodeSl(xml)) << xml;
  }
}

TEST(EncodeDate, CutsZerosAtTheEnd) {
  EXPECT_EQ(Hex(EncodeDate("1999-06-25T15:23:15Z")), "19990625152315");
  EXPECT_EQ(Hex(EncodeDate("1999-06-30T00:00:00Z")), "19990630");
  EXPECT_EQ(Hex(EncodeDate("1999-06-30T10:00:00Z")), "1999063010");
  EXPECT_EQ(Hex(EncodeDate("1999-06-30T00:00:10Z")), "19990630000010");
  EXPECT_EQ(Hex(EncodeDate("2000-02-29T00:05:00Z")), "200002290005");
}

TEST(EncodeDate, RefusesTimesThatAreNot) {
  for (const char* date :
       {"", "1999-06-25", "1999-06-25T15:23:15", "1999-06-25 15:23:15Z", "1999-13-25T15:23:15Z",
        "1999-02-29T15:23:15Z", "1999-06-31T15:23:15Z", "1999-06-25T24:23:15Z",
        "1999-06-25T15:60:15Z", "1999-06-25T15:23:60Z", "1999-06-00T15:23:15Z",
        "1999-06-25T15:23:15+01:00", "19x9-06-25T15:23:15Z"}) {
    EXPECT_FALSE(EncodeDate(date)) << date;
  }
}

TEST(ToBinary, ChangesTextAndLetsTheRestPass) {
  const auto si = ToBinary("text/vnd.wap.si", "<si><indication/></si>").value();
  ASSERT_TRUE(si);
  EXPECT_EQ(si->media.code, kMediaSic);
  const auto sl = ToBinary("Text/vnd.wap.SL", "<sl href='a'/>").value();
  ASSERT_TRUE(sl);
  EXPECT_EQ(sl->media.code, kMediaSlc);
  const std::string wbxml = base::FromHex("02056a0045c601").value();
  EXPECT_EQ(ToBinary("text/vnd.wap.si", wbxml).value()->octets, wbxml);
  EXPECT_FALSE(ToBinary("application/vnd.wap.sic", wbxml).value());
  EXPECT_FALSE(ToBinary("text/plain", "<si/>").value());
  EXPECT_FALSE(ToBinary("text/vnd.wap.si", "<other/>"));
}

}  // namespace
}  // namespace drover::wap
