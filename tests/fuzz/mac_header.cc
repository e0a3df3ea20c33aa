// An x-syncml-hmac header that is read and written reads as the same, if its values can be written.
#include "libs/dmauth/credentials.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace drover::dmauth;
  const auto header = ParseMacHeader(View(data, size));
  if (!header) return 0;
  DROVER_CHECK(!header->user.empty() && !header->mac.empty());
  const bool writable = header->user.find('"') == std::string::npos &&
                        header->mac.find_first_of("\",") == std::string::npos &&
                        header->mac.find_first_of(" \t") == std::string::npos;
  if (!writable) return 0;
  const auto again = ParseMacHeader(FormatMacHeader(*header));
  DROVER_CHECK(again.has_value() && again->user == header->user && again->mac == header->mac);
  return 0;
}
