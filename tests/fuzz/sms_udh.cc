// A user data header that decodes encodes to one that reads as the same.
#include "libs/sms/udh.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace drover::sms;
  const auto first = DecodeUserData(View(data, size));
  if (!first) return 0;
  std::string octets;
  if (!AppendUdh(first->udh, octets)) return 0;  // A header of more than a message.
  if (octets.empty()) octets.push_back('\0');
  DROVER_CHECK(octets.size() <= kUserDataOctets);
  octets.append(first->payload);
  const auto again = DecodeUserData(octets);
  DROVER_CHECK(again.has_value());
  DROVER_CHECK(again->udh == first->udh && again->payload == first->payload);
  return 0;
}
