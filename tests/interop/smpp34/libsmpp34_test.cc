// What we write libsmpp34 reads, and writes back octet for octet; what it writes we read.
#include "libs/smpp/testing/libsmpp34.h"

#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "libs/base/bytes.h"
#include "libs/smpp/codec.h"
#include "libs/smpp/testing/random_body.h"
#include "libs/smpp/testing/vectors.h"

namespace drover::smpp {
namespace {

using testing::RandomBody;
using testing::RepackByLibsmpp34;

// The TLVs that libsmpp34 knows of a command and writes as the specification says.
std::span<const Tag> TagsOf(CommandId id) {
  static constexpr Tag kSubmit[] = {Tag::kUserMessageReference,
                                    Tag::kSourcePort,
                                    Tag::kSourceAddrSubunit,
                                    Tag::kDestinationPort,
                                    Tag::kDestAddrSubunit,
                                    Tag::kSarMsgRefNum,
                                    Tag::kSarTotalSegments,
                                    Tag::kSarSegmentSeqnum,
                                    Tag::kMoreMessagesToSend,
                                    Tag::kPayloadType,
                                    Tag::kMessagePayload,
                                    Tag::kPrivacyIndicator,
                                    Tag::kSmsSignal,
                                    Tag::kMsValidity,
                                    Tag::kLanguageIndicator,
                                    static_cast<Tag>(0x1400),
                                    static_cast<Tag>(0x3FFF)};
  static constexpr Tag kDeliver[] = {Tag::kUserMessageReference, Tag::kSourcePort,
                                     Tag::kMessageState,         Tag::kReceiptedMessageId,
                                     Tag::kNetworkErrorCode,     Tag::kMessagePayload};
  static constexpr Tag kData[] = {Tag::kSourcePort, Tag::kDestinationPort, Tag::kQosTimeToLive,
                                  Tag::kSetDpf,     Tag::kMessagePayload,  Tag::kDestTelematicsId};
  static constexpr Tag kBindResp[] = {Tag::kScInterfaceVersion};
  static constexpr Tag kAlert[] = {Tag::kMsAvailabilityStatus};
  switch (id) {
    case CommandId::kSubmitSm:
    case CommandId::kSubmitMulti:
      return kSubmit;
    case CommandId::kDeliverSm:
      return kDeliver;
    case CommandId::kDataSm:
      return kData;
    case CommandId::kBindReceiverResp:
    case CommandId::kBindTransmitterResp:
    case CommandId::kBindTransceiverResp:
      return kBindResp;
    case CommandId::kAlertNotification:
      return kAlert;
    default:
      return {};
  }
}

std::string MakeTlvs(RandomBody& random, CommandId id) {
  std::string octets;
  TlvWriter writer(octets);
  for (const Tag tag : TagsOf(id)) {
    if (random.Below(4) != 0) continue;
    if (tag == Tag::kNetworkErrorCode) {
      writer.Network({NetworkErrorCode::Network::kGsm, static_cast<uint16_t>(random.Below(256))});
    } else if (FormOf(tag) == TlvForm::kText) {
      writer.Text(tag, random.Text(60));
    } else if (FormOf(tag) == TlvForm::kOctets) {
      writer.Octets(tag, "x" + std::string(random.Octets(60)));
    } else {
      writer.Number(tag, random.Below(256));
    }
  }
  return octets;
}

// Within what libsmpp34 allows, which is less than the specification here and there.
template <typename T>
void Restrict(RandomBody& random, T& body) {
  if constexpr (requires { body.addr_ton; }) body.addr_ton = static_cast<uint8_t>(random.Below(7));
  if constexpr (requires { body.addr_npi; }) body.addr_npi = random.Addr(0).npi;
  if constexpr (requires { body.interface_version; }) body.interface_version = kVersion34;
  if constexpr (std::is_same_v<T, DataSm>) body.source = {1, 1, random.Text(20)};
  if constexpr (std::is_same_v<T, DeliverSm>) {
    body.schedule_delivery_time = {};
    body.validity_period = {};
  }
  if constexpr (std::is_same_v<T, DeliverSmResp>) body.message_id = {};
  if constexpr (requires { body.short_message; }) {
    body.short_message = body.short_message.substr(0, 200);
  }
}

// It writes what it sees into a text of 2,048 octets, and beyond.
constexpr size_t kLongest = 400;

bool InVersion34(CommandId id) {
  return (static_cast<uint32_t>(id) & 0x7FFFFFFF) < static_cast<uint32_t>(CommandId::kBroadcastSm);
}

TEST(Libsmpp34, ReadsWhatWeWriteAndWritesItBackOctetForOctet) {
  RandomBody random(34);
  int compared = 0;
  for (int round = 0; round < 100; ++round) {
    for (size_t kind = 0; kind < std::variant_size_v<Body>; ++kind) {
      Body body = random.Make(kind);
      std::string tlvs;
      std::visit(
          [&](auto& b) {
            Restrict(random, b);
            tlvs = MakeTlvs(random, b.id());
            b.tlvs = Tlvs(tlvs);
          },
          body);
      std::string octets;
      ASSERT_FALSE(Encode(1 + random.Below(1000), body, octets));
      const CommandId id = ReadHeader(octets)->id;
      if (!InVersion34(id) || octets.size() > kLongest) continue;
      const testing::Repacked reversed = RepackByLibsmpp34(octets);
      ASSERT_TRUE(reversed.ok) << Name(id) << " " << reversed.error << base::Hex(octets);
      // Reading it turns the order of the TLVs round.
      const testing::Repacked repacked = RepackByLibsmpp34(reversed.octets);
      ASSERT_EQ(base::Hex(repacked.octets), base::Hex(octets)) << Name(id);
      ++compared;
    }
  }
  EXPECT_GT(compared, 2000);
}

TEST(Libsmpp34, WritesTheVectorsAsWeDo) {
  for (const std::string_view hex :
       {testing::kServiceIndication, testing::kNotification, testing::kConfirmation}) {
    const std::string octets = *base::FromHex(hex);
    Pdu pdu;
    ASSERT_FALSE(Decode(octets, pdu));
    testing::Libsmpp34SubmitSm theirs;
    theirs.Fill(pdu.header.sequence, std::get<SubmitSm>(pdu.body));
    EXPECT_EQ(base::Hex(theirs.Pack()), hex);
    EXPECT_TRUE(theirs.Unpack(octets));
  }
}

TEST(Libsmpp34, WritesRandomSubmissionsThatWeRead) {
  RandomBody random(35);
  const size_t kind = Body(SubmitSm{}).index();
  for (int round = 0; round < 500; ++round) {
    Body body = random.Make(kind);
    auto& submit = std::get<SubmitSm>(body);
    Restrict(random, submit);
    submit.tlvs = {};
    testing::Libsmpp34SubmitSm theirs;
    theirs.Fill(7, submit);
    const std::string octets(theirs.Pack());
    ASSERT_NE(octets, "") << theirs.error();
    Pdu pdu;
    const Fault fault = Decode(octets, pdu);
    ASSERT_FALSE(fault) << Name(fault.kind) << " " << fault.field << " " << base::Hex(octets);
    std::string ours;
    ASSERT_FALSE(EncodeBody(7, submit, ours));
    ASSERT_EQ(base::Hex(octets), base::Hex(ours));
  }
}

}  // namespace
}  // namespace drover::smpp
