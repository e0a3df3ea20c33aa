// Any octets as a message of a gateway: a refusal that says why, or a message that is written and
// read again as it was, with the slip of the head as without.
#include "libs/gateway/message_xml.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace drover::gateway;
  const auto reading = Read(View(data, size));
  if (!reading) {
    DROVER_CHECK(!reading.error().message.empty());
    return 0;
  }
  for (const bool slip : {false, true}) {
    std::string xml;
    Write(reading->message, xml, {.emit_head_slip = slip});
    if (xml.size() > kMostXmlOctets) return 0;  // Escapes are longer than what they stand for.
    const auto again = Read(xml);
    // Elements that the writer adds (a wrapper for a file) may be too many.
    if (!again) {
      DROVER_CHECK(again.error().message.find("too many elements") != std::string::npos);
      return 0;
    }
    DROVER_CHECK(again->message == reading->message);
    DROVER_CHECK(again->remarks.head_slip == slip);
    DROVER_CHECK(again->remarks.repeated == 0 && again->remarks.ignored == 0);
  }
  return 0;
}
