#include "services/push/core/job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/bytes.h"
#include "libs/smpp/codec.h"
#include "libs/wap/bootstrap_push.h"
#include "libs/wap/wsp_push.h"
#include "services/push/core/submission.h"
#include "services/push/core/times.h"

namespace drover::push {
namespace {

using ::testing::HasSubstr;

const TimePoint kNow{std::chrono::seconds(1'760'000'000)};
const std::string kId = "0123456789abcdef";
constexpr char kPackage0[] = "1d012d641848663bf1df916db565a0dc02d8000000004208646d736572766572";

Smsc Home() {
  Smsc smsc;
  smsc.rules.name = "home";
  smsc.source = "10654040";
  smsc.validity = Validity::kNone;
  return smsc;
}

events::v1::WakeupRequested Wakeup() {
  events::v1::WakeupRequested wakeup;
  wakeup.set_event_id("01890a5d-ac96-774b-bcce-b302099a8057");
  wakeup.set_device_id("IMEI:490154203237518");
  *wakeup.mutable_expires_at() = ToProto(kNow + std::chrono::hours(1));
  return wakeup;
}

dispatch::Send Segment(uint8_t segment, uint8_t total) {
  dispatch::Send send;
  send.ticket.segment = segment;
  send.total = total;
  send.more_messages = segment < total;
  send.ref = 0x1234;
  send.validity = std::chrono::minutes(10);
  return send;
}

TEST(NotificationJob, IsTheShortMessageThatTerminalsKnow) {
  const auto job = NotificationJob(Wakeup(), "8613800138000", *base::FromHex(kPackage0), kNow);
  ASSERT_TRUE(job) << job.error();
  EXPECT_EQ(base::Hex(job->id()), "01890a5dac96774bbcceb302099a8057");
  EXPECT_EQ(job->class_(), v1::Job::NOTIFICATION);
  EXPECT_EQ(FromProto(job->deliver_before()), kNow + std::chrono::hours(1));
  const Smsc smsc = Home();
  const auto made = Submission::Make(*job, job->msisdn(), Segment(1, 1), smsc, kNow);
  ASSERT_TRUE(made) << made.error();
  std::string pdu;
  ASSERT_FALSE(smpp::Encode(3, made->pdu(), pdu));
  const std::string tid = base::Hex(std::string_view("\x57", 1));
  EXPECT_EQ(
      base::Hex(pdu),
      "0000006300000004000000000000000300000131303635343034300001013836313338303031333830303000"
      "40000000000100f5002d0605040b8423f0" +
          tid + "0603c4af87" + kPackage0);
}

TEST(NotificationJob, NeedsAnEventThatIsAUuid) {
  auto wakeup = Wakeup();
  wakeup.set_event_id("soon");
  EXPECT_FALSE(NotificationJob(wakeup, "8613800138000", "x", kNow));
}

v1::SendPushRequest Text(const std::string& text) {
  v1::SendPushRequest request;
  request.set_text(text);
  return request;
}

TEST(RequestedJob, TakesTheShortestAlphabetThatATextFitsIn) {
  const Recipient to{"", "8613800138000", ""};
  const auto plain = RequestedJob(Text("Hello {you}"), to, "drover", kId, kNow);
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->alphabet(), v1::Job::GSM7);
  EXPECT_EQ(plain->payload().size(), 13U);  // Braces take an escape each.
  const auto wide = RequestedJob(Text("您好"), to, "drover", kId, kNow);
  ASSERT_TRUE(wide);
  EXPECT_EQ(wide->alphabet(), v1::Job::UCS2);
  EXPECT_EQ(base::Hex(wide->payload()), "60a8597d");
  const Smsc smsc = Home();
  const auto made = Submission::Make(*wide, to.msisdn, Segment(1, 1), smsc, kNow);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->pdu().data_coding, 8);
  EXPECT_EQ(made->pdu().esm_class, 0);
}

TEST(RequestedJob, MakesAServiceIndicationBinary) {
  v1::SendPushRequest request;
  request.mutable_indication()->set_href("http://example.com/a?b=1&c");
  request.mutable_indication()->set_text("Update <ready>");
  request.mutable_indication()->set_action("signal-high");
  const auto job = RequestedJob(request, {"", "8613800138000", ""}, "drover", kId, kNow);
  ASSERT_TRUE(job) << job.error();
  EXPECT_EQ(job->destination_port(), 2948U);
  const auto push = wap::DecodePush(job->payload());
  ASSERT_TRUE(push);
  EXPECT_EQ(push->content_type.media.code, wap::kMediaSic);
  EXPECT_THAT(std::string(push->data), HasSubstr("Update <ready>"));
  request.mutable_indication()->set_action("shout");
  EXPECT_FALSE(RequestedJob(request, {"", "8613800138000", ""}, "drover", kId, kNow));
}

TEST(RequestedJob, CarriesANotificationThatSessionHasMade) {
  v1::SendPushRequest request;
  request.mutable_notification();
  Recipient to{"IMEI:490154203237518", "8613800138000", ""};
  EXPECT_EQ(RequestedJob(request, to, "drover", kId, kNow).error().code, Code::kInternal);
  to.package0 = *base::FromHex(kPackage0);
  const auto job = RequestedJob(request, to, "drover", kId, kNow);
  ASSERT_TRUE(job) << job.error();
  EXPECT_EQ(job->class_(), v1::Job::NOTIFICATION);
  EXPECT_EQ(base::Hex(job->payload()), std::string("660603c4af87") + kPackage0);
}

TEST(RequestedJob, CarriesTheParametersOfAContentType) {
  v1::SendPushRequest request;
  request.mutable_octets()->set_content_type(
      "application/vnd.wap.connectivity-wbxml; SEC=1; "
      "MAC=61D54E5BC1C9BFE2448E0F1121F44057B97857A7");
  request.mutable_octets()->set_body("x");
  const auto job = RequestedJob(request, {"", "8613800138000", ""}, "drover", kId, kNow);
  ASSERT_TRUE(job) << job.error();
  const auto push = wap::DecodePush(job->payload());
  ASSERT_TRUE(push);
  EXPECT_EQ(push->content_type.sec, wap::Sec::kUserPin);
  EXPECT_EQ(push->content_type.mac, "61D54E5BC1C9BFE2448E0F1121F44057B97857A7");
}

TEST(Submission, CutsLongContentIntoSegmentsOfOneReference) {
  v1::SendPushRequest request;
  request.mutable_octets()->set_content_type("application/vnd.example");
  request.mutable_octets()->set_body(std::string(300, 'x'));
  const auto job = RequestedJob(request, {"", "8613800138000", ""}, "drover", kId, kNow);
  ASSERT_TRUE(job);
  const auto plan = PlanOf(*job, 16, 8);
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->count(), 3U);
  Smsc smsc = Home();
  smsc.validity = Validity::kRelative;
  for (uint8_t segment = 1; segment <= 3; ++segment) {
    const auto made = Submission::Make(*job, job->msisdn(), Segment(segment, 3), smsc, kNow);
    ASSERT_TRUE(made);
    const smpp::SubmitSm pdu = made->pdu();
    EXPECT_EQ(pdu.esm_class, smpp::esm::kUdhi);
    EXPECT_EQ(pdu.registered_delivery, 1);
    EXPECT_EQ(pdu.validity_period, "000000001000000R");
    EXPECT_EQ(pdu.tlvs.Has(smpp::Tag::kMoreMessagesToSend), segment < 3);
    const auto data = sms::DecodeUserData(pdu.short_message);
    ASSERT_TRUE(data && data->udh.concat);
    EXPECT_EQ(data->udh.concat->reference, 0x1234);
    EXPECT_EQ(data->udh.concat->sequence, segment);
    EXPECT_EQ(data->udh.ports->destination, 2948);
  }
  EXPECT_FALSE(Submission::Make(*job, job->msisdn(), Segment(1, 2), smsc, kNow));
  EXPECT_EQ(PlanOf(*job, 16, 2).error().code, Code::kResourceExhausted);
}

TEST(Submission, GivesAWholePushToAnSmscThatCutsItItself) {
  v1::SendPushRequest request;
  request.mutable_octets()->set_content_type("application/vnd.example");
  request.mutable_octets()->set_body(std::string(300, 'x'));
  const auto job = RequestedJob(request, {"", "8613800138000", ""}, "drover", kId, kNow);
  ASSERT_TRUE(job);
  dispatch::Send send = Segment(1, 1);
  send.whole = true;
  send.gate = dispatch::Gate::kTransaction;
  Smsc smsc = Home();
  smsc.rules.alert = dispatch::AlertMode::kDeliveryPendingFlag;
  const auto made = Submission::Make(*job, job->msisdn(), send, smsc, kNow);
  ASSERT_TRUE(made);
  const smpp::SubmitSm pdu = made->pdu();
  EXPECT_EQ(pdu.esm_class, smpp::esm::kTransaction);
  EXPECT_TRUE(pdu.short_message.empty());
  EXPECT_EQ(pdu.tlvs.Find(smpp::Tag::kMessagePayload), job->payload());
  EXPECT_EQ(pdu.tlvs.Number(smpp::Tag::kDestinationPort), 2948U);
  EXPECT_EQ(pdu.tlvs.Number(smpp::Tag::kSetDpf), 1U);
}

v1::Job Content(size_t octets) {
  v1::SendPushRequest request;
  request.mutable_octets()->set_content_type("application/vnd.example");
  request.mutable_octets()->set_body(std::string(octets, 'x'));
  return RequestedJob(request, {"", "8613800138000", ""}, "drover", kId, kNow).value();
}

TEST(Submission, TellsSegmentsAndPortsInTlvsToAnSmscThatWantsThemThere) {
  const v1::Job job = Content(300);
  Smsc smsc = Home();
  smsc.segmentation = Segmentation::kSar;
  std::string content;
  for (uint8_t segment = 1; segment <= 3; ++segment) {
    const auto made = Submission::Make(job, job.msisdn(), Segment(segment, 3), smsc, kNow);
    ASSERT_TRUE(made) << made.error();
    const smpp::SubmitSm pdu = made->pdu();
    EXPECT_EQ(pdu.esm_class, 0);
    EXPECT_LE(pdu.short_message.size(), 127U) << "the SMSC needs room for the header";
    EXPECT_EQ(pdu.tlvs.Number(smpp::Tag::kSarMsgRefNum), 0x1234U);
    EXPECT_EQ(pdu.tlvs.Number(smpp::Tag::kSarTotalSegments), 3U);
    EXPECT_EQ(pdu.tlvs.Number(smpp::Tag::kSarSegmentSeqnum), segment);
    EXPECT_EQ(pdu.tlvs.Number(smpp::Tag::kDestinationPort), 2948U);
    EXPECT_EQ(pdu.tlvs.Number(smpp::Tag::kSourcePort), 9200U);
    content += pdu.short_message;
  }
  EXPECT_EQ(content, job.payload());
}

TEST(Submission, AMessageThatIsAloneHasNoSegmentsToTell) {
  const v1::Job job = Content(20);
  Smsc smsc = Home();
  smsc.segmentation = Segmentation::kSar;
  const auto sar = Submission::Make(job, job.msisdn(), Segment(1, 1), smsc, kNow);
  ASSERT_TRUE(sar);
  EXPECT_FALSE(sar->pdu().tlvs.Has(smpp::Tag::kSarMsgRefNum));
  EXPECT_EQ(sar->pdu().tlvs.Number(smpp::Tag::kDestinationPort), 2948U);
  EXPECT_EQ(sar->pdu().short_message, job.payload());
  smsc.segmentation = Segmentation::kPayload;
  const auto payload = Submission::Make(job, job.msisdn(), Segment(1, 1), smsc, kNow);
  ASSERT_TRUE(payload);
  EXPECT_TRUE(payload->pdu().short_message.empty());
  EXPECT_EQ(payload->pdu().tlvs.Find(smpp::Tag::kMessagePayload), job.payload());
}

TEST(Submission, CarriesTheTlvsThatItsSmscIsGivenByItsSettings) {
  const v1::Job job = Content(20);
  Smsc smsc = Home();
  smsc.tlvs = *base::FromHex("140300020a0b");
  const auto made = Submission::Make(job, job.msisdn(), Segment(1, 1), smsc, kNow);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->pdu().tlvs.Find(static_cast<smpp::Tag>(0x1403)), "\x0a\x0b");
  EXPECT_TRUE(made->pdu().tlvs.well_formed());
}

