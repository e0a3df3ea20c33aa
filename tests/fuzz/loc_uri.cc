// A LocURI that is read and written reads as the same; its canonical form is one of the same node.
#include "libs/dmtree/loc_uri.h"

#include "tests/fuzz/fuzz.h"

using drover::dmtree::LocUri;

namespace {

void CheckParts(const LocUri& uri) {
  std::string joined = ".";
  for (const std::string_view segment : uri.Segments()) joined.append("/").append(segment);
  DROVER_CHECK(joined == uri.path());
  const auto parent = uri.Parent();
  DROVER_CHECK(parent.has_value() != uri.is_root());
  if (!parent) return;
  DROVER_CHECK(parent->path() + "/" + std::string(uri.Name()) == uri.path());
  DROVER_CHECK(drover::dmtree::IsSelfOrBelow(uri.path(), parent->path()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto uri = LocUri::Parse(View(data, size));
  if (!uri) return 0;
  const auto again = LocUri::Parse(uri->ToString());
  DROVER_CHECK(again.has_value() && again->ToString() == uri->ToString());
  const auto canonical = LocUri::Parse(uri->Canonical());
  DROVER_CHECK(canonical.has_value() && canonical->Canonical() == uri->Canonical());
  CheckParts(*uri);
  return 0;
}
