#include "services/tree/core/enrolment.h"

#include <gtest/gtest.h>

#include "libs/dmauth/credentials.h"

namespace drover::tree {
namespace {

constexpr TimePoint kNow{std::chrono::seconds(1'000'000)};

NewDevice Given() {
  NewDevice given;
  given.id = "IMEI:493005100592800";
  given.password = "secret";
  return given;
}

std::string WhyRefused(const NewDevice& given) {
  const Result<Enrolment> enrolment = Enrol(given, "drover", kNow);
  EXPECT_FALSE(enrolment);
  if (enrolment) return "";
  EXPECT_EQ(enrolment.error().code, Code::kInvalidArgument);
  return enrolment.error().message;
}

TEST(Enrol, TakesTheIdForTheUserAndMd5ForTheScheme) {
  const Result<Enrolment> enrolment = Enrol(Given(), "drover", kNow);
  ASSERT_TRUE(enrolment) << enrolment.error();
  EXPECT_EQ(enrolment->device.user, "IMEI:493005100592800");
  EXPECT_EQ(enrolment->device.client_scheme, AuthScheme::kMd5);
  EXPECT_EQ(enrolment->device.server_scheme, AuthScheme::kNone);
  EXPECT_EQ(enrolment->device.enrolled_at, kNow);
  EXPECT_EQ(enrolment->device.account_version, 1U);
  EXPECT_EQ(enrolment->secrets.client_a1, dmauth::A1("IMEI:493005100592800", "secret"));
  EXPECT_EQ(enrolment->secrets.server_a1, "");
}

TEST(Enrol, NormalisesTheId) {
  NewDevice given = Given();
  given.id = "urn:imei:49300510059280";
  const Result<Enrolment> enrolment = Enrol(given, "drover", kNow);
  ASSERT_TRUE(enrolment) << enrolment.error();
  EXPECT_EQ(enrolment->device.id.value(), "IMEI:493005100592800");
}

TEST(Enrol, KeepsTheServersPasswordOnlyForBasic) {
  NewDevice given = Given();
  given.server_password = "ours";
  const Result<Enrolment> md5 = Enrol(given, "drover", kNow);
  ASSERT_TRUE(md5) << md5.error();
  EXPECT_EQ(md5->device.server_scheme, AuthScheme::kMd5);
  EXPECT_EQ(md5->secrets.server_a1, dmauth::A1("drover", "ours"));
  EXPECT_EQ(md5->secrets.server_password, "");
  given.server_scheme = AuthScheme::kBasic;
  const Result<Enrolment> basic = Enrol(given, "drover", kNow);
  ASSERT_TRUE(basic) << basic.error();
  EXPECT_EQ(basic->secrets.server_password, "ours");
}

TEST(Enrol, NamesTheDeviceAndTheFieldThatItRefuses) {
  NewDevice given = Given();
  given.password = "";
  const std::string why = WhyRefused(given);
  EXPECT_NE(why.find("IMEI:493005100592800"), std::string::npos) << why;
  EXPECT_NE(why.find("password"), std::string::npos) << why;
  given = Given();
  given.id = "";
  EXPECT_NE(WhyRefused(given).find("device id"), std::string::npos);
  given = Given();
  given.user = std::string("a\0b", 3);
  EXPECT_NE(WhyRefused(given).find("user"), std::string::npos);
  given = Given();
  given.client_nonce.assign(65, 'n');
  EXPECT_NE(WhyRefused(given).find("client_nonce"), std::string::npos);
  given = Given();
  given.model = "\xff";
  EXPECT_NE(WhyRefused(given).find("model"), std::string::npos);
}

TEST(SameAccount, LooksAtSecretsAndSchemesOnly) {
  const Enrolment first = *Enrol(Given(), "drover", kNow);
  Enrolment second = *Enrol(Given(), "drover", kNow + std::chrono::hours(1));
  At(second.device.facts, Fact::kModel) = "another";
  EXPECT_TRUE(SameAccount(first, second.device, second.secrets));
  second.secrets.client_nonce = "n";
  EXPECT_FALSE(SameAccount(first, second.device, second.secrets));
  second = first;
  second.device.client_scheme = AuthScheme::kBasic;
  EXPECT_FALSE(SameAccount(first, second.device, second.secrets));
}

TEST(Rotate, LeavesAloneAServerThatDoesNotAuthenticateItself) {
  Enrolment enrolment = *Enrol(Given(), "drover", kNow);
  const Secrets after = Rotate(enrolment.device, enrolment.secrets, {.password = "new"}, "drover");
  EXPECT_EQ(after.client_a1, dmauth::A1(enrolment.device.user, "new"));
  EXPECT_EQ(after.server_a1, "");
  EXPECT_EQ(enrolment.device.server_scheme, AuthScheme::kNone);
}

TEST(Rotate, MakesTheServerAuthenticateItselfWhenItIsGivenAPassword) {
  Enrolment enrolment = *Enrol(Given(), "drover", kNow);
  const Secrets after = Rotate(enrolment.device, enrolment.secrets,
                               {.password = "new", .server_password = "ours"}, "drover");
  EXPECT_EQ(after.server_a1, dmauth::A1("drover", "ours"));
  EXPECT_EQ(enrolment.device.server_scheme, AuthScheme::kMd5);
}

std::string Ones(size_t n) { return std::string(n, '\xff'); }

NewDevice Mutual() {
  NewDevice given = Given();
  given.server_password = "ours";
  return given;
}

TEST(PrepareRotation, MakesNextSecretsOnce) {
  const Enrolment enrolment = *Enrol(Mutual(), "drover", kNow);
  const Secrets prepared = *PrepareRotation(enrolment.device, enrolment.secrets, {}, Ones);
  EXPECT_EQ(prepared.next_password, std::string(32, '_'));
  EXPECT_EQ(prepared.next_server_password, std::string(32, '_'));
  EXPECT_EQ(prepared.client_a1, enrolment.secrets.client_a1) << "the present ones hold";
  const auto other = [](size_t n) { return std::string(n, 'x'); };
  EXPECT_EQ(*PrepareRotation(enrolment.device, prepared, {}, other), prepared);
  EXPECT_TRUE(SameAccount(enrolment, enrolment.device, prepared));
}

TEST(PrepareRotation, IsOfTheSecretsThatAreAskedFor) {
  const Enrolment mutual = *Enrol(Mutual(), "drover", kNow);
  const Secrets client = *PrepareRotation(mutual.device, mutual.secrets, {.client = true}, Ones);
  EXPECT_NE(client.next_password, "");
  EXPECT_EQ(client.next_server_password, "");
  const Enrolment alone = *Enrol(Given(), "drover", kNow);
  EXPECT_EQ(PrepareRotation(alone.device, alone.secrets, {}, Ones)->next_server_password, "");
  EXPECT_EQ(PrepareRotation(alone.device, alone.secrets, {.server = true}, Ones).error().code,
            Code::kFailedPrecondition);
}

TEST(Promote, MakesTheNextSecretsThePresentOnes) {
  const Enrolment enrolment = *Enrol(Mutual(), "drover", kNow);
  const Device& device = enrolment.device;
  const Secrets prepared = *PrepareRotation(device, enrolment.secrets, {}, Ones);
  const Secrets client = Promote(device, prepared, {.client = true}, "drover");
  EXPECT_EQ(client.client_a1, dmauth::A1(device.user, prepared.next_password));
  EXPECT_EQ(client.next_password, "");
  EXPECT_EQ(client.server_a1, prepared.server_a1);
  EXPECT_NE(client.next_server_password, "");
  const Secrets both = Promote(device, client, {.client = true, .server = true}, "drover");
  EXPECT_EQ(both.server_a1, dmauth::A1("drover", prepared.next_server_password));
  EXPECT_EQ(both.client_a1, client.client_a1);
  EXPECT_EQ(Promote(device, both, {.client = true, .server = true}, "drover"), both);
}

TEST(SetSchemes, ChangesWhatIsGivenIfThereIsASecretForIt) {
  Enrolment enrolment = *Enrol(Mutual(), "drover", kNow);
  Device& device = enrolment.device;
  EXPECT_TRUE(SetSchemes(device, enrolment.secrets, AuthScheme::kMac, std::nullopt));
  EXPECT_EQ(device.client_scheme, AuthScheme::kMac);
  EXPECT_EQ(device.server_scheme, AuthScheme::kMd5);
  EXPECT_TRUE(SetSchemes(device, enrolment.secrets, std::nullopt, AuthScheme::kMac));
  EXPECT_EQ(device.server_scheme, AuthScheme::kMac);
  EXPECT_EQ(SetSchemes(device, enrolment.secrets, {}, AuthScheme::kBasic).error().code,
            Code::kFailedPrecondition);
  Enrolment alone = *Enrol(Given(), "drover", kNow);
  EXPECT_EQ(SetSchemes(alone.device, alone.secrets, {}, AuthScheme::kMd5).error().code,
            Code::kFailedPrecondition);
}

TEST(MakeSecret, Is32CharactersOfBase64Url) {
  const auto ones = [](size_t n) { return std::string(n, '\xff'); };
  EXPECT_EQ(MakeSecret(ones), std::string(32, '_'));
  const auto others = [](size_t n) { return std::string(n, '\xfb'); };
  EXPECT_EQ(MakeSecret(others).find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV"
                                                 "WXYZ0123456789-_"),
            std::string::npos);
}

}  // namespace
}  // namespace drover::tree
