// DROVER_CHECK: for what cannot happen. Ends the process with the place and the condition.
#pragma once

namespace drover {
[[noreturn]] void CheckFailed(const char* condition, const char* file, int line);
}  // namespace drover

#define DROVER_CHECK(condition)                              \
  do {                                                       \
    if (!(condition)) [[unlikely]] {                         \
      ::drover::CheckFailed(#condition, __FILE__, __LINE__); \
    }                                                        \
  } while (false)
