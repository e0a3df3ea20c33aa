#include "libs/smpp/status_class.h"

#include <gtest/gtest.h>

namespace drover::smpp {
namespace {

TEST(StatusClass, FollowsTheTable) {
  using enum CommandStatus;
  struct {
    uint32_t status;
    StatusClass expected;
    int attempts;
  } const cases[] = {
      {0x00, StatusClass::kOk, 0},
      {0x01, StatusClass::kPermanent, 0},
      {0x02, StatusClass::kConfiguration, 0},
      {0x04, StatusClass::kSession, 0},
      {0x05, StatusClass::kSession, 0},
      {0x08, StatusClass::kTemporary, 0},
      {0x0A, StatusClass::kConfiguration, 0},
      {0x0B, StatusClass::kPermanent, 0},
      {0x0C, StatusClass::kOperation, 0},
      {0x0D, StatusClass::kSession, 0},
      {0x0E, StatusClass::kConfiguration, 0},
      {0x11, StatusClass::kOperation, 0},
      {0x13, StatusClass::kOperation, 0},
      {0x14, StatusClass::kThrottle, 0},
      {0x43, StatusClass::kConfiguration, 0},
      {0x45, StatusClass::kTemporary, 3},
      {0x58, StatusClass::kThrottle, 0},
      {0x61, StatusClass::kConfiguration, 0},
      {0x64, StatusClass::kTemporary, 0},
      {0x65, StatusClass::kPermanent, 0},
      {0x67, StatusClass::kOperation, 0},
      {0xC0, StatusClass::kConfiguration, 0},
      {0xFE, StatusClass::kDelivery, 0},
      {0xFF, StatusClass::kTemporary, 3},
      {0x100, StatusClass::kPermanent, 0},
      {0x102, StatusClass::kTemporary, 0},
      {0x104, StatusClass::kConfiguration, 0},
      {0x106, StatusClass::kPermanent, 0},
      {0x400, StatusClass::kTemporary, 3},
      {0x4FF, StatusClass::kTemporary, 3},
      {0x12345, StatusClass::kTemporary, 3},
  };
  for (const auto& c : cases) {
    const Verdict verdict = DefaultVerdict(static_cast<CommandStatus>(c.status));
    EXPECT_EQ(verdict.status_class, c.expected) << std::hex << c.status;
    EXPECT_EQ(verdict.attempts, c.attempts) << std::hex << c.status;
  }
}

TEST(StatusClass, CanBeOverriddenForAnSmsc) {
  const auto table = StatusTable::Parse(" 0x0b=temporary/5, 69 = permanent ,1032=throttle,");
  ASSERT_TRUE(table) << table.error();
  EXPECT_EQ(table->Of(CommandStatus::kRinvDstAdr), (Verdict{StatusClass::kTemporary, 5}));
  EXPECT_EQ(table->Of(CommandStatus::kRsubmitFail), (Verdict{StatusClass::kPermanent, 0}));
  EXPECT_EQ(table->Of(static_cast<CommandStatus>(0x408)), (Verdict{StatusClass::kThrottle, 0}));
  EXPECT_EQ(table->Of(CommandStatus::kRsysErr), DefaultVerdict(CommandStatus::kRsysErr));
}

TEST(StatusClass, NamesTheOverrideThatIsWrong) {
  for (const char* text : {"0x0b", "=ok", "0xzz=ok", "11=often", "11=ok/", "11=ok/256", "x=ok"}) {
    const auto table = StatusTable::Parse(text);
    ASSERT_FALSE(table) << text;
    EXPECT_NE(table.error().message.find(text), std::string::npos);
  }
}

TEST(StatusClass, TellsWhyADeliveryFailed) {
  const auto gsm = [](uint16_t code) {
    return CauseOf(NetworkErrorCode{NetworkErrorCode::Network::kGsm, code});
  };
  EXPECT_EQ(gsm(27), DeliveryCause::kAbsent);
  EXPECT_EQ(gsm(6), DeliveryCause::kAbsent);
  EXPECT_EQ(gsm(31), DeliveryCause::kBusy);
  EXPECT_EQ(gsm(32), DeliveryCause::kSlow);
  EXPECT_EQ(gsm(1), DeliveryCause::kPermanent);
  EXPECT_EQ(gsm(999), DeliveryCause::kUnknown);
  EXPECT_EQ(CauseOf(NetworkErrorCode{NetworkErrorCode::Network::kSmpp, 27}),
            DeliveryCause::kUnknown);

  std::string octets;
  TlvWriter(octets).Number(Tag::kDeliveryFailureReason, 2);
  EXPECT_EQ(CauseOf(Tlvs(octets)), DeliveryCause::kPermanent);
  TlvWriter(octets).Network({NetworkErrorCode::Network::kGsm, 31});
  EXPECT_EQ(CauseOf(Tlvs(octets)), DeliveryCause::kBusy) << "the network's own word wins";
  EXPECT_EQ(CauseOf(Tlvs()), DeliveryCause::kUnknown);
}

}  // namespace
}  // namespace drover::smpp
