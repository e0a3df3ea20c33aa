#include "libs/wap/dm_bootstrap.h"

#include <map>

#include <gtest/gtest.h>

#include "libs/base/bytes.h"
#include "libs/dmtree/tnds.h"
#include "libs/sms/segments.h"
#include "libs/syncml/document.h"
#include "libs/wap/bootstrap_push.h"

namespace drover::wap {
namespace {

constexpr char kAddress[] = "https://dm.example.com/dm";
constexpr char kDevice[] = "IMEI:493005100592800";

DmApplication Application() {
  DmApplication application;
  application.provider_id = "com.mgmtsrv.manage";
  application.name = "Operator X";
  application.address = kAddress;
  application.port = 443;
  application.auths = {{.level = AppAuth::Level::kAppSrv,
                        .name = kDevice,
                        .secret = "clientpw",
                        .data = "ABEiM0RVZneImaq7zN3u/w=="},
                       {.level = AppAuth::Level::kClient,
                        .type = "HMAC",
                        .name = "com.mgmtsrv.manage",
                        .secret = "srvpw"}};
  return application;
}

// Made elsewhere: an account without anything in it.
constexpr char kVector[] =
    "02a4016a006d6c7103312e3200017203444d2f312e3200016503300001"
    "5b033000016e5703494d45493a34393330303531303035393238303000"
    "010167570368747470733a2f2f646d2e6578616d706c652e636f6d2f64"
    "6d000101016b454b03310001546e57032e2f496e626f780001015a0001"
    "470362696e000153036170706c69636174696f6e2f766e642e73796e63"
    "6d6c2e646d746e64732b7762786d6c0001010000"
    "4f0002607703312e3200016466034e3100016f5c2501755103"
    "75726e3a6f6d613a6d6f3a6f6d612d646d2d646d6163633a312e30000101010101010101"
    "0000120101";

TEST(DmBootstrap, IsTheMessageOfTheVectorAroundItsObject) {
  dmtree::Tnds tnds;
  tnds.nodes.push_back({.uri = "N1"});
  tnds.nodes[0].properties.format = "node";
  tnds.nodes[0].properties.type = dmtree::NodeType{"urn:oma:mo:oma-dm-dmacc:1.0", true};
  const std::string object = dmtree::EncodeTnds(tnds, dmtree::TndsForm::kInline);
  const std::string message = EncodeInboxMessage(kDevice, kAddress, object, TndsStyle::kInline);
  EXPECT_EQ(base::Hex(message), kVector);
  const auto mac = [&](const BootstrapSecurity& security) {
    const auto key = BootstrapKey(BootstrapProfile::kDeviceManagement, security);
    return BootstrapMac(key.value(), message);
  };
  constexpr char kImsi[] = "262011234567890";
  EXPECT_EQ(mac({Sec::kNetwPin, kImsi, {}, NetworkIdForm::kDigits}),
            "E21539E9AA1A52AACC7260ACB63F1D274C5BF942");
  EXPECT_EQ(mac({Sec::kNetwPin, kImsi, {}}), "C190731175116C560FFBF4EE5CC2298F1E38E93C");
  EXPECT_EQ(mac({Sec::kUserPin, {}, "1234"}), "1EE93344389679FA636BDBAB2A1A0D6187479EA6");
  EXPECT_EQ(mac({Sec::kUserNetwPin, kImsi, "1234", NetworkIdForm::kDigits}),
            "D5FB8341CBF3D81BEF0DE05FD574369B0201B638");
}

class Styles : public ::testing::TestWithParam<TndsStyle> {};

TEST_P(Styles, IsADmMessageThatAddsTheAccountToTheInbox) {
  const auto octets = EncodeDmBootstrap(kDevice, Application(), GetParam());
  ASSERT_TRUE(octets) << octets.error();
  const syncml::Decoded decoded = syncml::DecodeWbxml(*octets, {});
  ASSERT_TRUE(decoded.ok) << decoded.error.message;
  const syncml::Message& message = decoded.document.message();
  EXPECT_EQ(message.header.ver_proto, "DM/1.2");
  EXPECT_EQ(message.header.target.uri, kDevice);
  EXPECT_EQ(message.header.source.uri, kAddress);
  EXPECT_TRUE(message.final);
  ASSERT_EQ(message.commands.size(), 1U);
  const syncml::Command& add = message.commands[0];
  EXPECT_EQ(add.kind, syncml::CommandKind::kAdd);
  EXPECT_EQ(add.cmd_id, "1");
  ASSERT_EQ(add.items.size(), 1U);
  EXPECT_EQ(add.items[0].target->uri, "./Inbox");
  const auto tnds = dmtree::DecodeTnds(add.items[0].data->octets);
  ASSERT_TRUE(tnds) << tnds.error();
  std::map<std::string, std::string> leaves;
  for (const dmtree::TndsNode& node : tnds->nodes) leaves[node.uri] = node.value.value_or("-");
  const std::string at = "com.mgmtsrv.manage/";
  EXPECT_EQ(leaves[at + "AppID"], "w7");
  EXPECT_EQ(leaves[at + "ServerID"], "com.mgmtsrv.manage");
  EXPECT_EQ(leaves[at + "Name"], "Operator X");
  EXPECT_EQ(leaves[at + "AppAddr/1/Addr"], kAddress);
  EXPECT_EQ(leaves[at + "AppAddr/1/Port/1/PortNbr"], "443");
  EXPECT_EQ(leaves[at + "AppAuth/1/AAuthLevel"], "CLCRED");
  EXPECT_EQ(leaves[at + "AppAuth/1/AAuthType"], "DIGEST");
  EXPECT_EQ(leaves[at + "AppAuth/1/AAuthSecret"], "clientpw");
  EXPECT_EQ(base::Hex(leaves[at + "AppAuth/1/AAuthData"]), "00112233445566778899aabbccddeeff");
  EXPECT_EQ(leaves[at + "AppAuth/2/AAuthLevel"], "SRVCRED");
  EXPECT_EQ(leaves[at + "AppAuth/2/AAuthType"], "HMAC");
  EXPECT_EQ(leaves.count(at + "AppAuth/2/AAuthData"), 0U);
  const auto root = std::ranges::find(tnds->nodes, "com.mgmtsrv.manage", &dmtree::TndsNode::uri);
  ASSERT_NE(root, tnds->nodes.end());
  EXPECT_EQ(root->properties.type->text, "urn:oma:mo:oma-dm-dmacc:1.0");
  EXPECT_EQ(root->properties.acl,
            "Get=com.mgmtsrv.manage&Replace=com.mgmtsrv.manage&Delete=com.mgmtsrv.manage");
}

INSTANTIATE_TEST_SUITE_P(DmBootstrap, Styles,
                         ::testing::Values(TndsStyle::kInline, TndsStyle::kEmbedded,
                                           TndsStyle::kXml));

TEST(DmBootstrap, GoesInTheSegmentsThatAPushMayHave) {
  const auto octets = EncodeDmBootstrap(kDevice, Application());
  ASSERT_TRUE(octets);
  const auto push = EncodeBootstrapPush(1, BootstrapProfile::kDeviceManagement, *octets,
                                        BootstrapSecurity{.sec = Sec::kUserPin, .pin = "1234"});
  ASSERT_TRUE(push);
  sms::Layout layout;
  layout.ports = sms::Ports{sms::kPushPort, sms::kPushSourcePort};
  EXPECT_LE(sms::CountSegments(layout, *push), sms::kDefaultMaxSegments);
}

TEST(DmBootstrap, RefusesAnAccountThatIsNone) {
  const auto refused = [](auto change) {
    DmApplication application = Application();
    change(application);
    const auto octets = EncodeDmBootstrap(kDevice, application);
    return octets ? std::string("encoded") : octets.error().message;
  };
  EXPECT_EQ(refused([](auto&) {}), "encoded");
  EXPECT_NE(refused([](auto& a) { a.provider_id = ""; }), "encoded");
  EXPECT_NE(refused([](auto& a) { a.address = ""; }), "encoded");
  EXPECT_NE(refused([](auto& a) { a.name = "a\nb"; }), "encoded");
  EXPECT_NE(refused([](auto& a) { a.auths[0].secret = "\xFF"; }), "encoded");
  EXPECT_NE(refused([](auto& a) { a.auths[0].data = "?"; }), "encoded");
}

}  // namespace
}  // namespace drover::wap
