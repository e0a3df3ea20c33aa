#include "libs/gateway/message_xml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drover::gateway {
namespace {

using ::testing::HasSubstr;

Response ReadGood(std::string_view xml) {
  const auto reading = ReadAs<Response>(xml);
  EXPECT_TRUE(reading) << reading.error();
  return reading ? reading->message : Response{};
}

std::string Why(std::string_view xml) {
  const auto reading = Read(xml);
  return reading ? "" : reading.error().message;
}

std::string Response_(std::string_view body) {
  return "<response><header><version>2.0</version></header><body>" + std::string(body) +
         "</body></response>";
}
std::string Register_(std::string_view body) {
  return "<register><header><version>2.0</version><serial>00D09E-1</serial></header><body>"
         "<ip>192.0.2.7</ip><fileversion>1.0</fileversion>" +
         std::string(body) + "</body></register>";
}

TEST(GatewayXml, ReadsAResponseThatAsksForAReboot) {
  const Response response = ReadGood(
      "<?xml version='1.0' standalone='no'?>\n<response>\n<header>\n<version>2.0</version>\n"
      "</header>\n<body>\n<status>success</status>\n<reboot>yes</reboot>\n</body>\n</response>\n");
  EXPECT_EQ(response.header.version, "2.0");
  EXPECT_EQ(response.status, Status::kSuccess);
  EXPECT_EQ(response.reboot, true);
  EXPECT_TRUE(HasWork(response));
}

TEST(GatewayXml, ReadsAResponseWithAFileWhoseHeaderIsClosedAsHead) {
  const auto reading = ReadAs<Response>(
      "<?xml version='1.0' standalone='no'?><response><header><version>2.0</version></head><body>"
      "<status>success</status><filetype>version</filetype><filename>h260ver</filename>"
      "<downloadmethod>http</downloadmethod></body></response>");
  ASSERT_TRUE(reading) << reading.error();
  EXPECT_TRUE(reading->remarks.head_slip);
  ASSERT_EQ(reading->message.files.size(), 1u);
  EXPECT_EQ(
      reading->message.files[0],
      (File{.type = FileType::kVersion, .name = "h260ver", .download_method = Protocol::kHttp}));
}

TEST(GatewayXml, A9TakesHeadAndHeaderWhicheverClosesTheOther) {
  for (const char* tags :
       {"header header", "header head", "head head", "head header", "HEADER HEAD", "Head header"}) {
    const std::string pair(tags);
    const std::string open = pair.substr(0, pair.find(' ')),
                      close = pair.substr(pair.find(' ') + 1);
    const std::string xml =
        "<request><" + open + "><version>2</version></" + close + "><body></body></request>";
    EXPECT_EQ(Why(xml), "") << tags;
  }
  EXPECT_THAT(Why("<request><header><version>2</version></headers><body/></request>"),
              HasSubstr("end tag"));
  EXPECT_THAT(Why("<request><header><version>2</version></body><body/></request>"),
              HasSubstr("end tag"));
}

TEST(GatewayXml, ATagInACommentOrASectionIsNoSlip) {
  const auto reading = ReadAs<Request>(
      "<request><header><!-- </head> --><version>2.0</version></header><body>"
      "<vendor><![CDATA[</head>]]></vendor></body></request>");
  ASSERT_TRUE(reading) << reading.error();
  EXPECT_FALSE(reading->remarks.head_slip);
  EXPECT_EQ(reading->message.information.vendor, "</head>");
}

TEST(GatewayXml, A9RefusesWhatIsNotWellFormed) {
  const struct {
    std::string xml;
    const char* why;
  } kCases[] = {
      {"<!DOCTYPE response><response/>", "document type"},
      {"<!DOCTYPE r [<!ENTITY a \"b\">]><response>&a;</response>", "document type"},
      {Response_("<status>success</status> // told"), "element body: text between elements"},
      {"<?xml version='1.0'?> // declaration\n" + Response_("<status>success</status>"), "not XML"},
      {Response_("<status>success</status>").substr(0, 64), "the document ends"},
      {Response_("<status>&bomb;</status>"), "entity"},
      {"<response><Body></body></response>", "end tag"},
      {"", "ends before"},
      {"<response>", "ends inside"},
  };
  for (const auto& c : kCases) EXPECT_THAT(Why(c.xml), HasSubstr(c.why)) << c.xml;
}

TEST(GatewayXml, A9RefusesWhatIsTooMuch) {
  const std::string bomb(1 << 20, 'a');
  const auto large = Read(Response_("<status>" + bomb + "</status>"));
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, Code::kResourceExhausted);
  std::string many, deep;
  for (int i = 0; i < 200; ++i) many += "<x/>";
  EXPECT_THAT(Why(Response_("<status>success</status>" + many)), HasSubstr("too many elements"));
  for (int i = 0; i < 8; ++i) deep += "<x>";
  EXPECT_THAT(Why(Response_(deep)), HasSubstr("too deeply"));
  std::string heads;
  for (int i = 0; i < 1000; ++i) heads += "<head>";
  EXPECT_THAT(Why(heads), HasSubstr("headers in headers"));
}

