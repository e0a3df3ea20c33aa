// Any octets as a DDF: an error, or a description that comes back as it was and can be asked.
#include "libs/dmtree/ddf.h"

#include <iostream>

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace drover::dmtree;
  const auto ddf = DecodeDdf(View(data, size));
  if (!ddf) return 0;
  const auto settled = DecodeDdf(EncodeDdf(*ddf, TndsForm::kXml), {.octets = SIZE_MAX});
  DROVER_CHECK(settled.has_value());
  const auto again = DecodeDdf(EncodeDdf(*settled, TndsForm::kWbxml), {.octets = SIZE_MAX});
  if (!again) std::cerr << again.error().message << '\n';
  DROVER_CHECK(again.has_value());
  DROVER_CHECK(*again == *settled);
  for (const char* uri : {".", "./A", "./DevInfo/Man", "./A/B/C/D"}) {
    const DdfMatch match = ddf->Match(uri);
    DROVER_CHECK((match.kind == DdfMatch::Kind::kDescribed) <= (match.node != nullptr));
  }
  return 0;
}
