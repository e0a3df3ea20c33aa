#include "services/push/core/verdicts.h"

#include <gtest/gtest.h>

namespace drover::push {
namespace {

using dispatch::Arrival;
using dispatch::Refusal;
using smpp::CommandStatus;

TEST(Refusal, FollowsTheClassOfTheStatus) {
  const smpp::StatusTable statuses;
  const std::pair<CommandStatus, dispatch::Refusal> kTable[] = {
      {CommandStatus::kRthrottled, Refusal::kThrottle},
      {CommandStatus::kRmsgQful, Refusal::kQueueFull},
      {CommandStatus::kRsysErr, Refusal::kTemporary},
      {CommandStatus::kRinvDstAdr, Refusal::kNoSuchSubscriber},
      {CommandStatus::kRinvSrcAdr, Refusal::kConfiguration},
      {CommandStatus::kRsubmitFail, Refusal::kTemporaryThrice},
      {CommandStatus::kRinvBndSts, Refusal::kSession},
  };
  for (const auto& [status, refusal] : kTable) {
    EXPECT_EQ(push::Refusal(statuses, status, {}).refusal, refusal)
        << std::hex << static_cast<uint32_t>(status);
  }
}

TEST(Refusal, AsksTheNetworkWhyADeliveryFailed) {
  const smpp::StatusTable statuses;
  using Network = smpp::NetworkErrorCode::Network;
  const std::pair<uint16_t, dispatch::Refusal> kTable[] = {
      {1, Refusal::kNoSuchSubscriber}, {13, Refusal::kPermanent}, {6, Refusal::kAbsent},
      {27, Refusal::kAbsent},          {31, Refusal::kTemporary}, {32, Refusal::kTemporarySlow},
  };
  for (const auto& [code, refusal] : kTable) {
    std::string octets;
    smpp::TlvWriter(octets).Network({Network::kGsm, code});
    const auto by = push::Refusal(statuses, CommandStatus::kRdeliveryFailure, smpp::Tlvs(octets));
    EXPECT_EQ(by.refusal, refusal) << code;
    EXPECT_EQ(by.network, code);
  }
  std::string octets;
  smpp::TlvWriter(octets).Number(smpp::Tag::kDeliveryFailureReason, 0);
  EXPECT_EQ(push::Refusal(statuses, CommandStatus::kRdeliveryFailure, smpp::Tlvs(octets)).refusal,
            Refusal::kAbsent);
}

TEST(Report, TellsHowAMessageArrived) {
  const std::pair<const char*, Arrival> kTable[] = {
      {"id:1 stat:DELIVRD err:000", Arrival::kDelivered},
      {"id:1 stat:ACCEPTD err:000", Arrival::kUnderWay},
      {"id:1 stat:ENROUTE", Arrival::kUnderWay},
      {"id:1 stat:EXPIRED err:000", Arrival::kTemporary},
      {"id:1 stat:UNDELIV err:001", Arrival::kNoSuchSubscriber},
      {"id:1 stat:UNDELIV err:013", Arrival::kPermanent},
      {"id:1 stat:UNDELIV err:027", Arrival::kAbsent},
      {"id:1 stat:UNDELIV err:abc", Arrival::kTemporary},
      {"id:1 stat:REJECTD err:000", Arrival::kTerminalRefused},
      {"id:1", Arrival::kUnderWay},
  };
  for (const auto& [text, arrival] : kTable) {
    EXPECT_EQ(ReportOf(smpp::ParseReceipt(text)).arrival, arrival) << text;
  }
}

TEST(Report, TakesTheAnswerToAQuery) {
  smpp::QuerySmResp response;
  response.message_state = static_cast<uint8_t>(smpp::MessageState::kUndeliverable);
  response.error_code = 27;
  EXPECT_EQ(ReportOf(response).arrival, Arrival::kAbsent);
  EXPECT_EQ(ReportOf(response).network, 27);
  response.message_state = 77;
  EXPECT_EQ(ReportOf(response).arrival, Arrival::kUnderWay);
}

}  // namespace
}  // namespace drover::push
