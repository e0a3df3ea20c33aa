// What we push over SMPP as tshark, which shares no code with us, reads it.
#include "tests/interop/wap/tshark.h"

#include <gtest/gtest.h>

#include "libs/base/bytes.h"
#include "libs/dmauth/credentials.h"
#include "libs/notification/package0.h"
#include "libs/smpp/codec.h"
#include "libs/sms/segments.h"
#include "libs/wap/bootstrap_push.h"
#include "libs/wap/notification_push.h"
#include "libs/wap/si_sl.h"
#include "libs/wap/testing/vectors.h"

namespace drover::interop {
namespace {

using wap::BootstrapProfile;
using wap::BootstrapSecurity;
using wap::Sec;

constexpr sms::Ports kPush{sms::kPushPort, sms::kPushSourcePort};
constexpr uint8_t kOctetsClass1 = 0xF5;

smpp::SubmitSm Submit(std::string_view short_message, bool udh) {
  smpp::SubmitSm submit;
  submit.source = {.ton = 0, .npi = 1, .digits = "10654040"};
  submit.destination = {.ton = 1, .npi = 1, .digits = "8613800138000"};
  submit.esm_class = udh ? smpp::esm::kUdhi : smpp::esm::kDefault;
  submit.registered_delivery = smpp::registered::kFinal;
  submit.data_coding = kOctetsClass1;
  submit.short_message = short_message;
  return submit;
}

std::string Encoded(uint32_t sequence, const smpp::Body& body) {
  std::string pdu;
  const smpp::Fault fault = smpp::Encode(sequence, body, pdu);
  EXPECT_FALSE(fault) << fault.field;
  return pdu;
}

// A submit_sm for each segment, with the TLVs that go with them.
std::vector<std::string> Segments(const sms::Plan& plan, uint16_t reference, uint32_t sequence,
                                  uint8_t data_coding = kOctetsClass1) {
  std::vector<std::string> pdus;
  for (size_t k = 1; k <= plan.count(); ++k) {
    std::string user_data;
    plan.AppendSegment(k, reference, user_data);
    std::string tlvs;
    smpp::TlvWriter writer(tlvs);
    if (plan.layout().concatenation == sms::Concatenation::kTlvs && plan.count() > 1) {
      writer.Number(smpp::Tag::kSarMsgRefNum, reference)
          .Number(smpp::Tag::kSarTotalSegments, static_cast<uint32_t>(plan.count()))
          .Number(smpp::Tag::kSarSegmentSeqnum, static_cast<uint32_t>(k));
    }
    if (k < plan.count()) writer.Number(smpp::Tag::kMoreMessagesToSend, 1);
    smpp::SubmitSm submit = Submit(user_data, plan.has_udh());
    submit.data_coding = data_coding;
    submit.tlvs = smpp::Tlvs(tlvs);
    pdus.push_back(Encoded(static_cast<uint32_t>(sequence + k - 1), submit));
  }
  return pdus;
}

std::vector<std::string> Pushed(std::string push, sms::Concatenation concatenation,
                                uint16_t reference, uint32_t sequence) {
  const sms::Layout layout{
      .coding = sms::Coding::kOctets, .ports = kPush, .concatenation = concatenation};
  return Segments(sms::Plan::Make(std::move(push), layout).value(), reference, sequence);
}

std::string SiPush(std::string_view xml) {
  const auto si = wap::ToBinary("text/vnd.wap.si", xml).value().value();
  std::string push;
  EXPECT_TRUE(wap::AppendPush({.tid = 0x25,
                               .content_type = {.media = si.media, .charset = wap::kCharsetUtf8},
                               .application_id = wap::Name{wap::kApplicationWml, {}},
                               .headers = {},
                               .data = si.octets},
                              push));
  return push;
}

std::string NotificationPush() {
  const std::string package =
      notification::EncodePackage0({.ui_mode = notification::UiMode::kBackground,
                                    .session_id = 0x42,
                                    .server_id = "dmserver"},
                                   dmauth::A1("dmserver", "secret"), "nonce12345")
          .value();
  std::string push;
  wap::AppendNotificationPush(0x01, package, push);
  return push;
}

std::string Bootstrap(BootstrapProfile profile, std::string_view document) {
  return wap::EncodeBootstrapPush(0x02, profile, document,
                                  BootstrapSecurity{Sec::kUserPin, {}, "1234"})
      .value();
}

class TsharkTest : public testing::Test {
 protected:
  // What tshark says of the PDUs; fewer than there are fail the test.
  std::vector<std::string> Read(const std::vector<std::string>& pdus) {
    auto frames = ReadWithTshark(pdus);
    if (!frames) {
      skipped_ = true;
      return std::vector<std::string>(pdus.size());
    }
    EXPECT_EQ(frames->size(), pdus.size());
    frames->resize(pdus.size());
    for (const std::string& frame : *frames)
      EXPECT_EQ(frame.find("Malformed"), std::string::npos) << frame;
    return *frames;
  }
  void ExpectSays(const std::string& frame, std::initializer_list<const char*> words) {
    if (skipped_) GTEST_SKIP() << "tshark is not installed: scripts/setup test";
    for (const char* word : words) {
      EXPECT_NE(frame.find(word), std::string::npos) << word << "\n"
                                                     << frame.substr(frame.find("Short Message"));
    }
  }
  bool skipped_ = false;
};

constexpr char kIndication[] =
    "<si><indication href=\"http://example.com/a\" action=\"signal-high\">Update "
    "ready</indication></si>";

TEST_F(TsharkTest, ReadsAServiceIndicationAndItIsTheVector) {
  const auto pdus = Pushed(SiPush(kIndication), sms::Concatenation::kReference16, 1, 2);
  ASSERT_EQ(pdus.size(), 1U);
  EXPECT_EQ(
      base::Hex(pdus[0]),
      "0000006e00000004000000000000000200000131303635343034300001013836313338303031333830303000"
      "40000000000100f500380605040b8423f025060603ae81eaaf82"
      "02056a0045c60c036578616d706c652e636f6d2f6100080103557064617465207265616479000101");
  ExpectSays(Read(pdus)[0],
             {"Command: Submit_sm",
              "Destination port: UDP/TCP port numbers assigned by IANA without the need to "
              "refer to 3GPP (2948)",
              "Method: Push (0x06), Content-Type: application/vnd.wap.sic", "charset=UTF-8",
              "X-Wap-Application-Id: x-wap-application:wml.ua", "Service Indication 1.0",
              "'example.com/a'", "action='signal-high'", "'Update ready'"});
}

TEST_F(TsharkTest, ReadsAServiceLoading) {
  const auto sl =
      wap::ToBinary("text/vnd.wap.sl", "<sl href='http://example.com/u' action='execute-high'/>")
          .value()
          .value();
  std::string push;
  ASSERT_TRUE(
      wap::AppendPush({.tid = 3,
                       .content_type = {.media = sl.media},
                       .application_id = wap::Name{wap::kApplicationWml, {}},
                       .headers = {wap::TextHeader("Push-Flag", "4").value(),
                                   wap::TextHeader("X-Wap-Initiator-URI", "http://pi").value()},
                       .data = sl.octets},
                      push));
  ExpectSays(Read(Pushed(push, sms::Concatenation::kReference16, 1, 2))[0],
             {"application/vnd.wap.slc", "Service Loading 1.0", "'example.com/u'",
              "action='execute-high'", "Initiator-Uri: http://pi", "Push-Flag"});
}

TEST_F(TsharkTest, ReadsANotificationAndItIsTheVector) {
  const auto pdus = Pushed(NotificationPush(), sms::Concatenation::kReference16, 1, 3);
  ASSERT_EQ(pdus.size(), 1U);
  EXPECT_EQ(
      base::Hex(pdus[0]),
      "0000006300000004000000000000000300000131303635343034300001013836313338303031333830303000"
      "40000000000100f5002d0605040b8423f0010603c4af871d012d641848663bf1df916db565a0dc02d80000000042"
      "08646d736572766572");
  ExpectSays(Read(pdus)[0], {"Content-Type: application/vnd.syncml.notification",
                             "x-wap-application:syncml.dm", "(32 bytes)"});
}

// The SMSC takes the whole push and answers when it was delivered: ports and payload in TLVs.
TEST_F(TsharkTest, ReadsATransactionAndItIsTheVector) {
  const std::string push = NotificationPush();
  std::string tlvs;
  smpp::TlvWriter(tlvs)
      .Number(smpp::Tag::kSourcePort, sms::kPushSourcePort)
      .Number(smpp::Tag::kDestinationPort, sms::kPushPort)
      .Number(smpp::Tag::kQosTimeToLive, 600)
      .Number(smpp::Tag::kSetDpf, 1)
      .Octets(smpp::Tag::kMessagePayload, push);
  smpp::DataSm data;
  data.service_type = "WAP";
  data.source = {.ton = 0, .npi = 1, .digits = "10654040"};
  data.destination = {.ton = 1, .npi = 1, .digits = "8613800138000"};
  data.esm_class = smpp::esm::kTransaction;
  data.data_coding = kOctetsClass1;
  data.tlvs = smpp::Tlvs(tlvs);
  const std::string pdu = Encoded(0x15, data);
  EXPECT_EQ(
      base::Hex(pdu),
      "000000750000010300000000000000155741500000013130363534303430000101383631333830303133383030"
      "30000200f5020a000223f0020b00020b8400170004000002580421000101042400260106" +
          base::Hex(push.substr(2)));
  ExpectSays(Read({pdu})[0],
             {"Forward mode (0x2)", "Destination port: 0x0b84", "Validity period: 600",
              "application/vnd.syncml.notification", "x-wap-application:syncml.dm"});
}

TEST_F(TsharkTest, PutsABootstrapTogetherInEveryForm) {
  const std::string push =
      Bootstrap(BootstrapProfile::kClientProvisioning, wap::testing::BootstrapVectorOctets());
  const std::pair<sms::Concatenation, uint16_t> kForms[] = {
      {sms::Concatenation::kReference16, 0x1234},
      {sms::Concatenation::kReference8, 0x77},
      {sms::Concatenation::kTlvs, 0x77}};
  for (const auto& [concatenation, reference] : kForms) {
    const auto pdus = Pushed(push, concatenation, reference, 2);
    ASSERT_EQ(pdus.size(), 3U);
    const auto frames = Read(pdus);
    ExpectSays(frames[0], {"More messages"});
    ExpectSays(frames[2], {"application/vnd.wap.connectivity-wbxml", "SEC: USERPIN",
                           "MAC: 61D54E5BC1C9BFE2448E0F1121F44057B97857A7", "x-wap-application:*",
                           "PROV 1.0", "'w7'", "'dmserver'", "'http://dm.example.com/dm'",
                           "'clipwd'", "</wap-provisioningdoc>"});
  }
}

TEST_F(TsharkTest, ReadsTheStylesOfProvisioningDocuments) {
  const auto document = wap::EncodeProvisioning(
                            {.access_points = {{.napid = "n1", .address = "cmnet"}},
                             .applications = wap::testing::BootstrapVectorDocument().applications})
                            .value();
  const auto frames = Read(Pushed(Bootstrap(BootstrapProfile::kClientProvisioning, document),
                                  sms::Concatenation::kReference16, 7, 2));
  ExpectSays(frames.back(), {"'cmnet'", "'n1'", "'DIGEST'", "'http://dm.example.com/dm'",
                             "</wap-provisioningdoc>"});
}

TEST_F(TsharkTest, ReadsADmBootstrap) {
  const std::string document =
      base::FromHex(
          "02a4016a006d6c7103312e32000172 03444d2f312e32000165033000015b03300001"
          "01 6b 12 01 01")
          .value();
  ExpectSays(
      Read(Pushed(Bootstrap(BootstrapProfile::kDeviceManagement, document),
                  sms::Concatenation::kReference16, 7, 2))[0],
      {"application/vnd.syncml.dm+wbxml", "x-wap-application:syncml.dm", "SyncML", "'DM/1.2'"});
}

TEST_F(TsharkTest, ReadsTexts) {
  const auto text = [](std::string_view utf8, sms::Coding coding) {
    return sms::Plan::Make(sms::EncodeText(utf8, coding).value(), {.coding = coding}).value();
  };
  std::vector<std::string> pdus = Segments(text("Hello @ \u20AC", sms::Coding::kGsm7), 1, 2, 0);
  const auto ucs2 = Segments(text("\u5347\u7ea7 \U0001F600", sms::Coding::kUcs2), 1, 3, 8);
  pdus.insert(pdus.end(), ucs2.begin(), ucs2.end());
  const auto frames = Read(pdus);
  ExpectSays(frames[0], {"Message bytes: 48656c6c6f2000201b65"});
  ExpectSays(frames[1], {"UCS2", "Message bytes: 53477ea70020d83dde00"});
}

}  // namespace
}  // namespace drover::interop
