#include "libs/smpp/receipt.h"

#include <gtest/gtest.h>

#include "libs/smpp/codec.h"
#include "libs/smpp/message_id.h"

namespace drover::smpp {
namespace {

using namespace std::chrono_literals;

constexpr auto kSubmitted = std::chrono::local_days(std::chrono::year(2025) / 11 / 22) + 1h + 30min;
constexpr std::string_view kUsual =
    "id:0a1 sub:001 dlvrd:001 submit date:2511220130 done date:2511220131 stat:DELIVRD err:000 "
    "text:";

TEST(Receipt, ReadsTheUsualText) {
  const Receipt receipt = ParseReceipt(kUsual);
  EXPECT_EQ(receipt.id, "0a1");
  EXPECT_EQ(receipt.sub, 1u);
  EXPECT_EQ(receipt.dlvrd, 1u);
  EXPECT_EQ(receipt.submit_date, kSubmitted);
  EXPECT_EQ(receipt.done_date, kSubmitted + 1min);
  EXPECT_EQ(receipt.state, MessageState::kDelivered);
  EXPECT_EQ(receipt.stat, "DELIVRD");
  EXPECT_EQ(receipt.err, "000");
  EXPECT_EQ(receipt.text, "");
}

TEST(Receipt, ReadsAnyOrderAndCaseAndSpelling) {
  const Receipt receipt = ParseReceipt(
      "STAT:undeliv  Done Date:251122013107 foo:bar ID:1234567890 submit_date:20251122013000 "
      "Err:027 Text:id:7 stat:EXPIRED");
  EXPECT_EQ(receipt.id, "1234567890");
  EXPECT_EQ(receipt.state, MessageState::kUndeliverable);
  EXPECT_EQ(receipt.submit_date, kSubmitted);
  EXPECT_EQ(receipt.done_date, kSubmitted + 67s);
  EXPECT_EQ(receipt.err, "027");
  EXPECT_EQ(receipt.text, "id:7 stat:EXPIRED") << "the message's own words";
}

TEST(Receipt, DoesWithWhatIsThere) {
  EXPECT_EQ(ParseReceipt("").id, "");
  EXPECT_EQ(ParseReceipt("hello").state, std::nullopt);
  const Receipt some = ParseReceipt("id: 77 err: stat:WHATEVER submit date:2513400130");
  EXPECT_EQ(some.id, "77") << "a space after the colon";
  EXPECT_EQ(some.err, "") << "no value";
  EXPECT_EQ(some.stat, "WHATEVER");
  EXPECT_EQ(some.state, std::nullopt);
  EXPECT_EQ(some.submit_date, std::nullopt) << "no such month";
  EXPECT_EQ(ParseReceipt("text:hi id:5 stat:EXPIRED").id, "5") << "keys after the text";
  EXPECT_EQ(ParseReceipt("grid:5").id, "") << "a key is a word";
  EXPECT_EQ(ParseReceipt("id:5, stat:EXPIRED").id, "5");
}

TEST(Receipt, LetsTlvsWin) {
  std::string octets;
  TlvWriter(octets)
      .Text(Tag::kReceiptedMessageId, "FF")
      .Number(Tag::kMessageState, 5)
      .Network({NetworkErrorCode::Network::kGsm, 27});
  const Receipt receipt = ParseReceipt(kUsual, Tlvs(octets));
  EXPECT_EQ(receipt.id, "FF");
  EXPECT_EQ(receipt.state, MessageState::kUndeliverable);
  EXPECT_EQ(receipt.network_error, (NetworkErrorCode{NetworkErrorCode::Network::kGsm, 27}));
  EXPECT_EQ(receipt.stat, "DELIVRD");

  octets.clear();
  TlvWriter(octets).Number(Tag::kMessageState, 77);
  EXPECT_EQ(ParseReceipt(kUsual, Tlvs(octets)).state, MessageState::kDelivered) << "no such state";
}

TEST(Receipt, IsReadFromAMessageAndFromItsPayload) {
  const Receipt direct =
      ReadReceipt(DeliverSm{.esm_class = esm::kReceipt | esm::kUdhi, .short_message = kUsual});
  EXPECT_EQ(direct.id, "0a1");
  EXPECT_FALSE(direct.intermediate);
  std::string octets;
  TlvWriter(octets).Octets(Tag::kMessagePayload, "id:9 stat:ENROUTE");
  const Receipt payload =
      ReadReceipt(DeliverSm{.esm_class = esm::kIntermediate, .tlvs = Tlvs(octets)});
  EXPECT_EQ(payload.id, "9");
  EXPECT_TRUE(payload.intermediate);
  EXPECT_EQ(ReadReceipt(DataSm{.tlvs = Tlvs(octets)}).state, MessageState::kEnroute);
}

TEST(Receipt, IsReadBesideTlvsOfTheVendor) {
  std::string octets;
  TlvWriter(octets)
      .Octets(static_cast<Tag>(0x1400), std::string(300, 'v'))
      .Number(Tag::kMessageState, 2)
      .Text(static_cast<Tag>(0x3FFF), "theirs")
      .Text(Tag::kReceiptedMessageId, "0a1")
      .Octets(static_cast<Tag>(0xFFFE), "");
  std::string pdu;
  ASSERT_FALSE(Encode(7, DeliverSm{.esm_class = esm::kReceipt, .tlvs = Tlvs(octets)}, pdu));
  Pdu read;
  ASSERT_FALSE(Decode(pdu, read));
  const Receipt receipt = ReadReceipt(std::get<DeliverSm>(read.body));
  EXPECT_EQ(receipt.id, "0a1");
  EXPECT_EQ(receipt.state, MessageState::kDelivered);
}

TEST(Receipt, IsToldByItsEsmClass) {
  EXPECT_TRUE(IsReceipt(0x04));
  EXPECT_TRUE(IsReceipt(0x44));
  EXPECT_TRUE(IsReceipt(0x20));
  EXPECT_FALSE(IsReceipt(0x00));
  EXPECT_FALSE(IsReceipt(0x08)) << "the terminal's own acknowledgement";
  EXPECT_FALSE(IsReceipt(0x40));
}

TEST(Receipt, IsWrittenAsItIsRead) {
  const Receipt receipt{.id = "0a1",
                        .state = MessageState::kDelivered,
                        .submit_date = kSubmitted,
                        .done_date = kSubmitted + 1min};
  EXPECT_EQ(ReceiptText(receipt), kUsual);
  for (int state = 0; state <= 9; ++state) {
    const Receipt written{.id = "x", .state = static_cast<MessageState>(state)};
    EXPECT_EQ(ParseReceipt(ReceiptText(written)).state, written.state);
    std::string octets;
    TlvWriter tlvs(octets);
    AppendReceiptTlvs(written, tlvs);
    EXPECT_EQ(ParseReceipt("", Tlvs(octets)).state, written.state);
    EXPECT_EQ(ParseReceipt("", Tlvs(octets)).id, "x");
  }
}

TEST(MessageState, KnowsItsWordsAndWhichAreFinal) {
  EXPECT_EQ(ParseStat("delivered"), MessageState::kDelivered);
  EXPECT_EQ(ParseStat("ACCEPTD"), MessageState::kAccepted);
  EXPECT_EQ(ParseStat("DELIVR"), std::nullopt);
  int final_states = 0;
  for (int state = 0; state <= 9; ++state) {
    final_states += IsFinal(static_cast<MessageState>(state)) ? 1 : 0;
  }
  EXPECT_EQ(final_states, 6);
  EXPECT_FALSE(IsFinal(MessageState::kAccepted));
  EXPECT_TRUE(IsFinal(MessageState::kAccepted, true));
}

TEST(MessageId, IsTheSameFromResponseAndReceipt) {
  struct {
    IdMap map;
    const char* response;
    const char* receipt;
    bool same;
  } const cases[] = {
      {IdMap::kExact, "0a1", "0a1", true},
      {IdMap::kExact, "0a1", "0A1", false},
      {IdMap::kHexRespDecDlr, "0a1", "0000000161", true},
      {IdMap::kHexRespDecDlr, "FFFFFFFFFFFFFFFF", "18446744073709551615", true},
      {IdMap::kHexRespDecDlr, "161", "161", false},
      {IdMap::kHexRespDecDlr, "12-AB", "12-ab", true},
      {IdMap::kDecRespHexDlr, "161", "000000A1", true},
      {IdMap::kStripZeros, "0000123", "123", true},
      {IdMap::kStripZeros, "000", "0", true},
      {IdMap::kStripZeros, "0A", "a", false},
      {IdMap::kCasefold, "6BA7B810-9DAD-11D1", "6ba7b8109dad11d1", true},
      {IdMap::kCasefold, "01", "1", false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(IdKey(c.map, IdSource::kResponse, c.response) ==
                  IdKey(c.map, IdSource::kReceipt, c.receipt),
              c.same)
        << Name(c.map) << " " << c.response << " " << c.receipt;
  }
}

TEST(MessageId, KnowsItsMapsByName) {
  for (const char* name :
       {"exact", "hex_resp_dec_dlr", "dec_resp_hex_dlr", "strip_zeros", "casefold"}) {
    ASSERT_TRUE(ParseIdMap(name));
    EXPECT_EQ(Name(*ParseIdMap(name)), name);
  }
  EXPECT_FALSE(ParseIdMap("hex"));
}

}  // namespace
}  // namespace drover::smpp
