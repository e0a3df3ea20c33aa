// A package #0 that decodes encodes to the same trigger.
#include "libs/notification/package0.h"

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace drover::notification;
  for (const bool any_version : {false, true}) {
    const auto package = DecodePackage0(View(data, size), any_version);
    if (!package) continue;
    const auto trigger = EncodeTrigger(package->trigger);
    DROVER_CHECK(trigger.has_value() && *trigger == package->trigger_octets);
    Verify(*package, "AXOpoP7JO1YjGoejdpcblA==", "nonce");
  }
  return 0;
}
