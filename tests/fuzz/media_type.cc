// The Content-Type stands before the first line feed, the body's first octets after it.
#include "libs/syncml/media_type.h"

#include "libs/base/check.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input = View(data, size);
  const size_t end = input.find('\n');
  const std::string_view body =
      end == std::string_view::npos ? std::string_view() : input.substr(end + 1);
  const auto type = drover::syncml::ResolveMediaType(input.substr(0, end), body);
  DROVER_CHECK(!type || !type->reply.empty());
  return 0;
}
