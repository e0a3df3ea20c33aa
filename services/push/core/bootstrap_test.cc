#include "services/push/core/bootstrap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/dmtree/tnds.h"
#include "libs/syncml/document.h"
#include "libs/wap/bootstrap_push.h"
#include "services/push/core/job.h"

namespace drover::push {
namespace {

using ::testing::HasSubstr;
using wap::BootstrapProfile;
using wap::Sec;

const TimePoint kNow{std::chrono::seconds(1'760'000'000)};
const std::string kId = "0123456789abcdef";
constexpr char kImsi[] = "460001234567890";

v1::Bootstrap Account(v1::Bootstrap::Profile profile) {
  v1::Bootstrap bootstrap;
  bootstrap.set_profile(profile);
  bootstrap.set_server_address("http://dm.example.com/dm");
  bootstrap.set_server_name("Operator");
  bootstrap.set_client_user("user");
  bootstrap.set_client_password("secret");
  bootstrap.set_client_nonce("nonce one");
  bootstrap.set_server_password("server secret");
  bootstrap.set_server_scheme(v1::Bootstrap::MAC);
  return bootstrap;
}

Recipient Known() { return {"IMEI:490154203237518", "8613800138000", kImsi}; }

Result<std::string> Payload(const v1::Bootstrap& bootstrap, const Recipient& to) {
  v1::SendPushRequest request;
  *request.mutable_bootstrap() = bootstrap;
  DROVER_TRY(v1::Job job, RequestedJob(request, to, "drover", kId, kNow));
  EXPECT_EQ(job.class_(), v1::Job::BOOTSTRAP);
  EXPECT_EQ(job.destination_port(), 2948U);
  return std::move(*job.mutable_payload());
}

struct Proof {
  const char* name;
  const char* pin;
  bool network_pin;
  Sec sec;
};
const Proof kProofs[] = {{"USERPIN", "1234", false, Sec::kUserPin},
                         {"NETWPIN", "", true, Sec::kNetwPin},
                         {"USERNETWPIN", "1234", true, Sec::kUserNetwPin}};

TEST(BootstrapPush, IsProvedByPinImsiOrBothInEitherProfile) {
  for (const auto profile :
       {v1::Bootstrap::CLIENT_PROVISIONING, v1::Bootstrap::DEVICE_MANAGEMENT}) {
    for (const Proof& proof : kProofs) {
      SCOPED_TRACE(proof.name + std::to_string(profile));
      v1::Bootstrap bootstrap = Account(profile);
      bootstrap.set_pin(proof.pin);
      bootstrap.set_network_pin(proof.network_pin);
      const Result<std::string> payload = Payload(bootstrap, Known());
      ASSERT_TRUE(payload) << payload.error();
      const auto push = wap::DecodePush(*payload);
      ASSERT_TRUE(push);
      const bool dm = profile == v1::Bootstrap::DEVICE_MANAGEMENT;
      EXPECT_EQ(push->content_type.media.code,
                dm ? wap::kMediaSyncmlDmWbxml : wap::kMediaConnectivityWbxml);
      EXPECT_EQ(push->content_type.sec, proof.sec);
      const auto by =
          dm ? BootstrapProfile::kDeviceManagement : BootstrapProfile::kClientProvisioning;
      const auto key = [&](const char* imsi) {
        return wap::BootstrapKey(by, {proof.sec, imsi, proof.pin}).value();
      };
      EXPECT_TRUE(wap::VerifyBootstrap(*push, key(kImsi)));
      EXPECT_FALSE(wap::VerifyBootstrap(*push, key(kImsi) + "x"));
    }
  }
}

TEST(BootstrapPush, TheImsiIsTheDmProfilesKeyByItsDigitsIfThatIsWanted) {
  v1::Bootstrap bootstrap = Account(v1::Bootstrap::DEVICE_MANAGEMENT);
  bootstrap.set_network_pin(true);
  bootstrap.set_network_id_digits(true);
  const std::string payload = Payload(bootstrap, Known()).value();
  const auto push = wap::DecodePush(payload);
  EXPECT_TRUE(wap::VerifyBootstrap(*push, kImsi));
}

TEST(BootstrapPush, HasTheAccountInADmMessage) {
  v1::Bootstrap bootstrap = Account(v1::Bootstrap::DEVICE_MANAGEMENT);
  bootstrap.set_pin("1234");
  const std::string payload = Payload(bootstrap, Known()).value();
  const auto push = wap::DecodePush(payload);
  const syncml::Decoded decoded = syncml::DecodeWbxml(push->data, {});
  ASSERT_TRUE(decoded.ok);
  const syncml::Message& message = decoded.document.message();
  EXPECT_EQ(message.header.target.uri, "IMEI:490154203237518");
  const auto tnds = dmtree::DecodeTnds(message.commands.at(0).items.at(0).data->octets);
  ASSERT_TRUE(tnds);
  const auto value = [&](const std::string& uri) {
    const auto node = std::ranges::find(tnds->nodes, "drover/" + uri, &dmtree::TndsNode::uri);
    return node == tnds->nodes.end() ? "none" : node->value.value_or("");
  };
  EXPECT_EQ(value("ServerID"), "drover");
  EXPECT_EQ(value("AppAuth/1/AAuthName"), "user");
  EXPECT_EQ(value("AppAuth/1/AAuthData"), "nonce one");
  EXPECT_EQ(value("AppAuth/1/AAuthType"), "DIGEST");
  EXPECT_EQ(value("AppAuth/2/AAuthSecret"), "server secret");
  EXPECT_EQ(value("AppAuth/2/AAuthType"), "HMAC");
}

TEST(BootstrapPush, SaysWhatIsMissing) {
  v1::Bootstrap bootstrap = Account(v1::Bootstrap::DEVICE_MANAGEMENT);
  EXPECT_THAT(Payload(bootstrap, Known()).error().message, HasSubstr("needs a pin"));
  bootstrap.set_network_pin(true);
  Recipient unknown = Known();
  unknown.imsi.clear();
  EXPECT_EQ(Payload(bootstrap, unknown).error().code, Code::kFailedPrecondition);
  bootstrap.clear_server_address();
  EXPECT_EQ(Payload(bootstrap, Known()).error().code, Code::kInvalidArgument);
  bootstrap.set_profile(v1::Bootstrap::CLIENT_PROVISIONING);
  EXPECT_EQ(Payload(bootstrap, Known()).error().code, Code::kInvalidArgument);
}

}  // namespace
}  // namespace drover::push
