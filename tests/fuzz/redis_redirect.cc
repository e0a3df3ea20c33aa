// A MOVED or ASK that is read and written out again reads as the same; the slot of any key, and its
// tag's, are in range.
#include <string>

#include "libs/redis/slot_map.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace drover::redis;
  const std::string_view text = View(data, size);
  const uint16_t slot = KeySlot(text);
  DROVER_CHECK(slot < kSlots && KeySlot(TagOfSlot(slot)) == slot);
  const auto redirect = ParseRedirect(text);
  if (!redirect) return 0;
  DROVER_CHECK(redirect->slot < kSlots && !redirect->to.port.empty());
  const auto again = ParseRedirect((redirect->ask ? "ASK " : "MOVED ") +
                                   std::to_string(redirect->slot) + " " + redirect->to.text());
  DROVER_CHECK(again && again->to == redirect->to && again->slot == redirect->slot);
  return 0;
}
