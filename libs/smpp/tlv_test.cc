#include "libs/smpp/tlv.h"

#include <vector>

#include <gtest/gtest.h>

#include "libs/base/bytes.h"

namespace drover::smpp {
namespace {

TEST(Tlv, WritesEachFormInItsWidth) {
  std::string out;
  TlvWriter writer(out);
  writer.Number(Tag::kMoreMessagesToSend, 1)
      .Number(Tag::kUserMessageReference, 0x1234)
      .Number(Tag::kQosTimeToLive, 600)
      .Text(Tag::kReceiptedMessageId, "0a1")
      .Flag(Tag::kAlertOnMessageDelivery)
      .Network({NetworkErrorCode::Network::kGsm, 27})
      .Octets(static_cast<Tag>(0x1403), "\x01\x02");
  EXPECT_TRUE(writer.ok());
  EXPECT_EQ(base::Hex(out),
            "0426000101"
            "020400021234"
            "0017000400000258"
            "001e000430613100"
            "130c0000"
            "0423000303001b"
            "140300020102");
}

TEST(Tlv, FindsByTagAndForm) {
  std::string out;
  TlvWriter(out)
      .Number(Tag::kMessageState, 2)
      .Text(Tag::kReceiptedMessageId, "0a1")
      .Octets(Tag::kCongestionState, "ab")
      .Octets(Tag::kAdditionalStatusInfoText, "no end");
  const Tlvs tlvs(out);
  EXPECT_EQ(tlvs.Number(Tag::kMessageState), 2u);
  EXPECT_EQ(tlvs.Number(Tag::kSarMsgRefNum), std::nullopt);
  EXPECT_EQ(tlvs.Number(Tag::kCongestionState), std::nullopt) << "two octets where one belongs";
  EXPECT_EQ(tlvs.Number(Tag::kReceiptedMessageId), std::nullopt) << "no number";
  EXPECT_EQ(tlvs.Text(Tag::kReceiptedMessageId), "0a1");
  EXPECT_EQ(tlvs.Text(Tag::kAdditionalStatusInfoText), "no end");
  EXPECT_FALSE(tlvs.Has(Tag::kMessagePayload));
}

TEST(Tlv, KeepsOrderAndWhatItDoesNotKnow) {
  std::string out;
  TlvWriter(out)
      .Octets(static_cast<Tag>(0x3FFF), "b")
      .Octets(static_cast<Tag>(0x1400), "a")
      .Octets(static_cast<Tag>(0x3FFF), "c");
  std::vector<std::string> seen;
  for (const Tlv& tlv : Tlvs(out)) seen.emplace_back(tlv.value);
  EXPECT_EQ(seen, (std::vector<std::string>{"b", "a", "c"}));
  EXPECT_EQ(Tlvs(out).Find(static_cast<Tag>(0x3FFF)), "b") << "the first";
}

TEST(Tlv, StopsBeforeOneThatIsCutShort) {
  const std::string octets = *base::FromHex("04260001010427000401");
  int count = 0;
  for ([[maybe_unused]] const Tlv& tlv : Tlvs(octets)) ++count;
  EXPECT_EQ(count, 1);
  EXPECT_FALSE(Tlvs(octets).well_formed());
  EXPECT_TRUE(Tlvs(std::string_view(octets).substr(0, 5)).well_formed());
  EXPECT_TRUE(Tlvs().well_formed());
}

TEST(Tlv, RefusesAValueThatHasNoLength) {
  std::string out;
  TlvWriter writer(out);
  writer.Octets(Tag::kMessagePayload, std::string(65536, 'x'));
  EXPECT_FALSE(writer.ok());
  EXPECT_EQ(out, "");
}

TEST(Tlv, HasNames) {
  EXPECT_EQ(Name(Tag::kMessagePayload), "message_payload");
  EXPECT_EQ(Name(Tag::kItsSessionInfo), "its_session_info");
  EXPECT_EQ(Name(Tag::kDestAddrSubunit), "dest_addr_subunit");
  EXPECT_EQ(Name(static_cast<Tag>(0x1400)), "vendor");
  EXPECT_EQ(Name(static_cast<Tag>(0x4000)), "unknown");
}

}  // namespace
}  // namespace drover::smpp
