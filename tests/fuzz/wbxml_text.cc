// Any WBXML document as XML text, indented or not.
#include "libs/base/bytes.h"
#include "libs/base/check.h"
#include "libs/wbxml/xml_text.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace drover;
  const wbxml::XmlText plain = wbxml::ToXml(View(data, size));
  const wbxml::XmlText indented = wbxml::ToXml(View(data, size), {.indent = true});
  DROVER_CHECK(plain.ok == indented.ok);
  DROVER_CHECK(!plain.ok || base::IsUtf8(plain.xml));
  DROVER_CHECK(plain.ok || plain.error.offset <= size);
  return 0;
}
