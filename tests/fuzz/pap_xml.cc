// Any octets as a PAP document: a refusal with an answer that can be sent, or a document that comes
// back as it was.
#include "libs/pap/address.h"
#include "libs/pap/reader.h"
#include "libs/pap/writer.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace drover::pap;
  const Reading reading = Read(View(data, size));
  const Document document =
      reading ? *reading.document
              : Document{
                    .version = Version::k20, .product_name = {}, .message = reading.refusal.answer};
  DROVER_CHECK(reading || !reading.refusal.desc.empty());
  Document written = document;
  written.version = Version::k20;
  if (auto* push = std::get_if<PushMessage>(&written.message)) {
    if (push->replace_push_id.empty()) push->replace_method = ReplaceMethod::kAll;
    for (const std::string& text : push->addresses) {
      const auto address = ParseAddress(text, true);
      if (!address) continue;
      const auto again = ParseAddress(FormatAddress(*address), true);
      DROVER_CHECK(again.has_value() && *again == *address);
    }
  }
  std::string xml;
  Write(written, xml);
  // Escapes make a document longer than the limits of what came.
  const Reading again =
      Read(xml, {.octets = SIZE_MAX, .attribute_octets = SIZE_MAX, .addresses = SIZE_MAX});
  DROVER_CHECK(again.document.has_value());
  std::string twice;
  Write(*again.document, twice);
  DROVER_CHECK(twice == xml);
  return 0;
}
