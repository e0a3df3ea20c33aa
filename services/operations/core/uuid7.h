// Operation ids: UUID version 7 (RFC 9562, section 5.7), in the order in which they are minted.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/base/clock.h"

namespace drover::operations {

// unix_ts_ms and, in rand_a, the fraction of the millisecond (RFC 9562, 6.2, method 3), moved on by
// one where two ids would be equal: ids of one process ascend strictly.
class Uuid7 {
 public:
  // random: at least 8 octets.
  std::string Mint(TimePoint now, std::string_view random);

 private:
  uint64_t last_ = 0;  // ms << 12 | fraction
};

// Not above any id that is minted at this time or later.
std::string FirstUuid7(TimePoint time);

// Whether it is the text form of a UUID: 36 characters, lower or upper case.
bool IsUuid(std::string_view text);

}  // namespace drover::operations
