// An ACL that is read and written reads as the same.
#include "libs/dmtree/acl.h"

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using drover::dmtree::Acl;
  const auto acl = Acl::Parse(View(data, size));
  if (!acl) return 0;
  const std::string text = acl->ToString();
  const auto again = Acl::Parse(text);
  DROVER_CHECK(again.has_value());
  DROVER_CHECK(again->ToString() == text);
  DROVER_CHECK(acl->empty() == text.empty());
  return 0;
}
