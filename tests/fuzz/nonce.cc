// A NextNonce, as text and as opaque octets.
#include "libs/base/bytes.h"
#include "libs/dmauth/credentials.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace drover;
  const std::string_view input = View(data, size);
  for (const bool opaque : {false, true}) {
    const auto nonce = dmauth::DecodeNonce(input, opaque);
    if (!nonce) continue;
    DROVER_CHECK(nonce->size() <= 64);
    DROVER_CHECK(dmauth::DecodeNonce(base::Base64(*nonce), opaque).value() == *nonce);
  }
  dmauth::VerifyBasic(input, "user", dmauth::A1("user", "secret"));
  DROVER_CHECK(!dmauth::VerifyMd5(input, "jDCI8bJ0MjRPFNggM3SXlw==", "an unlikely nonce"));
  return 0;
}
