#include "libs/wap/provisioning.h"

#include <gtest/gtest.h>

#include "libs/base/bytes.h"
#include "libs/wap/testing/vectors.h"
#include "libs/wbxml/xml_text.h"

namespace drover::wap {
namespace {

ProvisioningDocument Account() { return testing::BootstrapVectorDocument(); }

TEST(EncodeProvisioning, IsThatOfTheBootstrapVector) {
  const Result<std::string> octets = EncodeProvisioning(Account(), testing::kBootstrapVectorStyle);
  ASSERT_TRUE(octets) << octets.error();
  EXPECT_EQ(base::Hex(*octets), base::Hex(testing::BootstrapVectorOctets()));
  EXPECT_EQ(octets->size(), 268U);
}

TEST(EncodeProvisioning, IsThatOfTheVectorWithAnAccessPoint) {
  DmApplication application{.provider_id = "dm.example.com",
                            .name = "DM",
                            .address = "https://dm.example.com/dm",
                            .port = 443,
                            .to_napid = "n1"};
  application.auths = {{AppAuth::Level::kAppSrv, "DIGEST", "u1", "cpw", "Tm9uY2U="},
                       {AppAuth::Level::kClient, "DIGEST", "dm.example.com", "spw", "Tm9uY2U="}};
  const ProvisioningDocument document{.access_points = {{.napid = "n1", .address = "iot"}},
                                      .applications = {application}};
  const Result<std::string> octets = EncodeProvisioning(document, {.auth_type_as_text = false});
  ASSERT_TRUE(octets) << octets.error();
  EXPECT_EQ(base::Hex(*octets), base::Hex(testing::AccessPointVectorOctets()));
  EXPECT_EQ(octets->size(), 246U);
}

TEST(EncodeProvisioning, SaysTheSameInEveryStyle) {
  ProvisioningDocument document = Account();
  document.access_points = {{.napid = "n1",
                             .name = "Carrier",
                             .address = "cmnet",
                             .auth_type = "PAP",
                             .auth_name = "a<b>",
                             .auth_secret = "\xC3\xA9"}};
  document.bootstrap = BootstrapContext{.name = "Carrier", .prov_url = "http://p/"};
  document.applications[0].init = true;
  document.applications[0].others = {{"PROTOVER", "1.2"}};
  std::string first;
  for (const bool stay : {true, false}) {
    for (const bool text : {true, false}) {
      const ProvisioningStyle style{.stay_on_page = stay, .auth_type_as_text = text};
      const auto octets = EncodeProvisioning(document, style);
      ASSERT_TRUE(octets) << octets.error();
      const wbxml::XmlText xml = wbxml::ToXml(*octets);
      ASSERT_TRUE(xml.ok) << xml.error.what;
      if (first.empty()) first = xml.xml;
      EXPECT_EQ(xml.xml, first);
    }
  }
  EXPECT_NE(first.find("<parm name=\"INIT\"/>"), std::string::npos) << first;
  EXPECT_NE(first.find("<parm name=\"AUTHTYPE\" value=\"PAP\"/>"), std::string::npos) << first;
  EXPECT_NE(first.find("<parm name=\"AUTHNAME\" value=\"a&lt;b&gt;\"/>"), std::string::npos);
  EXPECT_NE(first.find("<parm name=\"PROTOVER\" value=\"1.2\"/>"), std::string::npos);
  EXPECT_NE(first.find("<parm name=\"CONTEXT-ALLOW\" value=\"1\"/>"), std::string::npos);
}

TEST(EncodeProvisioning, LeavesOutWhatIsEmpty) {
  const ProvisioningDocument document{
      .applications = {{.provider_id = "s", .address = "http://s"}}};
  const wbxml::XmlText xml = wbxml::ToXml(EncodeProvisioning(document).value());
  EXPECT_EQ(xml.xml,
            "<wap-provisioningdoc version=\"1.0\"><characteristic type=\"APPLICATION\">"
            "<parm name=\"APPID\" value=\"w7\"/><parm name=\"PROVIDER-ID\" value=\"s\"/>"
            "<characteristic type=\"APPADDR\"><parm name=\"ADDR\" value=\"http://s\"/>"
            "</characteristic></characteristic></wap-provisioningdoc>");
}

TEST(EncodeProvisioning, RefusesWhatNoTerminalCouldUse) {
  ProvisioningDocument document = Account();
  document.applications[0].provider_id = "";
  EXPECT_FALSE(EncodeProvisioning(document));
  document = Account();
  document.applications[0].address = "";
  EXPECT_FALSE(EncodeProvisioning(document));
  for (const std::string_view value :
       {std::string_view("a\nb"), std::string_view("a\0b", 3), std::string_view("\xFF")}) {
    document = Account();
    document.applications[0].name = value;
    EXPECT_FALSE(EncodeProvisioning(document));
  }
  EXPECT_FALSE(EncodeProvisioning({.access_points = {{.napid = ""}}}));
}

}  // namespace
}  // namespace drover::wap
