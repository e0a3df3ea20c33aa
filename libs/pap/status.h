// What PAP says about a push: status codes, message states, and their words.
//
// Spec: WAP-247-PAP, 9.13 "Status Codes", 9.14 "Message State"; WAP-164-PAP for 1.0.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace drover::pap {

// The thousands say the class: 1 success, 2 the initiator's error, 3 the gateway cannot, 4 try
// again later, 5 the terminal refused. Peers may send codes that are not here.
enum class StatusCode : uint32_t {
  kOk = 1000,
  kAcceptedForProcessing = 1001,
  kBadRequest = 2000,
  kForbidden = 2001,
  kAddressError = 2002,
  kAddressNotFound = 2003,
  kPushIdNotFound = 2004,
  kCapabilitiesMismatch = 2005,
  kRequiredCapabilitiesNotSupported = 2006,
  kDuplicatePushId = 2007,
  kCancellationNotPossible = 2008,
  kInternalServerError = 3000,
  kNotImplemented = 3001,
  kVersionNotSupported = 3002,
  kNotPossible = 3003,
  kCapabilityMatchingNotSupported = 3004,
  kMultipleAddressesNotSupported = 3005,
  kTransformationFailure = 3006,
  kSpecifiedDeliveryMethodNotPossible = 3007,
  kCapabilitiesNotAvailable = 3008,
  kRequiredNetworkNotAvailable = 3009,
  kRequiredBearerNotAvailable = 3010,
  kReplacementNotSupported = 3011,
  kServiceFailure = 4000,
  kServiceUnavailable = 4001,
  kMobileClientAborted = 5000,
};

// "accepted for processing"; a word for the class if the code is not one of the above.
std::string_view Text(StatusCode code);
inline uint32_t Number(StatusCode code) { return static_cast<uint32_t>(code); }
inline bool IsSuccess(StatusCode code) { return Number(code) / 1000 == 1; }
// Whether the same request may succeed later.
inline bool IsTransient(StatusCode code) { return Number(code) / 1000 == 4; }

enum class MessageState : uint8_t {
  kRejected,
  kPending,
  kDelivered,
  kUndeliverable,
  kExpired,
  kAborted,
  kTimeout,
  kCancelled,
  kUnknown,
};
std::string_view Name(MessageState state);  // "delivered"
std::optional<MessageState> MessageStateOf(std::string_view name);
// Nothing follows: all but kPending.
inline bool IsFinal(MessageState state) { return state != MessageState::kPending; }

}  // namespace drover::pap
