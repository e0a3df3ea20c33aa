#include "services/push/core/verdicts.h"

#include <charconv>

namespace drover::push {
namespace {

using dispatch::Arrival;
using smpp::DeliveryCause;
using smpp::MessageState;

// MAP "unknown subscriber"; the other numbers of libs/smpp's CauseOf are of a subscriber that is
// there.
constexpr uint16_t kUnknownSubscriber = 1;
constexpr uint8_t kDestinationInvalid = 1;  // delivery_failure_reason

dispatch::Refusal OfDelivery(const smpp::Tlvs& tlvs, DeliveryCause cause) {
  const auto network = tlvs.network_error_code();
  const bool invalid = tlvs.Number(smpp::Tag::kDeliveryFailureReason) == kDestinationInvalid;
  switch (cause) {
    case DeliveryCause::kAbsent:
      return dispatch::Refusal::kAbsent;
    case DeliveryCause::kSlow:
      return dispatch::Refusal::kTemporarySlow;
    case DeliveryCause::kPermanent:
      return invalid || (network && network->code == kUnknownSubscriber)
                 ? dispatch::Refusal::kNoSuchSubscriber
                 : dispatch::Refusal::kPermanent;
    case DeliveryCause::kBusy:
    case DeliveryCause::kUnknown:
      return dispatch::Refusal::kTemporary;
  }
  return dispatch::Refusal::kTemporary;
}

dispatch::Refusal OfStatus(const smpp::Verdict& verdict, smpp::CommandStatus status,
                           const smpp::Tlvs& tlvs) {
  switch (verdict.status_class) {
    case smpp::StatusClass::kThrottle:
      return status == smpp::CommandStatus::kRmsgQful ? dispatch::Refusal::kQueueFull
                                                      : dispatch::Refusal::kThrottle;
    case smpp::StatusClass::kPermanent:
      if (status == smpp::CommandStatus::kRinvDstAdr) return dispatch::Refusal::kNoSuchSubscriber;
      if (status == smpp::CommandStatus::kRxRAppn) return dispatch::Refusal::kTerminalRefused;
      return dispatch::Refusal::kPermanent;
    case smpp::StatusClass::kConfiguration:
    case smpp::StatusClass::kOperation:  // To a submission: it was not understood.
      return dispatch::Refusal::kConfiguration;
    case smpp::StatusClass::kSession:
      return dispatch::Refusal::kSession;
    case smpp::StatusClass::kDelivery:
      return OfDelivery(tlvs, smpp::CauseOf(tlvs));
    case smpp::StatusClass::kOk:
    case smpp::StatusClass::kTemporary:
      break;
  }
  return verdict.attempts == 0 ? dispatch::Refusal::kTemporary
                               : dispatch::Refusal::kTemporaryThrice;
}

Arrival OfFailure(const std::optional<smpp::NetworkErrorCode>& error) {
  if (!error) return Arrival::kTemporary;
  switch (smpp::CauseOf(*error)) {
    case DeliveryCause::kAbsent:
      return Arrival::kAbsent;
    case DeliveryCause::kPermanent:
      return error->code == kUnknownSubscriber ? Arrival::kNoSuchSubscriber : Arrival::kPermanent;
    case DeliveryCause::kBusy:
    case DeliveryCause::kSlow:
    case DeliveryCause::kUnknown:
      break;
  }
  return Arrival::kTemporary;
}

Arrival ArrivalOf(MessageState state, const std::optional<smpp::NetworkErrorCode>& error) {
  switch (state) {
    case MessageState::kDelivered:
      return Arrival::kDelivered;
    case MessageState::kRejected:
      return Arrival::kTerminalRefused;
    case MessageState::kExpired:
    case MessageState::kDeleted:
    case MessageState::kUndeliverable:
    case MessageState::kSkipped:
      return OfFailure(error);
    case MessageState::kScheduled:
    case MessageState::kEnroute:
    case MessageState::kAccepted:
    case MessageState::kUnknown:
      break;
  }
  return Arrival::kUnderWay;
}

dispatch::Report Make(MessageState state, std::optional<smpp::NetworkErrorCode> error) {
  dispatch::Report report;
  report.arrival = ArrivalOf(state, error);
  report.message_state = static_cast<uint8_t>(state);
  if (error) report.network = error->code;
  return report;
}

}  // namespace

dispatch::RefusedBy Refusal(const smpp::StatusTable& statuses, smpp::CommandStatus status,
                            const smpp::Tlvs& tlvs) {
  dispatch::RefusedBy by;
  by.refusal = OfStatus(statuses.Of(status), status, tlvs);
  by.status = static_cast<uint32_t>(status);
  if (const auto network = tlvs.network_error_code()) by.network = network->code;
  return by;
}

dispatch::Report ReportOf(const smpp::Receipt& receipt) {
  if (receipt.intermediate || !receipt.state) return {};
  std::optional<smpp::NetworkErrorCode> error = receipt.network_error;
  uint16_t number = 0;
  const std::string_view err = receipt.err;
  const auto [end, failed] = std::from_chars(err.data(), err.data() + err.size(), number);
  if (!error && failed == std::errc() && end == err.data() + err.size() && number != 0) {
    error = smpp::NetworkErrorCode{smpp::NetworkErrorCode::Network::kGsm, number};
  }
  return Make(*receipt.state, error);
}

dispatch::Report ReportOf(const smpp::QuerySmResp& response) {
  std::optional<smpp::NetworkErrorCode> error;
  if (response.error_code != 0) {
    error = smpp::NetworkErrorCode{smpp::NetworkErrorCode::Network::kGsm, response.error_code};
  }
  if (response.message_state > static_cast<uint8_t>(MessageState::kSkipped)) return {};
  return Make(static_cast<MessageState>(response.message_state), error);
}

}  // namespace drover::push