TEST(Submission, AsksNoReceiptWhereNobodyAsksHowItWent) {
  v1::Job job = Content(20);
  const Smsc smsc = Home();
  EXPECT_EQ(
      Submission::Make(job, job.msisdn(), Segment(1, 1), smsc, kNow)->pdu().registered_delivery, 1);
  job.set_unconfirmed(true);
  EXPECT_EQ(
      Submission::Make(job, job.msisdn(), Segment(1, 1), smsc, kNow)->pdu().registered_delivery, 0);
}

TEST(ConfirmationJob, GoesBackAsTheRegistrationCame) {
  registration::ShortMessage message;
  message.source = {"10654040", 0, 1};
  message.user_data = *base::FromHex("06050442664266") + "IMEI:860206000003972/1";
  message.esm_class = 0x40;
  message.data_coding = 4;
  const auto job = ConfirmationJob(message, "8613800138000", kId, "home", kNow);
  ASSERT_TRUE(job) << job.error();
  Smsc smsc = Home();
  smsc.source = "1";
  const auto made = Submission::Make(*job, "8613800138000", Segment(1, 1), smsc, kNow);
  ASSERT_TRUE(made);
  std::string pdu;
  ASSERT_FALSE(smpp::Encode(4, made->pdu(), pdu));
  EXPECT_EQ(base::Hex(pdu),
            "00000053000000040000000000000004000001313036353430343000010138363133383030313338303030"
            "004000000000000004001d06050442664266494d45493a3836303230363030303030333937322f31");
}

TEST(Msisdn, IsDigitsInInternationalForm) {
  EXPECT_EQ(*Msisdn("+8613800138000"), "8613800138000");
  EXPECT_EQ(*Msisdn("008613800138000"), "8613800138000");
  for (const char* wrong : {"", "+", "1234", "12345678901234567", "86138x", "86 138"}) {
    EXPECT_FALSE(Msisdn(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace drover::push