TEST(GatewayXml, NamesAndWordsMayBeInAnyCaseAndValuesHaveBlanksAround) {
  const Response response = ReadGood(
      "\xEF\xBB\xBF\n <?xml version=\"1.0\"?><RESPONSE><Header><Version> 2.0 </Version></Header>"
      "<Body><Status>\n SUCCESS\t</Status><REBOOT>True</REBOOT></Body></RESPONSE>");
  EXPECT_EQ(response.header.version, "2.0");
  EXPECT_EQ(response.reboot, true);
}

TEST(GatewayXml, YesAndNoHaveThreeFormsEach) {
  for (const char* yes : {"yes", "true", "1"}) {
    EXPECT_EQ(
        ReadGood(Response_("<status>success</status><reboot>" + std::string(yes) + "</reboot>"))
            .reboot,
        true);
  }
  for (const char* no : {"no", "FALSE", "0"}) {
    EXPECT_EQ(
        ReadGood(Response_("<status>success</status><reboot>" + std::string(no) + "</reboot>"))
            .reboot,
        false);
  }
  EXPECT_EQ(Why(Response_("<status>success</status><reboot>maybe</reboot>")),
            "element reboot: neither yes nor no");
}

TEST(GatewayXml, TheFirstOfAScalarCountsAndTheOthersAreRemarked) {
  const auto reading =
      Read(Register_("<vendor>a</vendor><vendor>b</vendor><ip>192.0.2.8</ip>"
                     "<colour>red<deep/></colour><status>busy</status>"));
  ASSERT_TRUE(reading) << reading.error();
  EXPECT_EQ(std::get<Register>(reading->message).information.vendor, "a");
  EXPECT_EQ(std::get<Register>(reading->message).information.ip, "192.0.2.7");
  EXPECT_EQ(reading->remarks.repeated, 2u);
  EXPECT_EQ(reading->remarks.ignored, 2u);
}

TEST(GatewayXml, AFieldOutOfItsLimitsIsNamed) {
  const std::string x65(65, 'x'), x256(256, 'x');
  const struct {
    std::string body;
    const char* why;
  } kCases[] = {
      {"<vendor>" + x65 + "</vendor>", "element vendor: longer than 64 octets"},
      {"<model>" + x65 + "</model>", "element model: longer than 64 octets"},
      {"<sipuri>http://a</sipuri>", "element sipuri: not a SIP URI of at most 255 octets"},
      {"<sipuri>sip: 69600@10.40.41.36</sipuri>",
       "element sipuri: not a SIP URI of at most 255 octets"},
      {"<filename>../passwd</filename>", "element filename: a path, not a file name"},
      {"<filename>a..b</filename>", "element filename: \"..\" in a file name"},
      {"<filename>" + x256 + "</filename>", "element filename: longer than 255 octets"},
      {"<upgradeserver>a b</upgradeserver>",
       "element upgradeserver: not visible ASCII without blanks"},
      {"<protocol>gopher</protocol>", "element protocol: none of its values: \"gopher\""},
  };
  for (const auto& c : kCases) EXPECT_EQ(Why(Register_(c.body)), c.why);
}

TEST(GatewayXml, AnAddressIsALiteral) {
  const auto ip = [](std::string_view text) {
    return Why("<request><header><version>2.0</version></header><body><ip>" + std::string(text) +
               "</ip></body></request>");
  };
  for (const char* good : {"10.40.41.36", "2001:db8::1", "::", "::1", "[::1]", "::ffff:192.0.2.1",
                           "1:2:3:4:5:6:7:8", "fe80::"}) {
    EXPECT_EQ(ip(good), "") << good;
  }
  for (const char* bad : {"10.40.41", "10.40.41.256", "10.40.41.36.1", "gw.example", ":",
                          ":::", "1:2:3:4:5:6:7", "1::2::3", "12345::", "::1%eth0"}) {
    EXPECT_EQ(ip(bad), "element ip: not an IPv4 or IPv6 address") << bad;
  }
}

TEST(GatewayXml, WhatHasToBeThereIsMissed) {
  EXPECT_EQ(Why("<register><header><version>2.0</version><serial>1</serial></header><body>"
                "<ip>192.0.2.7</ip></body></register>"),
            "element fileversion: missing");
  EXPECT_EQ(Why("<register><header><version>2.0</version></header><body/></register>"),
            "element serial: missing");
  EXPECT_EQ(Why("<request><header/><body/></request>"), "element version: missing");
  EXPECT_EQ(Why("<request><body/></request>"), "element header: missing");
  EXPECT_EQ(Why("<request><header><version>2.0</version></header></request>"),
            "element body: missing");
  EXPECT_EQ(Why(Response_("")), "element status: missing");
  EXPECT_EQ(Why(Response_("<status>success</status><filename>a</filename>")),
            "element filetype: missing");
  EXPECT_EQ(Why("<order/>"), "element order: is none of register, request, response, result");
}

