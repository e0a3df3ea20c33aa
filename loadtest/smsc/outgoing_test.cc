#include "loadtest/smsc/outgoing.h"

#include <gtest/gtest.h>

#include "libs/base/bytes.h"

namespace drover::smsc {
namespace {

using smpp::MessageState;

SendReceipt Sent(MessageState state, Failure failure) {
  SendReceipt receipt;
  receipt.terminal = {"8613800138000", 1, 1};
  receipt.source = {"10654040", 0, 1};
  receipt.message_id = "0a1";
  receipt.state = state;
  receipt.failure = failure;
  receipt.submitted = TimePoint(std::chrono::sys_days(std::chrono::year(2025) / 11 / 22)) +
                      std::chrono::minutes(90);
  receipt.done = receipt.submitted + std::chrono::minutes(1);
  return receipt;
}

TEST(ReceiptOf, HasTheFormThatWasWanted) {
  const SendReceipt sent = Sent(MessageState::kDelivered, Failure::kNone);
  const std::string text =
      "id:0a1 sub:001 dlvrd:001 submit date:2511220130 done date:2511220131 stat:DELIVRD err:000 "
      "text:";
  const std::string tlvs =
      "001e00043061310004270001020423000303"
      "0000";
  const Outgoing both = ReceiptOf(sent, ReceiptForm::kBoth);
  EXPECT_EQ(both.user_data, text);
  EXPECT_EQ(base::Hex(both.tlvs), tlvs);
  EXPECT_EQ(both.esm_class, 4);
  EXPECT_EQ(both.source.digits, "8613800138000");
  EXPECT_EQ(both.destination.digits, "10654040");
  EXPECT_EQ(ReceiptOf(sent, ReceiptForm::kText).tlvs, "");
  EXPECT_EQ(ReceiptOf(sent, ReceiptForm::kTlv).user_data, "");
}

TEST(ReceiptOf, SaysWhyAMessageFailed) {
  const Outgoing absent =
      ReceiptOf(Sent(MessageState::kUndeliverable, Failure::kAbsent), ReceiptForm::kBoth);
  EXPECT_NE(absent.user_data.find("dlvrd:000"), std::string::npos);
  EXPECT_NE(absent.user_data.find("stat:UNDELIV err:027"), std::string::npos);
  EXPECT_EQ(smpp::Tlvs(absent.tlvs).network_error_code()->code, 27);
  SendReceipt binary = Sent(MessageState::kDelivered, Failure::kNone);
  binary.text = std::string("\x06\x05\x00", 3);
  EXPECT_TRUE(ReceiptOf(binary, ReceiptForm::kText).user_data.ends_with("text:"));
}

TEST(AnswerTlvs, SayWhyATransactionFailed) {
  Answer answer{
      .status = smpp::CommandStatus::kRdeliveryFailure, .failure = Failure::kAbsent, .dpf = true};
  EXPECT_EQ(base::Hex(AnswerTlvs(answer)), "04250001000423000303001b0420000101");
  answer = {.status = smpp::CommandStatus::kRdeliveryFailure, .failure = Failure::kBusy};
  EXPECT_EQ(base::Hex(AnswerTlvs(answer)), "04250001030423000303001f");
  EXPECT_EQ(AnswerTlvs(Answer{}), "");
}

TEST(SegmentsOf, PutsPortsAndReferencesIntoTheHeader) {
  MobileMessage message{.terminal = {"49", 1, 1}, .destination = {"1", 0, 1}};
  message.ports = sms::Ports{16998, 16998, true};
  message.octets = "IMEI:1";
  auto segments = SegmentsOf(message, 7).value();
  ASSERT_EQ(segments.size(), 1u);
  EXPECT_EQ(base::Hex(segments[0].user_data), "06050442664266" + base::Hex("IMEI:1"));
  EXPECT_EQ(segments[0].esm_class, 0x40);
  message.octets.assign(300, 'x');
  segments = SegmentsOf(message, 7).value();
  ASSERT_EQ(segments.size(), 3u);
  EXPECT_EQ(base::Hex(segments[1].user_data.substr(0, 13)),
            "0c05044266426608040007"
            "0302");
  message.reversed = true;
  EXPECT_EQ(SegmentsOf(message, 7).value()[0].user_data, segments[2].user_data);
  message = {.terminal = {"49", 1, 1}, .destination = {"1", 0, 1}, .data_coding = 0};
  message.octets = "hello";
  EXPECT_EQ(SegmentsOf(message, 7).value()[0].user_data, "hello");
  EXPECT_EQ(SegmentsOf(message, 7).value()[0].esm_class, 0);
}

TEST(Spoilt, IsWhatItsNameSays) {
  const std::string response = base::FromHex(
                                   "00000012800000040000000000000001"
                                   "3100")
                                   .value();
  EXPECT_EQ(Spoilt(AnswerMode::kProper, response), response);
  EXPECT_EQ(Spoilt(AnswerMode::kNothing, response), "");
  EXPECT_EQ(Spoilt(AnswerMode::kHalf, response), response.substr(0, 9));
  EXPECT_EQ(base::Hex(Spoilt(AnswerMode::kHugeLength, response).substr(0, 8)), "ffffffff80000004");
  EXPECT_EQ(Spoilt(AnswerMode::kGarbage, response).size(), 64u);
  for (const char* name : {"proper", "nothing", "half", "garbage", "huge-length"}) {
    EXPECT_EQ(Name(ParseAnswerMode(name).value()), name);
  }
  EXPECT_FALSE(ParseAnswerMode(""));
}

}  // namespace
}  // namespace drover::smsc
