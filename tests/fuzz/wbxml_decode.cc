// A WBXML message that decodes encodes in both encodings to what decodes; in WBXML to the same.
#include "libs/syncml/debug.h"
#include "libs/syncml/document.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace drover::syncml;
  const std::string_view input = View(data, size);
  const Decoded decoded = DecodeWbxml(input);
  if (!decoded) {
    DROVER_CHECK(decoded.error.offset <= size);
    return 0;
  }
  std::string wbxml;
  EncodeWbxml(decoded.document.message(), wbxml);
  const Decoded again = DecodeWbxml(wbxml);
  DROVER_CHECK(again.ok);
  DROVER_CHECK(DebugString(again.document.message()) == DebugString(decoded.document.message()));
  std::string xml;
  EncodeXml(decoded.document.message(), xml);
  DROVER_CHECK(DecodeXml(xml).ok);
  return 0;
}
