// SI, SL and provisioning documents as libwbxml reads them.
#include "libs/syncml/testing/libwbxml.h"

#include <gtest/gtest.h>

#include "libs/base/bytes.h"
#include "libs/wap/provisioning.h"
#include "libs/wap/si_sl.h"
#include "libs/wap/testing/vectors.h"

namespace drover::wap {
namespace {

using syncml::testing::Conversion;
using syncml::testing::LibwbxmlToWbxml;
using syncml::testing::LibwbxmlToXml;

// Without declaration and DOCTYPE.
std::string Xml(std::string_view wbxml) {
  const Conversion conversion = LibwbxmlToXml(wbxml);
  if (!conversion.ok) return "!" + conversion.error;
  const size_t doctype = conversion.octets.find("<!DOCTYPE");
  const size_t end = doctype == std::string::npos ? 0 : conversion.octets.find('>', doctype) + 1;
  return conversion.octets.substr(end);
}

constexpr const char* kIndications[] = {
    "<si><indication href=\"http://www.example.com/a/b\" action=\"signal-high\">Update "
    "ready</indication></si>",
    "<si><indication href=\"https://mail.example.org/.com/\" si-id=\"1@example.net/\" "
    "created=\"1999-06-25T15:23:15Z\" si-expires=\"1999-06-30T00:00:00Z\" "
    "action=\"delete\">4 new &amp; 1 old</indication></si>",
    "<si><indication href=\"http://a/\">\xC3\xA9\xE2\x82\xAC</indication></si>",
};

TEST(ServiceIndication, IsWhatLibwbxmlReads) {
  for (const char* xml : kIndications) {
    for (const UrlTokens tokens : {UrlTokens::kScheme, UrlTokens::kAll}) {
      EXPECT_EQ(Xml(EncodeSi(xml, tokens).value()), xml);
    }
  }
}

TEST(ServiceLoading, IsWhatLibwbxmlReads) {
  for (const char* xml : {"<sl href=\"http://www.example.com/a\"/>",
                          "<sl href=\"https://example.edu/x\" action=\"execute-high\"/>",
                          "<sl href=\"wtai://wp/mc\" action=\"cache\"/>"}) {
    for (const UrlTokens tokens : {UrlTokens::kScheme, UrlTokens::kAll}) {
      EXPECT_EQ(Xml(EncodeSl(xml, tokens).value()), xml);
    }
  }
}

constexpr char kAccount[] =
    "<characteristic type=\"APPLICATION\"><parm name=\"APPID\" value=\"w7\"/>"
    "<parm name=\"PROVIDER-ID\" value=\"dmserver\"/><parm name=\"NAME\" value=\"Carrier DM\"/>"
    "<parm name=\"INIT\"/>"
    "<characteristic type=\"APPADDR\"><parm name=\"ADDR\" value=\"http://dm.example.com/dm\"/>"
    "<characteristic type=\"PORT\"><parm name=\"PORTNBR\" value=\"7001\"/></characteristic>"
    "</characteristic>"
    "<characteristic type=\"APPAUTH\"><parm name=\"AAUTHLEVEL\" value=\"APPSRV\"/>"
    "<parm name=\"AAUTHTYPE\" value=\"DIGEST\"/><parm name=\"AAUTHNAME\" value=\"dmserver\"/>"
    "<parm name=\"AAUTHSECRET\" value=\"srvpwd\"/><parm name=\"AAUTHDATA\" value=\"bm9uY2U=\"/>"
    "</characteristic>"
    "<characteristic type=\"APPAUTH\"><parm name=\"AAUTHLEVEL\" value=\"CLIENT\"/>"
    "<parm name=\"AAUTHTYPE\" value=\"DIGEST\"/><parm name=\"AAUTHNAME\" value=\"client\"/>"
    "<parm name=\"AAUTHSECRET\" value=\"clipwd\"/><parm name=\"AAUTHDATA\" value=\"bm9uY2U=\"/>"
    "</characteristic></characteristic>";
constexpr char kAccessPoint[] =
    "<characteristic type=\"NAPDEF\"><parm name=\"NAPID\" value=\"n1\"/>"
    "<parm name=\"BEARER\" value=\"GSM-GPRS\"/><parm name=\"NAP-ADDRESS\" value=\"cmnet\"/>"
    "<parm name=\"NAP-ADDRTYPE\" value=\"APN\"/><characteristic type=\"NAPAUTHINFO\">"
    "<parm name=\"AUTHTYPE\" value=\"CHAP\"/><parm name=\"AUTHNAME\" value=\"a\"/>"
    "<parm name=\"AUTHSECRET\" value=\"b\"/></characteristic></characteristic>";

TEST(Provisioning, IsWhatLibwbxmlReadsInEveryStyle) {
  ProvisioningDocument document = testing::BootstrapVectorDocument();
  document.applications[0].init = true;
  document.access_points = {{.napid = "n1",
                             .address = "cmnet",
                             .auth_type = "CHAP",
                             .auth_name = "a",
                             .auth_secret = "b"}};
  const std::string expected = "<wap-provisioningdoc version=\"1.0\">" + std::string(kAccessPoint) +
                               kAccount + "</wap-provisioningdoc>";
  for (const bool stay : {true, false}) {
    for (const bool text : {true, false}) {
      const ProvisioningStyle style{.stay_on_page = stay, .auth_type_as_text = text};
      EXPECT_EQ(Xml(EncodeProvisioning(document, style).value()), expected) << stay << text;
    }
  }
}

// libwbxml as the encoder: the same octets but for its choice of tokens inside addresses.
TEST(ServiceLoading, IsWhatLibwbxmlWrites) {
  const std::string xml =
      "<?xml version=\"1.0\"?><!DOCTYPE sl PUBLIC \"-//WAPFORUM//DTD SL 1.0//EN\" "
      "\"http://www.wapforum.org/DTD/sl.dtd\"><sl href=\"http://www.example.com/a\" "
      "action=\"execute-high\"/>";
  const Conversion theirs = LibwbxmlToWbxml(xml);
  ASSERT_TRUE(theirs.ok) << theirs.error;
  EXPECT_EQ(base::Hex(EncodeSl(xml, UrlTokens::kAll).value()), base::Hex(theirs.octets));
}

}  // namespace
}  // namespace drover::wap
