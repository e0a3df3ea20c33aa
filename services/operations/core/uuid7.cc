#include "services/operations/core/uuid7.h"

#include <algorithm>
#include <cctype>

#include "libs/base/bytes.h"

namespace drover::operations {

std::string Uuid7::Mint(TimePoint now, std::string_view random) {
  const auto micros = static_cast<uint64_t>(now.time_since_epoch().count());
  const uint64_t stamp = (micros / 1000) << 12 | (micros % 1000) * 4096 / 1000;
  last_ = std::max(stamp, last_ + 1);
  const uint64_t high = (last_ >> 12) << 16 | uint64_t{7} << 12 | (last_ & 0xfff);
  const uint64_t low = (base::ReadBigEndian64(random) & 0x3fffffffffffffff) | uint64_t{2} << 62;
  std::string text = base::Hex(base::BigEndian64(high).append(base::BigEndian64(low)));
  for (const size_t at : {8, 13, 18, 23}) text.insert(at, 1, '-');
  return text;
}

std::string FirstUuid7(TimePoint time) {
  const int64_t micros = std::max<int64_t>(time.time_since_epoch().count(), 0);
  std::string text =
      base::Hex(base::BigEndian64(static_cast<uint64_t>(micros / 1000) << 16)) + "0000000000000000";
  for (const size_t at : {8, 13, 18, 23}) text.insert(at, 1, '-');
  return text;
}

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) {
      return false;
    }
  }
  return true;
}

}  // namespace drover::operations
