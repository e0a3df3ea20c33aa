#include "libs/smpp/codec.h"

#include <gtest/gtest.h>

#include "libs/base/bytes.h"
#include "libs/smpp/testing/random_body.h"
#include "libs/smpp/testing/vectors.h"

namespace drover::smpp {
namespace {

using testing::RandomBody;

// Decodes what is in hex, whose octets outlive the PDU.
struct Hexed {
  explicit Hexed(std::string_view hex) : octets(*base::FromHex(hex)), fault(Decode(octets, pdu)) {}
  std::string octets;
  Pdu pdu;
  Fault fault;
};

std::string Encoded(uint32_t sequence, const Body& body,
                    CommandStatus status = CommandStatus::kRok) {
  std::string out;
  const Fault fault = Encode(sequence, body, out, status);
  EXPECT_FALSE(fault) << fault.field;
  return out;
}

constexpr Address kShortCode{.ton = 0, .npi = 1, .digits = "10654040"};
constexpr Address kMobile{.ton = 1, .npi = 1, .digits = "8613800138000"};

std::string PushUd(std::string_view push_hex) {
  return *base::FromHex("0605040b8423f0" + std::string(push_hex));
}

TEST(Codec, WritesTheServiceIndicationOctetForOctet) {
  const std::string ud = PushUd(
      "25060603ae81eaaf8202056a0045c60c036578616d706c652e636f6d2f6100080103557064617465207265616479"
      "000101");
  const SubmitSm submit{.source = kShortCode,
                        .destination = kMobile,
                        .esm_class = esm::kUdhi,
                        .registered_delivery = registered::kFinal,
                        .data_coding = 0xF5,
                        .short_message = ud};
  EXPECT_EQ(base::Hex(Encoded(2, submit)), testing::kServiceIndication);
}

TEST(Codec, WritesTheNotificationOctetForOctet) {
  const std::string ud =
      PushUd("010603c4af871d012d641848663bf1df916db565a0dc02d8000000004208646d736572766572");
  const SubmitSm submit{.source = kShortCode,
                        .destination = kMobile,
                        .esm_class = esm::kUdhi,
                        .registered_delivery = registered::kFinal,
                        .data_coding = 0xF5,
                        .short_message = ud};
  EXPECT_EQ(base::Hex(Encoded(3, submit)), testing::kNotification);
}

TEST(Codec, ReadsTheNotification) {
  const Hexed hexed(testing::kNotification);
  ASSERT_FALSE(hexed.fault);
  EXPECT_EQ(hexed.pdu.header.length, 99u);
  EXPECT_EQ(hexed.pdu.header.sequence, 3u);
  const auto& submit = std::get<SubmitSm>(hexed.pdu.body);
  EXPECT_EQ(submit.source, kShortCode);
  EXPECT_EQ(submit.destination, kMobile);
  EXPECT_EQ(submit.esm_class, esm::kUdhi);
  EXPECT_EQ(submit.registered_delivery, registered::kFinal);
  EXPECT_EQ(submit.data_coding, 0xF5);
  EXPECT_EQ(submit.short_message.size(), 45u);
  EXPECT_TRUE(submit.tlvs.empty());
}

TEST(Codec, ReadsARegistrationAndWritesItAndItsConfirmationOctetForOctet) {
  const Hexed hexed(testing::kRegistration);
  ASSERT_FALSE(hexed.fault);
  const auto& deliver = std::get<DeliverSm>(hexed.pdu.body);
  EXPECT_EQ(deliver.source, kMobile);
  EXPECT_EQ(deliver.destination, kShortCode);
  EXPECT_EQ(deliver.data_coding, 4);
  EXPECT_EQ(deliver.short_message.substr(7), "IMEI:860206000003972/Hisense/TS7032/TI7.2.01.22.00");
  EXPECT_EQ(base::Hex(Encoded(1, deliver)), testing::kRegistration);

  const std::string ud = *base::FromHex("06050442664266") + "IMEI:860206000003972/1";
  const SubmitSm confirmation{.source = kShortCode,
                              .destination = kMobile,
                              .esm_class = esm::kUdhi,
                              .data_coding = 4,
                              .short_message = ud};
  EXPECT_EQ(base::Hex(Encoded(4, confirmation)), testing::kConfirmation);
}

TEST(Codec, WritesAndReadsATransactionAndWhatAnswersIt) {
  const Hexed failed(testing::kTransactionFailed);
  ASSERT_FALSE(failed.fault);
  EXPECT_EQ(failed.pdu.header.status, CommandStatus::kRdeliveryFailure);
  const auto& resp = std::get<DataSmResp>(failed.pdu.body);
  EXPECT_EQ(resp.tlvs.Number(Tag::kDeliveryFailureReason), 0u);
  EXPECT_EQ(resp.tlvs.network_error_code(),
            (NetworkErrorCode{NetworkErrorCode::Network::kGsm, 27}));
  EXPECT_EQ(resp.tlvs.Number(Tag::kDpfResult), 1u);

  const Hexed alert(testing::kAlert);
  ASSERT_FALSE(alert.fault);
  const auto& notification = std::get<AlertNotification>(alert.pdu.body);
  EXPECT_EQ(notification.source, kMobile);
  EXPECT_EQ(notification.esme, kShortCode);
  EXPECT_EQ(notification.tlvs.Number(Tag::kMsAvailabilityStatus), 0u);

  std::string tlvs;
  TlvWriter writer(tlvs);
  writer.Number(Tag::kSourcePort, 9200)
      .Number(Tag::kDestinationPort, 2948)
      .Number(Tag::kQosTimeToLive, 600)
      .Number(Tag::kSetDpf, 1)
      .Octets(Tag::kMessagePayload,
              *base::FromHex("010603c4af871d012d641848663bf1df916db565a0dc02d80000000042"
                             "08646d736572766572"));
  const DataSm data{.service_type = "WAP",
                    .source = kShortCode,
                    .destination = kMobile,
                    .esm_class = esm::kTransaction,
                    .data_coding = 0xF5,
                    .tlvs = Tlvs(tlvs)};
  EXPECT_EQ(base::Hex(Encoded(0x15, data)), testing::kTransaction);
}

TEST(Codec, ReadsBackWhatItWritesOfEveryKind) {
  RandomBody random(1);
  for (int round = 0; round < 200; ++round) {
    for (size_t kind = 0; kind < std::variant_size_v<Body>; ++kind) {
      const Body body = random.Make(kind);
      const uint32_t sequence = 1 + random.Below(kMaxSequence);
      const std::string octets = Encoded(sequence, body);
      Pdu pdu;
      const Fault fault = Decode(octets, pdu);
      ASSERT_FALSE(fault) << Name(pdu.header.id) << ": " << fault.field;
      EXPECT_EQ(pdu.body.index(), kind);
      EXPECT_EQ(pdu.header.sequence, sequence);
      EXPECT_EQ(Encoded(sequence, pdu.body), octets) << Name(pdu.header.id);
    }
  }
}

TEST(Codec, KnowsEveryCommandByItsName) {
  RandomBody random(2);
  for (size_t kind = 0; kind < std::variant_size_v<Body>; ++kind) {
    const auto header = ReadHeader(Encoded(1, random.Make(kind)));
    EXPECT_NE(Name(header->id), "unknown") << kind;
  }
  EXPECT_EQ(Name(CommandId::kSubmitSmResp), "submit_sm_resp");
  EXPECT_EQ(Name(static_cast<CommandId>(0x10203)), "unknown");
}

TEST(Codec, AppendsToWhatIsThere) {
  std::string out("before");
  ASSERT_FALSE(EncodeBody(7, EnquireLink{}, out));
  EXPECT_EQ(base::Hex(out.substr(6)), "00000010000000150000000000000007");
  EXPECT_TRUE(out.starts_with("before"));
}

TEST(Codec, WritesAResponseWithoutABody) {
  std::string out;
  EncodeBare(9, CommandId::kSubmitSmResp, CommandStatus::kRthrottled, out);
  EXPECT_EQ(base::Hex(out), "00000010800000040000005800000009");
  Pdu pdu;
  ASSERT_FALSE(Decode(out, pdu));
  EXPECT_EQ(std::get<SubmitSmResp>(pdu.body).message_id, "");
}

TEST(Codec, TakesARefusalWithABodyAndOneWithout) {
  const Hexed with(
      "0000001280000004000000580000000961"
      "00");
  ASSERT_FALSE(with.fault);
  EXPECT_EQ(std::get<SubmitSmResp>(with.pdu.body).message_id, "a");
  // An acceptance has to say which message it is of.
  const Hexed accepted("00000010800000040000000000000009");
  EXPECT_EQ(accepted.fault.kind, FaultKind::kCutShort);
  // Whereas the answer to deliver_sm holds nothing anyway.
  EXPECT_FALSE(Hexed("00000010800000050000000000000009").fault);
  EXPECT_FALSE(Hexed("00000010800000090000000000000001").fault);
}

TEST(Codec, WalksDestinationsAndThoseThatFailed) {
  std::string octets;
  AppendDestination({.address = kMobile}, octets);
  AppendDestination({.list_name = "friends"}, octets);
  const SubmitMulti multi{.source = kShortCode, .destinations = Destinations(2, octets)};
  const std::string encoded = Encoded(1, multi);
  Pdu pdu;
  ASSERT_FALSE(Decode(encoded, pdu));
  std::string_view rest = std::get<SubmitMulti>(pdu.body).destinations.octets();
  Destination destination;
  ASSERT_TRUE(Destinations::Next(rest, destination));
  EXPECT_EQ(destination.address, kMobile);
  EXPECT_EQ(destination.list_name, "");
  ASSERT_TRUE(Destinations::Next(rest, destination));
  EXPECT_EQ(destination.list_name, "friends");
  EXPECT_FALSE(Destinations::Next(rest, destination));

  std::string failed;
  AppendUnsuccessSme({kMobile, CommandStatus::kRinvDstAdr}, failed);
  const std::string answer =
      Encoded(1, SubmitMultiResp{.message_id = "m", .unsuccess = UnsuccessSmes(1, failed)});
  ASSERT_FALSE(Decode(answer, pdu));
  rest = std::get<SubmitMultiResp>(pdu.body).unsuccess.octets();
  UnsuccessSme sme;
  ASSERT_TRUE(UnsuccessSmes::Next(rest, sme));
  EXPECT_EQ(sme.address, kMobile);
  EXPECT_EQ(sme.error, CommandStatus::kRinvDstAdr);
}

}  // namespace
}  // namespace drover::smpp
