#include "loadtest/smsc/message.h"

#include <gtest/gtest.h>

#include "libs/base/bytes.h"
#include "loadtest/smsc/message_ids.h"

namespace drover::smsc {
namespace {

using smpp::CommandStatus;

const TimePoint kNow{std::chrono::hours(500'000)};
std::string Octets(std::string_view hex) { return base::FromHex(hex).value(); }

smpp::SubmitSm Submit(std::string_view user_data, uint8_t esm_class = 0, uint8_t data_coding = 4) {
  smpp::SubmitSm pdu;
  pdu.source = {0, 1, "10654040"};
  pdu.destination = {1, 1, "8613800138000"};
  pdu.esm_class = esm_class;
  pdu.data_coding = data_coding;
  pdu.short_message = user_data;
  return pdu;
}
Submission Accepted(const Taken& taken) {
  EXPECT_TRUE(std::holds_alternative<Submission>(taken));
  return std::holds_alternative<Submission>(taken) ? std::get<Submission>(taken) : Submission{};
}
CommandStatus StatusOf(const Taken& taken) {
  const auto* const refused = std::get_if<Refused>(&taken);
  return refused == nullptr ? CommandStatus::kRok : refused->status;
}

TEST(Take, TakesTheHeaderApart) {
  const std::string ud = Octets("0c05040b8423f008041234030241");
  const Submission s = Accepted(Take(Submit(ud, 0x40), 1, kNow));
  ASSERT_EQ(s.parts.size(), 1u);
  EXPECT_EQ(s.parts[0].ports, (sms::Ports{2948, 9200, true}));
  EXPECT_EQ(s.parts[0].concat, (sms::Concat{0x1234, 3, 2, true}));
  EXPECT_EQ(s.parts[0].payload, "A");
  EXPECT_FALSE(s.transaction());
}

TEST(Take, ReadsPortsAndSegmentsFromTlvs) {
  std::string tlvs;
  smpp::TlvWriter(tlvs)
      .Number(smpp::Tag::kDestinationPort, 2948)
      .Number(smpp::Tag::kSourcePort, 9200)
      .Number(smpp::Tag::kSarMsgRefNum, 7)
      .Number(smpp::Tag::kSarTotalSegments, 2)
      .Number(smpp::Tag::kSarSegmentSeqnum, 1)
      .Number(smpp::Tag::kMoreMessagesToSend, 1)
      .Number(smpp::Tag::kSetDpf, 1);
  smpp::SubmitSm pdu = Submit("A", 2);
  pdu.tlvs = smpp::Tlvs(tlvs);
  const Submission s = Accepted(Take(pdu, 1, kNow));
  EXPECT_EQ(s.parts[0].ports, (sms::Ports{2948, 9200, true}));
  EXPECT_EQ(s.parts[0].concat, (sms::Concat{7, 2, 1, true}));
  EXPECT_TRUE(s.more && s.set_dpf && s.transaction());
  const std::string ud = Octets("06050423f0238441");
  pdu.short_message = ud;
  pdu.esm_class = 0x40;
  EXPECT_EQ(StatusOf(Take(pdu, 1, kNow)), CommandStatus::kRtlvNotAllwd);
}

TEST(Take, CutsAPayloadThatFitsNoMessage) {
  std::string tlvs;
  const std::string content(320, 'x');
  smpp::TlvWriter(tlvs)
      .Number(smpp::Tag::kDestinationPort, 2948)
      .Number(smpp::Tag::kSourcePort, 9200)
      .Number(smpp::Tag::kQosTimeToLive, 600)
      .Octets(smpp::Tag::kMessagePayload, content);
  smpp::DataSm pdu;
  pdu.destination = {1, 1, "8613800138000"};
  pdu.esm_class = 2;
  pdu.data_coding = 0xF5;
  pdu.tlvs = smpp::Tlvs(tlvs);
  const Submission s = Accepted(Take(pdu, 0x4321, kNow));
  ASSERT_EQ(s.parts.size(), 3u);
  EXPECT_EQ(s.parts[0].payload.size(), 127u);
  EXPECT_EQ(s.parts[2].payload.size(), 66u);
  EXPECT_EQ(s.parts[1].concat, (sms::Concat{0x4321, 3, 2, true}));
  EXPECT_EQ(s.expires, kNow + std::chrono::seconds(600));
  EXPECT_TRUE(s.sender.data_sm);
}

TEST(Take, CountsTextInCharacters) {
  EXPECT_EQ(Accepted(Take(Submit(std::string(160, 'x'), 0, 0), 1, kNow)).parts.size(), 1u);
  EXPECT_EQ(Accepted(Take(Submit(std::string(161, 'x'), 0, 0), 1, kNow)).parts.size(), 2u);
  EXPECT_EQ(Accepted(Take(Submit(std::string(140, 'x'), 0, 0xF5), 1, kNow)).parts.size(), 1u);
  EXPECT_EQ(Accepted(Take(Submit(std::string(142, 'x'), 0, 8), 1, kNow)).parts.size(), 2u);
}

TEST(Take, SaysWithWhichStatusItRefuses) {
  smpp::SubmitSm pdu = Submit("A");
  pdu.destination.digits = "";
  EXPECT_EQ(StatusOf(Take(pdu, 1, kNow)), CommandStatus::kRinvDstAdr);
  pdu = Submit("A");
  pdu.validity_period = "soon";
  EXPECT_EQ(StatusOf(Take(pdu, 1, kNow)), CommandStatus::kRinvExpiry);
  pdu.validity_period = "";
  pdu.schedule_delivery_time = "later";
  EXPECT_EQ(StatusOf(Take(pdu, 1, kNow)), CommandStatus::kRinvSched);
  const std::string bad = Octets("0905040b84");
  EXPECT_EQ(StatusOf(Take(Submit(bad, 0x40), 1, kNow)), CommandStatus::kRinvEsmClass);
  const std::string segment = Octets("06080412340301") + std::string(140, 'x');
  EXPECT_EQ(StatusOf(Take(Submit(segment, 0x40), 1, kNow)), CommandStatus::kRinvMsgLen);
}

TEST(Take, ReadsRelativeTimes) {
  smpp::SubmitSm pdu = Submit("A");
  pdu.validity_period = "000000001000000R";
  EXPECT_EQ(Accepted(Take(pdu, 1, kNow)).expires, kNow + std::chrono::minutes(10));
}

TEST(MessageIds, AreWrittenAndReadInEveryForm) {
  const std::pair<IdForm, const char*> rows[] = {{IdForm::kHex, "3ade68b1"},
                                                 {IdForm::kUpperHex, "3ADE68B1"},
                                                 {IdForm::kDecimal, "987654321"},
                                                 {IdForm::kPadded, "0987654321"}};
  for (const auto& [form, text] : rows) {
    EXPECT_EQ(WriteId(form, 987654321), text);
    EXPECT_EQ(ReadId(form, text), 987654321u);
    EXPECT_EQ(ReadId(form, "x"), std::nullopt);
    EXPECT_EQ(ReadId(form, ""), std::nullopt);
  }
}

}  // namespace
}  // namespace drover::smsc
