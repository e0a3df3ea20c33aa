#include "libs/base/clock.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace drover {

std::string Rfc3339(TimePoint time) {
  const auto millis =
      std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
  const std::time_t seconds = millis >= 0 ? millis / 1000 : (millis - 999) / 1000;
  const auto fraction = static_cast<int>(millis - seconds * 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  const int size = std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                                 parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                                 parts.tm_hour, parts.tm_min, parts.tm_sec, fraction);
  return {text.data(), static_cast<size_t>(size)};
}

}  // namespace drover
