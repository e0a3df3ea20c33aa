// A push PDU that decodes encodes to one that reads as the same.
#include "libs/wap/wsp_push.h"

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace drover::wap;
  const auto first = DecodePush(View(data, size));
  if (!first) return 0;
  std::string octets;
  DROVER_CHECK(AppendPush(*first, octets).has_value());
  const auto again = DecodePush(octets);
  DROVER_CHECK(again.has_value());
  DROVER_CHECK(again->tid == first->tid && again->content_type == first->content_type);
  DROVER_CHECK(again->application_id == first->application_id);
  DROVER_CHECK(again->headers == first->headers && again->data == first->data);
  return 0;
}
