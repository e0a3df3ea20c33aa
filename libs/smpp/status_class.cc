#include "libs/smpp/status_class.h"

#include <array>
#include <charconv>

namespace drover::smpp {
namespace {

constexpr std::array<std::string_view, 8> kClassNames = {"ok",        "throttle",      "temporary",
                                                         "permanent", "configuration", "session",
                                                         "operation", "delivery"};
constexpr uint8_t kFewAttempts = 3;

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\n\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\n\r") - begin + 1);
}

std::optional<uint32_t> ParseNumber(std::string_view text) {
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  if (hex) text.remove_prefix(2);
  uint32_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, hex ? 16 : 10);
  if (error != std::errc() || stop != end || text.empty()) return std::nullopt;
  return value;
}

// "temporary" or "temporary/3"
std::optional<Verdict> ParseVerdict(std::string_view text) {
  const size_t slash = text.find('/');
  const std::optional<StatusClass> status_class = ParseStatusClass(Trim(text.substr(0, slash)));
  if (!status_class) return std::nullopt;
  if (slash == std::string_view::npos) return Verdict{*status_class, 0};
  const std::optional<uint32_t> attempts = ParseNumber(Trim(text.substr(slash + 1)));
  if (!attempts || *attempts > UINT8_MAX) return std::nullopt;
  return Verdict{*status_class, static_cast<uint8_t>(*attempts)};
}

Result<void> ParseOverride(std::string_view entry, StatusTable& table) {
  const size_t equals = entry.find('=');
  const std::optional<uint32_t> status = ParseNumber(Trim(entry.substr(0, equals)));
  std::optional<Verdict> verdict;
  if (equals != std::string_view::npos) verdict = ParseVerdict(entry.substr(equals + 1));
  if (!status || !verdict) {
    return InvalidArgument("'" + std::string(entry) +
                           "' is no override of a status; write 0x45=temporary/3, the class one of "
                           "ok, throttle, temporary, permanent, configuration, session, operation, "
                           "delivery");
  }
  table.Override(static_cast<CommandStatus>(*status), *verdict);
  return {};
}

}  // namespace

std::string_view Name(StatusClass status_class) {
  return kClassNames.at(static_cast<size_t>(status_class));
}

std::optional<StatusClass> ParseStatusClass(std::string_view name) {
  for (size_t i = 0; i < kClassNames.size(); ++i) {
    if (kClassNames.at(i) == name) return static_cast<StatusClass>(i);
  }
  return std::nullopt;
}

Verdict DefaultVerdict(CommandStatus status) {
  using enum CommandStatus;
  switch (status) {
    case kRok:
      return {StatusClass::kOk};
    case kRthrottled:
    case kRmsgQful:
      return {StatusClass::kThrottle};
    case kRsysErr:
    case kRxTAppn:
    case kRserTypUnavail:
      return {StatusClass::kTemporary};
    case kRsubmitFail:
    case kRunknownErr:
      return {StatusClass::kTemporary, kFewAttempts};
    case kRinvMsgLen:
    case kRinvDstAdr:
    case kRxPAppn:
    case kRxRAppn:
    case kRserTypUnauth:
    case kRprohibited:
    case kRserTypDenied:
    case kRinvSrcAddrSubunit:
    case kRinvDstAddrSubunit:
      return {StatusClass::kPermanent};
    case kRinvBndSts:
    case kRalyBnd:
    case kRbindFail:
      return {StatusClass::kSession};
    case kRinvMsgId:
    case kRcancelFail:
    case kRreplaceFail:
    case kRqueryFail:
      return {StatusClass::kOperation};
    case kRdeliveryFailure:
      return {StatusClass::kDelivery};
    default:
      break;
  }
  const bool named = Name(status).starts_with("ESME_");
  if (named) return {StatusClass::kConfiguration};
  return {StatusClass::kTemporary, kFewAttempts};
}

Result<StatusTable> StatusTable::Parse(std::string_view overrides) {
  StatusTable table;
  while (!overrides.empty()) {
    const size_t comma = overrides.find(',');
    const std::string_view entry = Trim(overrides.substr(0, comma));
    overrides = comma == std::string_view::npos ? "" : overrides.substr(comma + 1);
    if (!entry.empty()) DROVER_TRY(ParseOverride(entry, table));
  }
  return table;
}

Verdict StatusTable::Of(CommandStatus status) const {
  const auto found = overrides_.find(status);
  return found != overrides_.end() ? found->second : DefaultVerdict(status);
}

std::string_view Name(DeliveryCause cause) {
  constexpr std::array<std::string_view, 5> kNames = {"unknown", "absent", "busy", "slow",
                                                      "permanent"};
  return kNames.at(static_cast<size_t>(cause));
}

DeliveryCause CauseOf(const NetworkErrorCode& error) {
  if (error.network != NetworkErrorCode::Network::kGsm) return DeliveryCause::kUnknown;
  switch (error.code) {  // 3GPP TS 29.002, section 17.6.6, as SMSCs use to number them.
    case 1:              // Unknown subscriber.
    case 5:              // Unidentified subscriber.
    case 9:              // Illegal subscriber.
    case 11:             // Teleservice not provisioned.
    case 12:             // Illegal equipment.
    case 13:             // Call barred.
    case 21:             // Facility not supported.
      return DeliveryCause::kPermanent;
    case 6:   // Absent subscriber, SM.
    case 27:  // Absent subscriber.
      return DeliveryCause::kAbsent;
    case 31:  // Subscriber busy for MT SMS.
      return DeliveryCause::kBusy;
    case 32:  // SM delivery failure: memory full and the like.
    case 33:  // Message waiting list full.
    case 34:  // System failure.
      return DeliveryCause::kSlow;
    default:
      return DeliveryCause::kUnknown;
  }
}

DeliveryCause CauseOf(const Tlvs& tlvs) {
  if (const auto error = tlvs.network_error_code()) {
    const DeliveryCause cause = CauseOf(*error);
    if (cause != DeliveryCause::kUnknown) return cause;
  }
  switch (tlvs.Number(Tag::kDeliveryFailureReason).value_or(UINT32_MAX)) {
    case 0:
      return DeliveryCause::kAbsent;
    case 1:
    case 2:
      return DeliveryCause::kPermanent;
    default:
      return DeliveryCause::kUnknown;
  }
}

}  // namespace drover::smpp