TEST(GatewayXml, ARequestMayTellNothing) {
  ASSERT_TRUE(ReadAs<Request>(" \n"));
  ASSERT_TRUE(ReadAs<Request>("<request><header><version>2.0</version></header><body/></request>"));
  EXPECT_FALSE(ReadAs<Register>(""));
  EXPECT_EQ(ReadAs<Request>(Register_("")).error().message,
            "element register: not the message that is posted here");
}

Response Everything() {
  return {.header = {.version = "2.0", .serial = "00D09E-4711", .msgid = "m-1"},
          .status = Status::kSuccess,
          .interval_seconds = 3600,
          .retry_after_seconds = 5,
          .reboot = true,
          .params = {{"wlan.ssid", "a & \"b\" <c>\n"}, {"empty", ""}},
          .files = {{.type = FileType::kConfig, .name = "base.cfg", .version = "7"},
                    {.type = FileType::kVersion,
                     .name = "h260ver",
                     .version = "2.1",
                     .download_method = Protocol::kHttps,
                     .download_path = "https://files.example/gw/v1/file/h260ver",
                     .size_octets = 1 << 20,
                     .sha256 = std::string(64, 'a')}}};
}

TEST(GatewayXml, WhatIsWrittenReadsAsItWas) {
  Response one = Everything();
  one.files.pop_back();
  Response versioned = Everything();
  versioned.files.clear();
  versioned.file_version = "2.1";
  const Message kMessages[] = {
      Everything(),
      one,
      versioned,
      Response{},
      Register{.header = {.serial = "1"},
               .information = {.vendor = "ACME",
                               .model = "H260",
                               .ip = "2001:db8::1",
                               .sip_uri = "sip:69600@10.40.41.36:5060;transport=tcp",
                               .file_version = "2.0",
                               .file_name = "h260ver",
                               .upgrade_server = "files.example:8080",
                               .protocol = Protocol::kTftp,
                               .in_call = true}},
      Request{},
      Request{.information = {.in_call = false}},
      Request{.header = {.msgid = "7"}, .information = {.file_version = "2.0"}},
      WorkResult{.header = {.msgid = "m-1"},
                 .status = Status::kError,
                 .file_version = "1",
                 .file_name = "h260ver",
                 .action = "upgrade",
                 .code = -3,
                 .detail = "no space"},
  };
  for (const Message& message : kMessages) {
    EXPECT_TRUE(Check(message)) << Check(message).error();
    std::string xml;
    Write(message, xml);
    const auto reading = Read(xml);
    ASSERT_TRUE(reading) << reading.error() << "\n" << xml;
    EXPECT_TRUE(reading->message == message) << xml;
    EXPECT_EQ(reading->remarks.ignored + reading->remarks.repeated, 0u) << xml;
  }
}

TEST(GatewayXml, ASingleFileStandsFlatAndSeveralAreWrapped) {
  Response response{.files = {{.name = "a"}}};
  std::string flat;
  Write(response, flat);
  EXPECT_EQ(flat,
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n<response>\n<header>\n"
            "<version>2.0</version>\n</header>\n<body>\n<status>success</status>\n"
            "<filetype>version</filetype>\n<filename>a</filename>\n</body>\n</response>\n");
  response.files.push_back({.type = FileType::kConfig, .name = "b"});
  std::string wrapped;
  Write(response, wrapped);
  EXPECT_THAT(wrapped, HasSubstr("<file>\n<filetype>config</filetype>\n<filename>b</filename>\n"
                                 "</file>\n"));
}

TEST(GatewayXml, TheSlipOfTheHeadIsWrittenForFirmwareThatWantsIt) {
  std::string xml;
  Write(Response{}, xml, {.emit_head_slip = true});
  EXPECT_THAT(xml, HasSubstr("<header>\n<version>2.0</version>\n</head>\n<body>"));
  EXPECT_TRUE(Read(xml));
}

TEST(GatewayXml, CheckFindsWhatTheOtherSideWouldRefuse) {
  Response response = Everything();
  response.files[0].name = "a/b";
  EXPECT_EQ(Check(response).error().message, "element filename: a path, not a file name");
  response = Everything();
  response.params.resize(200, {"a", "b"});
  EXPECT_FALSE(Check(response));
  response = Everything();
  response.file_version = " 7";
  EXPECT_THAT(Check(response).error().message, HasSubstr("blanks around"));
}

TEST(GatewayXml, ContentTypesOfXmlAreTaken) {
  for (const char* good : {"", "application/xml", "text/xml; charset=utf-8", "Application/XML"}) {
    EXPECT_TRUE(IsXmlContentType(good)) << good;
  }
  EXPECT_FALSE(IsXmlContentType("application/json"));
}

}  // namespace
}  // namespace drover::gateway
