// Nothing that was not sealed opens; what is sealed opens; a file of keys of any shape is read.
#include "libs/dmauth/seal.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using drover::dmauth::SealKeys;
  static const SealKeys keys = SealKeys::Parse("1 " + std::string(64, 'a')).value();
  const std::string_view input = View(data, size);
  DROVER_CHECK(!keys.Open(input, "IMEI:493005100592800"));
  const auto zeros = [](size_t n) { return std::string(n, '\0'); };
  DROVER_CHECK(keys.Open(keys.Seal(input, "context", zeros), "context").value() == input);
  const auto parsed = SealKeys::Parse(input);
  if (parsed) DROVER_CHECK(parsed->Open(parsed->Seal("s", "c", zeros), "c").value() == "s");
  return 0;
}
