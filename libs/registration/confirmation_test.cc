#include "libs/registration/confirmation.h"

#include <gtest/gtest.h>

#include "libs/base/bytes.h"
#include "libs/registration/grammar.h"

namespace drover::registration {
namespace {

std::string Octets(std::string_view hex) { return base::FromHex(hex).value(); }

const std::string kMobile = "8613800138000";
const std::string kText = "IMEI:860206000003972/Hisense/TS7032/TI7.2.01.22.00";

// The registration and its answer, as captured between terminal and platform.
const std::string kDeliverSm = Octets(
    "0000006f0000000500000000000000010001013836313338303031333830303000000131303635343034300040"
    "00000000000004003906050442664266494d45493a3836303230363030303030333937322f486973656e73652f"
    "5453373033322f5449372e322e30312e32322e3030");
const std::string kSubmitSm = Octets(
    "000000530000000400000000000000040000013130363534303430000101383631333830303133383030300040"
    "00000000000004001d06050442664266494d45493a3836303230363030303030333937322f31");

std::string CString(std::string_view text) { return std::string(text) + '\0'; }

// A submit_sm by hand, so that these octets hang on no codec of ours.
std::string SubmitSm(const ShortMessage& m, uint8_t sequence) {
  std::string body = CString("");
  for (const Address* address : {&m.source, &m.destination}) {
    body += static_cast<char>(address->ton);
    body += static_cast<char>(address->npi);
    body += CString(address->digits);
  }
  body += static_cast<char>(m.esm_class);
  body += static_cast<char>(m.protocol_id);
  body += '\0';         // priority_flag
  body += CString("");  // schedule_delivery_time
  body += CString("");  // validity_period: the vector has none.
  body += static_cast<char>(m.registered_delivery);
  body += '\0';  // replace_if_present_flag
  body += static_cast<char>(m.data_coding);
  body += '\0';  // sm_default_msg_id
  body += static_cast<char>(m.user_data.size());
  body += m.user_data;
  const std::string size = base::BigEndian64(body.size() + 16).substr(4);
  return size + Octets("0000000400000000000000") + static_cast<char>(sequence) + body;
}

MobileOriginated Mo(std::string_view destination, std::optional<uint16_t> port,
                    std::string_view octets) {
  return {.source = {kMobile, 1, 1},
          .destination = {std::string(destination), 0, 1},
          .destination_port = port,
          .source_port = port,
          .data_coding = 4,
          .octets = octets};
}

std::optional<ShortMessage> Answer(const MobileOriginated& mo, const Profile& profile,
                                   bool accepted = true) {
  return Confirmation(profile, mo, std::get<Registration>(Parse(profile, mo.octets)), accepted);
}

const Profile& SelectedFor(const MobileOriginated& mo) { return *Select(BuiltInProfiles(), mo); }

TEST(Confirmation, IsTheVectorOctetForOctet) {
  ASSERT_EQ(kDeliverSm.size(), 111u);
  const std::string_view ud = std::string_view(kDeliverSm).substr(111 - 57);
  ASSERT_EQ(ud.substr(0, 7), PortHeader(16998, 16998));
  ASSERT_EQ(ud.substr(7), kText);
  const MobileOriginated mo = Mo("10654040", 16998, ud.substr(7));
  const Profile& profile = SelectedFor(mo);
  EXPECT_EQ(profile.name, "cmcc");
  const auto answer = Answer(mo, profile);
  ASSERT_TRUE(answer);
  EXPECT_EQ(base::Hex(SubmitSm(*answer, 4)), base::Hex(kSubmitSm));
  EXPECT_EQ(answer->validity, std::chrono::hours(24));
}

TEST(Confirmation, OfARefusalEndsInZero) {
  const MobileOriginated mo = Mo("10654040", 16998, kText);
  const auto answer = Answer(mo, SelectedFor(mo), false);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->user_data.substr(7), "IMEI:860206000003972/0");
}

TEST(Confirmation, GoesBackFromTheAddressAndPortThatTheRegistrationWentTo) {
  const MobileOriginated mo = Mo("1065840409", 16998, kText);
  const auto answer = Answer(mo, SelectedFor(mo));
  EXPECT_EQ(answer->source, mo.destination);
  EXPECT_EQ(answer->destination, mo.source);
  EXPECT_EQ(answer->user_data.substr(0, 7), Octets("06050442664266"));
  const std::string five = "IMEI:860206000003972/460010123456789/Hisense/TS7032/TI7";
  const MobileOriginated unicom = Mo("10655459", 26680, five);
  EXPECT_EQ(Answer(unicom, SelectedFor(unicom))->user_data,
            Octets("06050468386838") + "IMEI:860206000003972/1");
}

TEST(Confirmation, EchoesTheImeiFieldExactlyAsReceived) {
  const MobileOriginated mo = Mo("10654040", 16998, "imei: 860206000003972,490154203237518 /A/B/C");
  Profile profile = SelectedFor(mo);
  EXPECT_EQ(Answer(mo, profile)->user_data.substr(7), "IMEI: 860206000003972,490154203237518 /1");
  profile.confirm.imei_echo = Confirm::Echo::kDigits;
  EXPECT_EQ(Answer(mo, profile)->user_data.substr(7), "IMEI:860206000003972/1");
}

TEST(Confirmation, OfTelecomIsAFrameOfTheSameVersion) {
  const std::string xml = "<a1><b1>HIS-TS7032</b1><b2>A0000012345678</b2></a1>";
  for (const uint8_t version : {1, 2, 3, 4}) {
    const std::string frame =
        std::string{static_cast<char>(version), 3, static_cast<char>(xml.size()), '\0'} + xml;
    const MobileOriginated mo = Mo("10659401", std::nullopt, frame);
    const Profile& profile = SelectedFor(mo);
    EXPECT_EQ(profile.name, "ct");
    const auto answer = Answer(mo, profile);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->user_data.substr(0, 4),
              (std::string{static_cast<char>(version), 4, '\0', '\0'}));
    EXPECT_EQ(answer->user_data.size(), 12u);
    EXPECT_EQ(answer->esm_class, 0);
    EXPECT_EQ(answer->data_coding, 4);
    EXPECT_EQ(answer->teleservice, 65005);
    if (version == 2) {
      EXPECT_EQ(answer->user_data.substr(4), "8c44bf4b");
    }
    EXPECT_FALSE(Answer(mo, profile, false)) << "no refusal is known to these terminals";
  }
}

TEST(Confirmation, IsWhatTheProfileSays) {
  const MobileOriginated mo = Mo("10654040", 16998, kText);
  Profile profile = SelectedFor(mo);
  profile.confirm.template_ok = "OK {imei} {imsi}.";
  profile.confirm.source = "10650000";
  profile.confirm.ports = Confirm::Ports::kNone;
  profile.confirm.data_coding = 0;
  auto answer = Answer(mo, profile);
  EXPECT_EQ(answer->user_data, "OK 860206000003972 .");
  EXPECT_EQ(answer->source.digits, "10650000");
  EXPECT_EQ(answer->esm_class, 0);
  EXPECT_EQ(answer->data_coding, 0);
  profile.confirm.ports = Confirm::Ports::kFixed;
  profile.confirm.fixed_port = 0x1234;
  EXPECT_EQ(Answer(mo, profile)->user_data.substr(0, 7), Octets("06050412341234"));
  profile.confirm.template_fail.clear();
  EXPECT_FALSE(Answer(mo, profile, false));
  profile.confirm.enabled = false;
  EXPECT_FALSE(Answer(mo, profile));
}

}  // namespace
}  // namespace drover::registration
