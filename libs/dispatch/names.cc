#include "libs/dispatch/scheduler.h"

namespace drover::dispatch {

std::string_view Name(Gate gate) {
  switch (gate) {
    case Gate::kTransaction:
      return "transaction";
    case Gate::kAccept:
      return "accept";
    case Gate::kBurst:
      return "burst";
    case Gate::kReceipt:
      return "receipt";
  }
  return "accept";
}

std::string_view Name(EndState state) {
  constexpr std::string_view kNames[kEndStates] = {"delivered", "undeliverable", "expired",
                                                   "aborted",   "cancelled",     "unknown"};
  return kNames[static_cast<size_t>(state)];
}

std::string_view Name(GroupState state) {
  constexpr std::string_view kNames[kGroupStates] = {
      "held",     "ready",   "sending",    "wait-accept", "wait-receipt",
      "wait-all", "backoff", "alert-wait", "cancelling",  "ended"};
  return kNames[static_cast<size_t>(state)];
}

}  // namespace drover::dispatch
