// Hex and base64 that are read and written read as the same; every octet string survives both.
#include "libs/base/bytes.h"

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace drover::base;
  const std::string_view input = View(data, size);
  DROVER_CHECK(FromHex(Hex(input)).value() == input);
  DROVER_CHECK(FromBase64(Base64(input)).value() == input);
  if (const auto octets = FromHex(input)) DROVER_CHECK(FromHex(Hex(*octets)).value() == *octets);
  if (const auto octets = FromBase64(input)) {
    DROVER_CHECK(FromBase64(Base64(*octets)).value() == *octets);
  }
  IsUtf8(input);
  return 0;
}
