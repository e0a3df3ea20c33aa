// A normalised device id is normal, and can key everything.
#include "libs/dmtree/device_id.h"

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using drover::dmtree::NormaliseDeviceId;
  const auto id = NormaliseDeviceId(View(data, size));
  if (!id) return 0;
  DROVER_CHECK(!id->empty() && id->value().size() <= drover::dmtree::kMaxDeviceIdCharacters);
  const auto again = NormaliseDeviceId(id->value());
  DROVER_CHECK(again.has_value() && *again == *id);
  return 0;
}
