// An XML message that decodes encodes in both encodings to what decodes; in XML to the same.
#include "libs/syncml/debug.h"
#include "libs/syncml/document.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace drover::syncml;
  const std::string_view input = View(data, size);
  const Decoded decoded = DecodeXml(input);
  if (!decoded) {
    DROVER_CHECK(decoded.error.offset <= size);
    return 0;
  }
  std::string xml;
  EncodeXml(decoded.document.message(), xml);
  const Decoded again = DecodeXml(xml);
  DROVER_CHECK(again.ok);
  DROVER_CHECK(DebugString(again.document.message()) == DebugString(decoded.document.message()));
  std::string wbxml;
  EncodeWbxml(decoded.document.message(), wbxml);
  DROVER_CHECK(DecodeWbxml(wbxml).ok);
  return 0;
}
