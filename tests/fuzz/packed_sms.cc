// Many short messages in one body: what is read is written again as it was, and nothing is passed
// over.
#include "libs/base/check.h"
#include "loadtest/smsc/packed.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace drover::smsc;
  std::string_view rest = View(data, size);
  while (true) {
    const std::string_view before = rest;
    const auto message = NextPacked(rest);
    if (!message) {
      DROVER_CHECK(rest.size() == before.size());
      return 0;
    }
    std::string octets;
    AppendPacked(*message, octets);
    std::string_view written = octets;
    DROVER_CHECK(NextPacked(written) == message && written.empty());
    DROVER_CHECK(octets.size() == before.size() - rest.size());
  }
}
