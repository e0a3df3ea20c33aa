#include "tools/drover/duration.h"

#include <charconv>

namespace drover::cli {
namespace {

struct Unit {
  std::string_view name;
  int64_t milliseconds;
};
constexpr Unit kUnits[] = {
    {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
constexpr int64_t kMaxMilliseconds = 3650 * int64_t{86'400'000};

}  // namespace

Result<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  int64_t count = -1;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, count);
  const std::string_view rest(parsed.ptr, static_cast<size_t>(end - parsed.ptr));
  for (const Unit& unit : kUnits) {
    if (parsed.ec != std::errc() || rest != unit.name || count < 0) continue;
    if (count > kMaxMilliseconds / unit.milliseconds) break;
    return std::chrono::milliseconds(count * unit.milliseconds);
  }
  return InvalidArgument("\"" + std::string(text) +
                         "\" is no duration; write a number and ms, s, m, h or d: 90s, 2h, 7d");
}

}  // namespace drover::cli
