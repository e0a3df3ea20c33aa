#include "libs/wap/bootstrap_push.h"

#include <gtest/gtest.h>

#include "libs/base/bytes.h"
#include "libs/sms/segments.h"
#include "libs/wap/testing/vectors.h"

namespace drover::wap {
namespace {

using Profile = BootstrapProfile;

TEST(ImsiOctets, AreThoseOfTheCard) {
  const std::pair<const char*, const char*> kImsis[] = {{"460001234567890", "4906002143658709"},
                                                        {"262011234567890", "2926102143658709"},
                                                        {"26201123456789", "21261021436587f9"},
                                                        {"001010123456789", "0910101032547698"}};
  for (const auto& [imsi, hex] : kImsis) EXPECT_EQ(base::Hex(ImsiOctets(imsi).value()), hex);
  for (const char* imsi : {"", "12345", "4600012345678901", "46000123456789A"}) {
    EXPECT_FALSE(ImsiOctets(imsi)) << imsi;
  }
}

struct Mac {
  const char* name;
  Profile profile;
  BootstrapSecurity security;
  const char* mac;
};
constexpr char kImsi[] = "262011234567890";
const Mac kMacs[] = {
    {"NETWPIN",
     Profile::kClientProvisioning,
     {Sec::kNetwPin, kImsi, {}},
     "358CC3D042595376B22490A999097EE4D75F3131"},
    {"USERPIN",
     Profile::kClientProvisioning,
     {Sec::kUserPin, {}, "1234"},
     "95ACBE280E70E80177AB50695909A2CF215814CC"},
    {"USERNETWPIN",
     Profile::kClientProvisioning,
     {Sec::kUserNetwPin, kImsi, "1234"},
     "E27D0EAE1C3A2615711A9BB0B6980662C4CFFC2E"},
};

TEST(BootstrapMac, IsThatOfTheVectors) {
  for (const Mac& m : kMacs) {
    SCOPED_TRACE(m.name);
    const Result<std::string> key = BootstrapKey(m.profile, m.security);
    ASSERT_TRUE(key) << key.error();
    EXPECT_EQ(BootstrapMac(*key, testing::AccessPointVectorOctets()), m.mac);
  }
  EXPECT_EQ(UserPinMac("1234", testing::AccessPointVectorOctets()), "12349200");
}

TEST(BootstrapKey, HasTheFormsOfTheDmProfile) {
  const auto key = [](BootstrapSecurity security) {
    return BootstrapKey(Profile::kDeviceManagement, security).value();
  };
  EXPECT_EQ(base::Hex(key({Sec::kNetwPin, kImsi, {}})), "2926102143658709");
  EXPECT_EQ(key({Sec::kNetwPin, kImsi, {}, NetworkIdForm::kDigits}), kImsi);
  EXPECT_EQ(key({Sec::kUserPin, {}, "1234"}), "1234");
  EXPECT_EQ(key({Sec::kUserNetwPin, kImsi, "1234", NetworkIdForm::kDigits}),
            "1234:262011234567890");
}

TEST(BootstrapKey, NeedsWhatItsMethodIsMadeOf) {
  for (const Sec sec : {Sec::kNetwPin, Sec::kUserPin, Sec::kUserNetwPin, Sec::kUserPinMac}) {
    EXPECT_FALSE(BootstrapKey(Profile::kClientProvisioning, {.sec = sec}));
  }
  EXPECT_FALSE(BootstrapKey(Profile::kClientProvisioning, {.sec = Sec::kUserPin, .pin = "12a4"}));
  EXPECT_FALSE(BootstrapKey(Profile::kClientProvisioning, {Sec::kUserNetwPin, {}, "1234"}));
}

TEST(BootstrapPush, IsThatOfTheVector) {
  const std::string document = testing::BootstrapVectorOctets();
  const std::string push = EncodeBootstrapPush(0x02, Profile::kClientProvisioning, document,
                                               BootstrapSecurity{Sec::kUserPin, {}, "1234"})
                               .value();
  const std::string mac = testing::kBootstrapVectorUserPinMac;
  EXPECT_EQ(base::Hex(push),
            "0206311f2db6918192" + base::Hex(mac) + "00af80" + base::Hex(document));
  EXPECT_EQ(push.size(), 320U);
  const std::string by_imsi =
      EncodeBootstrapPush(0x02, Profile::kClientProvisioning, document,
                          BootstrapSecurity{Sec::kNetwPin, "460001234567890", {}})
          .value();
  EXPECT_EQ(DecodePush(by_imsi)->content_type.mac, testing::kBootstrapVectorNetwPinMac);
}

// The user data of the first PDU of the group, and the lengths of all.
TEST(BootstrapPush, IsCutIntoTheSegmentsOfTheVector) {
  const std::string push =
      EncodeBootstrapPush(0x02, Profile::kClientProvisioning, testing::BootstrapVectorOctets(),
                          BootstrapSecurity{Sec::kUserPin, {}, "1234"})
          .value();
  const sms::Plan plan =
      sms::Plan::Make(push, {.ports = sms::Ports{sms::kPushPort, sms::kPushSourcePort}}).value();
  ASSERT_EQ(plan.count(), 3U);
  std::string first;
  plan.AppendSegment(1, 0x1234, first);
  EXPECT_EQ(base::Hex(first),
            "0c05040b8423f00804123403010206311f2db6918192363144353445354243314339424645323434384530"
            "4631313231463434303537423937383537413700af80030b6a00c54503312e310001c60001550187360000"
            "0603773700018700013800000603646d7365727665720001870706034361727269657220444d0001c60001"
            "5601873400000603687474");
  std::string last;
  plan.AppendSegment(3, 0x1234, last);
  EXPECT_EQ(last.size(), 79U);
}

TEST(BootstrapPush, CarriesDmDocumentsAsTheirOwnType) {
  const std::string push = EncodeBootstrapPush(0x01, Profile::kDeviceManagement, "document",
                                               BootstrapSecurity{Sec::kUserPin, {}, "1234"})
                               .value();
  EXPECT_EQ(base::Hex(push).substr(0, 18), "0106311f2dc2918192");
  const Push decoded = DecodePush(push).value();
  EXPECT_EQ(decoded.application_id->code, kApplicationSyncmlDm);
  EXPECT_TRUE(VerifyBootstrap(decoded, "1234"));
  EXPECT_FALSE(VerifyBootstrap(decoded, "1235"));
}

TEST(BootstrapPush, SendsNoMacWhereTheUserTypesIt) {
  const std::string user_types =
      EncodeBootstrapPush(0x01, Profile::kClientProvisioning, "d",
                          BootstrapSecurity{Sec::kUserPinMac, {}, "1234"})
          .value();
  EXPECT_EQ(base::Hex(user_types), "01060603b69183af8064");
  EXPECT_FALSE(VerifyBootstrap(DecodePush(user_types).value(), "1234"));
  const std::string trusted =
      EncodeBootstrapPush(0x01, Profile::kClientProvisioning, "d", std::nullopt).value();
  EXPECT_EQ(base::Hex(trusted), "010603b6af8064");
}

}  // namespace
}  // namespace drover::wap
