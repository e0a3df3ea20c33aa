// Every PDU and every optional parameter that we write, as tshark reads it.
#include "tests/interop/wap/tshark.h"

#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "libs/smpp/codec.h"
#include "libs/smpp/testing/random_body.h"

namespace drover::smpp {
namespace {

std::string Hex(const char* format, uint32_t number) {
  std::array<char, 16> text;
  const int size = std::snprintf(text.data(), text.size(), format, number);
  return {text.data(), static_cast<size_t>(size)};
}

// Plain contents: what a message holds is judged in tests/interop/wap.
std::string Encoded(testing::RandomBody& random, size_t kind) {
  Body body = random.Make(kind);
  std::string octets;
  std::visit(
      [](auto& b) {
        if constexpr (requires { b.esm_class; }) b.esm_class = 0;
        if constexpr (requires { b.data_coding; }) b.data_coding = 0;
        if constexpr (requires { b.short_message; }) b.short_message = "hello";
        if constexpr (requires { b.schedule_delivery_time; }) {
          b.schedule_delivery_time = "261122180000000+";
          b.validity_period = "000000001000000R";
        }
        if constexpr (requires { b.final_date; }) b.final_date = "261122180000000+";
        b.tlvs = {};
      },
      body);
  const Fault fault = Encode(static_cast<uint32_t>(kind + 100), body, octets);
  EXPECT_FALSE(fault) << fault.field;
  return octets;
}

void ExpectSound(const std::string& read) {
  for (const char* fault : {"Malformed", "Expert Info (Error", "Expert Info (Warning"}) {
    EXPECT_EQ(read.find(fault), std::string::npos) << read;
  }
}

TEST(Tshark, ReadsEveryPdu) {
  testing::RandomBody random(2775);
  std::vector<std::string> pdus;
  for (size_t kind = 0; kind < std::variant_size_v<Body>; ++kind) {
    pdus.push_back(Encoded(random, kind));
  }
  const auto read = interop::ReadWithTshark(pdus);
  if (!read) GTEST_SKIP() << "tshark is not installed: scripts/setup test";
  ASSERT_EQ(read->size(), pdus.size());
  for (size_t kind = 0; kind < pdus.size(); ++kind) {
    const Header header = *ReadHeader(pdus[kind]);
    const std::string& text = (*read)[kind];
    ExpectSound(text);
    EXPECT_NE(text.find(Hex("(0x%08x)", static_cast<uint32_t>(header.id))), std::string::npos)
        << Name(header.id) << text;
    EXPECT_NE(text.find("Sequence #: " + std::to_string(header.sequence)), std::string::npos)
        << text;
  }
}

TEST(Tshark, ReadsEveryOptionalParameterThatWeUse) {
  constexpr Tag kNumbers[] = {Tag::kUserMessageReference,
                              Tag::kSourcePort,
                              Tag::kDestinationPort,
                              Tag::kSarMsgRefNum,
                              Tag::kSarTotalSegments,
                              Tag::kSarSegmentSeqnum,
                              Tag::kQosTimeToLive,
                              Tag::kPayloadType,
                              Tag::kScInterfaceVersion,
                              Tag::kDpfResult,
                              Tag::kSetDpf,
                              Tag::kMsAvailabilityStatus,
                              Tag::kDeliveryFailureReason,
                              Tag::kMoreMessagesToSend,
                              Tag::kMessageState,
                              Tag::kCongestionState,
                              Tag::kMsValidity};
  std::string tlvs;
  TlvWriter writer(tlvs);
  for (const Tag tag : kNumbers) writer.Number(tag, 1);
  writer.Text(Tag::kReceiptedMessageId, "0a1")
      .Text(Tag::kAdditionalStatusInfoText, "busy")
      .Network({NetworkErrorCode::Network::kGsm, 27})
      .Octets(Tag::kMessagePayload, "hello")
      .Octets(static_cast<Tag>(0x1403), "own");
  std::string pdu;
  ASSERT_FALSE(EncodeBody(1, DataSm{.destination = {1, 1, "86138"}, .tlvs = Tlvs(tlvs)}, pdu));
  const auto read = interop::ReadWithTshark({pdu});
  if (!read) GTEST_SKIP() << "tshark is not installed: scripts/setup test";
  ASSERT_EQ(read->size(), 1u);
  ExpectSound(read->front());
  for (const Tlv& tlv : Tlvs(tlvs)) {
    const std::string tag = Hex("(0x%04x)", static_cast<uint32_t>(tlv.tag));
    EXPECT_NE(read->front().find(tag), std::string::npos) << Name(tlv.tag) << read->front();
  }
}

}  // namespace
}  // namespace drover::smpp
