#include "libs/pap/status.h"

#include <algorithm>
#include <array>

namespace drover::pap {
namespace {

struct Word {
  StatusCode code;
  std::string_view text;
};
constexpr Word kWords[] = {
    {StatusCode::kOk, "OK"},
    {StatusCode::kAcceptedForProcessing, "accepted for processing"},
    {StatusCode::kBadRequest, "bad request"},
    {StatusCode::kForbidden, "forbidden"},
    {StatusCode::kAddressError, "address error"},
    {StatusCode::kAddressNotFound, "address not found"},
    {StatusCode::kPushIdNotFound, "push id not found"},
    {StatusCode::kCapabilitiesMismatch, "capabilities mismatch"},
    {StatusCode::kRequiredCapabilitiesNotSupported, "required capabilities not supported"},
    {StatusCode::kDuplicatePushId, "duplicate push id"},
    {StatusCode::kCancellationNotPossible, "cancellation not possible"},
    {StatusCode::kInternalServerError, "internal server error"},
    {StatusCode::kNotImplemented, "not implemented"},
    {StatusCode::kVersionNotSupported, "version not supported"},
    {StatusCode::kNotPossible, "not possible"},
    {StatusCode::kCapabilityMatchingNotSupported, "capability matching not supported"},
    {StatusCode::kMultipleAddressesNotSupported, "multiple addresses not supported"},
    {StatusCode::kTransformationFailure, "transformation failure"},
    {StatusCode::kSpecifiedDeliveryMethodNotPossible, "specified delivery method not possible"},
    {StatusCode::kCapabilitiesNotAvailable, "capabilities not available"},
    {StatusCode::kRequiredNetworkNotAvailable, "required network not available"},
    {StatusCode::kRequiredBearerNotAvailable, "required bearer not available"},
    {StatusCode::kReplacementNotSupported, "replacement not supported"},
    {StatusCode::kServiceFailure, "service failure"},
    {StatusCode::kServiceUnavailable, "service unavailable"},
    {StatusCode::kMobileClientAborted, "mobile client aborted"},
};

constexpr std::array<std::string_view, 9> kStates = {"rejected",      "pending",   "delivered",
                                                     "undeliverable", "expired",   "aborted",
                                                     "timeout",       "cancelled", "unknown"};

}  // namespace

std::string_view Text(StatusCode code) {
  const auto* found = std::ranges::find(kWords, code, &Word::code);
  if (found != std::end(kWords)) return found->text;
  switch (Number(code) / 1000) {
    case 1:
      return "success";
    case 2:
      return "client error";
    case 3:
      return "server error";
    case 4:
      return "service failure";
    case 5:
      return "mobile client aborted";
    default:
      return "unknown code";
  }
}

std::string_view Name(MessageState state) { return kStates[static_cast<size_t>(state)]; }

std::optional<MessageState> MessageStateOf(std::string_view name) {
  const auto* found = std::ranges::find(kStates, name);
  if (found == kStates.end()) return std::nullopt;
  return static_cast<MessageState>(found - kStates.begin());
}

}  // namespace drover::pap
