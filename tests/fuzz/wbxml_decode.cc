// Any octets as a message in WBXML: an error inside them, or a message that can be sent on.
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace drover::syncml;
  const std::string_view input = View(data, size);
  const Decoded decoded = DecodeWbxml(input);
  if (!decoded) {
    DROVER_CHECK(decoded.error.offset <= size);
    return 0;
  }
  CheckSendable(decoded.document.message(), Encoding::kXml);
  CheckSendable(decoded.document.message(), Encoding::kWbxml);
  return 0;
}
