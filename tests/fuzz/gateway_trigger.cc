// Any octets as a packed trigger, then as what happens to it: the machine takes every value that
// can be unpacked, and what it makes of it can be packed.
#include "libs/gateway/trigger.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace drover::gateway;

Event EventOf(uint8_t octet) {
  const int detail = octet >> 4;
  switch (octet & 15) {
    case 0:
      return Registered{.new_version = detail % 2 == 1};
    case 1:
      return BindingLost{};
    case 2:
      return WorkQueued{};
    case 3:
      return WorkGone{};
    case 4:
      return Unblocked{};
    case 5:
      return TakenOver{};
    case 6:
      return RequestSeen{.gave_work = detail % 2 == 1, .repeated = detail == 2};
    case 7:
      return ResultSeen{.good = detail % 2 == 1};
    case 8:
    case 9:
    case 10:
      return NotifyAnswered{.outcome = static_cast<NotifyOutcome>(detail),
                            .retry_after = std::chrono::seconds(octet & 3)};
    case 11:
    case 12:
      return Admitted{};
    default:
      return Tick{};
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input = View(data, size);
  const size_t events = std::min<size_t>(size, 32);
  const auto unpacked = Unpack(input.substr(0, size - events));
  Trigger trigger = unpacked ? *unpacked : NewTrigger(size, {});
  if (unpacked) DROVER_CHECK(*Unpack(Pack(trigger)) == trigger);
  const TriggerRules rules{.policy = static_cast<Policy>(size % 3), .events = 3};
  drover::TimePoint now{};
  for (const char octet : input.substr(size - events)) {
    now += std::chrono::seconds(static_cast<uint8_t>(octet));
    const Step step = Next(rules, trigger, EventOf(static_cast<uint8_t>(octet)), now);
    trigger = step.trigger;
    if (step.actions.send) DROVER_CHECK(step.actions.send->event < rules.events);
  }
  DROVER_CHECK(*Unpack(Pack(trigger)) == trigger);
  return 0;
}
