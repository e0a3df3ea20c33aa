#include <gtest/gtest.h>

#include "libs/base/bytes.h"
#include "libs/smpp/codec.h"
#include "libs/smpp/testing/random_body.h"
#include "libs/smpp/testing/vectors.h"

namespace drover::smpp {
namespace {

using testing::RandomBody;

// A PDU of these octets with a header of the right length.
std::string Whole(CommandId id, std::string_view body, CommandStatus status = CommandStatus::kRok) {
  std::string out;
  EncodeBare(1, id, status, out);
  out.append(body);
  const auto size = static_cast<uint32_t>(out.size());
  for (int i = 0; i < 4; ++i) out[static_cast<size_t>(i)] = static_cast<char>(size >> (24 - 8 * i));
  return out;
}

Fault FaultOf(std::string_view octets, size_t max_pdu = kDefaultMaxPdu) {
  Pdu pdu;
  return Decode(octets, pdu, max_pdu);
}

using std::string_literals::operator""s;

// submit_sm up to and without sm_length.
const std::string kBeforeMessage = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"s;

struct Case {
  const char* what;
  CommandId id;
  std::string body;
  FaultKind kind;
  CommandStatus status;
};

TEST(Faults, SaysWhatIsWrongAndWhatToAnswer) {
  using enum CommandStatus;
  const Case cases[] = {
      {"an unknown command", static_cast<CommandId>(0x77), "", FaultKind::kCommandId, kRinvCmdId},
      {"no body", CommandId::kSubmitSm, "", FaultKind::kCutShort, kRinvCmdLen},
      {"a text without its end", CommandId::kBindReceiver, "abc", FaultKind::kUnterminated,
       kRinvSysId},
      {"a system_id of 16", CommandId::kBindReceiver, std::string(16, 'a') + "\0"s,
       FaultKind::kTooLong, kRinvSysId},
      {"a password of 9", CommandId::kBindReceiver, "a\0"s + std::string(9, 'p') + "\0"s,
       FaultKind::kTooLong, kRinvPaswd},
      {"a service_type of 6", CommandId::kSubmitSm, "abcdef\0"s, FaultKind::kTooLong, kRinvSerTyp},
      {"a source of 21", CommandId::kSubmitSm, "\0\1\1"s + std::string(21, '1') + "\0"s,
       FaultKind::kTooLong, kRinvSrcAdr},
      {"a destination of 21", CommandId::kSubmitSm, "\0\1\1\0\1\1"s + std::string(21, '1') + "\0"s,
       FaultKind::kTooLong, kRinvDstAdr},
      {"a source of 65", CommandId::kDataSm, "\0\1\1"s + std::string(65, '1') + "\0"s,
       FaultKind::kTooLong, kRinvSrcAdr},
      {"a message_id of 65", CommandId::kQuerySm, std::string(65, '1') + "\0"s, FaultKind::kTooLong,
       kRinvMsgId},
      {"a validity of 17", CommandId::kSubmitSm,
       kBeforeMessage.substr(0, 11) + std::string(17, '1') + "\0"s, FaultKind::kTooLong,
       kRinvExpiry},
      {"sm_length beyond the PDU", CommandId::kSubmitSm, kBeforeMessage + "\5abcd"s,
       FaultKind::kMessageLength, kRinvMsgLen},
      {"sm_length of 255", CommandId::kSubmitSm, kBeforeMessage + "\xff"s + std::string(255, 'x'),
       FaultKind::kMessageLength, kRinvMsgLen},
      {"a TLV's head cut short", CommandId::kSubmitSm, kBeforeMessage + "\0\4\x24"s,
       FaultKind::kTlv, kRinvTlvStream},
      {"a TLV past the end", CommandId::kSubmitSm, kBeforeMessage + "\0\4\x24\0\2a"s,
       FaultKind::kTlv, kRinvTlvStream},
      {"octets behind enquire_link", CommandId::kEnquireLink, "x", FaultKind::kTlv, kRinvTlvStream},
      {"no destinations", CommandId::kSubmitMulti, "\0\0\0\0\0"s, FaultKind::kCount, kRinvNumDests},
      {"a destination of a third kind", CommandId::kSubmitMulti, "\0\0\0\0\1\3"s,
       FaultKind::kDestFlag, kRinvDestFlag},
      {"fewer destinations than said", CommandId::kSubmitMulti, "\0\0\0\0\2\1\0\0\0"s,
       FaultKind::kCutShort, kRinvCmdLen},
  };
  for (const Case& c : cases) {
    const Fault fault = FaultOf(Whole(c.id, c.body));
    EXPECT_EQ(fault.kind, c.kind) << c.what << ": " << Name(fault.kind);
    EXPECT_EQ(fault.status, c.status) << c.what << ": " << Name(fault.status);
  }
}

TEST(Faults, WantsTheLengthToBeThatOfThePdu) {
  const std::string good = Whole(CommandId::kEnquireLink, "");
  EXPECT_FALSE(FaultOf(good));
  EXPECT_EQ(FaultOf(good.substr(0, 15)).kind, FaultKind::kCommandLength);
  EXPECT_EQ(FaultOf(good + "x").kind, FaultKind::kCommandLength);
  EXPECT_EQ(FaultOf(good, 15).kind, FaultKind::kCommandLength);
  EXPECT_FALSE(FaultOf(good, 16));
  EXPECT_EQ(FaultOf("").kind, FaultKind::kCommandLength);
}

TEST(Faults, FillsInTheHeaderOfWhatItCannotRead) {
  Pdu pdu;
  EXPECT_TRUE(Decode(Whole(CommandId::kSubmitSm, "x"), pdu));
  EXPECT_EQ(pdu.header.id, CommandId::kSubmitSm);
  EXPECT_EQ(pdu.header.sequence, 1u);
}

// Every PDU cut anywhere is either refused or another whole one (TLVs left out, a body that may
// lack), and then it is read back as it was.
TEST(Faults, TakesNothingThatIsCutShort) {
  RandomBody random(3);
  for (size_t kind = 0; kind < std::variant_size_v<Body>; ++kind) {
    std::string octets;
    ASSERT_FALSE(Encode(1, random.Make(kind), octets));
    const auto id = ReadHeader(octets)->id;
    for (size_t size = kHeaderOctets; size < octets.size(); ++size) {
      const std::string cut = Whole(id, octets.substr(kHeaderOctets, size - kHeaderOctets));
      Pdu pdu;
      if (Decode(cut, pdu)) continue;
      std::string again;
      ASSERT_FALSE(Encode(1, pdu.body, again)) << Name(id);
      EXPECT_TRUE(again == cut || size == kHeaderOctets) << Name(id);
    }
  }
}

TEST(Faults, WritesNothingBeyondAFieldsLimits) {
  std::string out("kept");
  const std::string long_text(255, 'x');
  const std::string nul(
      "1\0"
      "2",
      3);
  EXPECT_EQ(EncodeBody(1, SubmitSm{.service_type = "abcdef"}, out).kind, FaultKind::kTooLong);
  EXPECT_EQ(EncodeBody(1, SubmitSm{.source = {1, 1, nul}}, out).kind, FaultKind::kNulInside);
  EXPECT_EQ(EncodeBody(1, SubmitSm{.short_message = long_text}, out).kind,
            FaultKind::kMessageLength);
  EXPECT_EQ(EncodeBody(1, SubmitSm{.tlvs = Tlvs("abc")}, out).kind, FaultKind::kTlv);
  EXPECT_EQ(EncodeBody(1, SubmitMulti{}, out).kind, FaultKind::kCount);
  EXPECT_EQ(EncodeBody(1, SubmitMulti{.destinations = Destinations(2, "\2a\0"s)}, out).kind,
            FaultKind::kCount);
  EXPECT_EQ(EncodeBody(1, SubmitMultiResp{.unsuccess = UnsuccessSmes(1, "")}, out).kind,
            FaultKind::kCount);
  EXPECT_EQ(out, "kept");
}

TEST(Faults, HasANameForEveryStatus) {
  EXPECT_EQ(Name(CommandStatus::kRthrottled), "ESME_RTHROTTLED");
  EXPECT_EQ(Name(CommandStatus::kRdeliveryFailure), "ESME_RDELIVERYFAILURE");
  EXPECT_EQ(Name(static_cast<CommandStatus>(0x410)), "vendor");
  EXPECT_EQ(Name(static_cast<CommandStatus>(0x09)), "reserved");
}

}  // namespace
}  // namespace drover::smpp
