// Any octets as SI and SL: an error, or a document that is a sound WBXML and not longer than what
// it came from can explain.
#include "libs/wap/si_sl.h"
#include "libs/wbxml/reader.h"
#include "tests/fuzz/fuzz.h"

namespace {

void CheckDocument(std::string_view octets) {
  using drover::wbxml::Reader;
  Reader reader(octets);
  DROVER_CHECK(reader.ReadHeader());
  int depth = 0;
  do {
    uint8_t token = 0;
    std::string_view text;
    DROVER_CHECK(reader.ReadOctet(token));
    if (token == drover::wbxml::kEnd) {
      --depth;
    } else if (token == drover::wbxml::kStrI) {
      DROVER_CHECK(reader.ReadInline(text));
    } else {
      if ((token & drover::wbxml::kHasContent) != 0) ++depth;
      if ((token & drover::wbxml::kHasAttributes) != 0) DROVER_CHECK(reader.SkipAttributes());
    }
  } while (depth > 0);
  DROVER_CHECK(reader.at_end());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace drover::wap;
  const std::string_view xml = View(data, size);
  for (const UrlTokens tokens : {UrlTokens::kScheme, UrlTokens::kAll}) {
    for (const auto& octets : {EncodeSi(xml, tokens), EncodeSl(xml, tokens)}) {
      if (!octets) continue;
      DROVER_CHECK(octets->size() <= 2 * size + 4);
      CheckDocument(*octets);
    }
  }
  return 0;
}
