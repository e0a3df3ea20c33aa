// Any octets as a TNDS object: an error, or one that comes back from each of its forms as it was.
#include "libs/dmtree/tnds.h"

#include <iostream>

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace drover::dmtree;
  auto tnds = DecodeTnds(View(data, size));
  if (!tnds) return 0;
  // Text that only looked like octets of Format bin becomes what it is now known to be.
  auto settled = DecodeTnds(EncodeTnds(*tnds, TndsForm::kXml), {.octets = SIZE_MAX});
  DROVER_CHECK(settled.has_value());
  for (const TndsForm form : {TndsForm::kXml, TndsForm::kWbxml, TndsForm::kInline}) {
    const auto again = DecodeTnds(EncodeTnds(*settled, form), {.octets = SIZE_MAX});
    if (!again) std::cerr << again.error().message << '\n';
    DROVER_CHECK(again.has_value());
    DROVER_CHECK(*again == *settled);
  }
  FillFormats(*tnds);
  (void)PlaceAt(*tnds, "./A/B").has_value();
  return 0;
}
