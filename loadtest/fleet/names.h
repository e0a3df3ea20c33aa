// Values by the names that scenarios and reports give them: one table for both directions.
#pragma once
#include <array>
#include <string_view>
#include <utility>

namespace drover::fleet {

template <typename T>
using Named = std::pair<std::string_view, T>;

// Empty: it has none.
template <typename T, size_t kSize>
constexpr std::string_view NameIn(const std::array<Named<T>, kSize>& names, T value) {
  for (const auto& [name, each] : names) {
    if (each == value) return name;
  }
  return {};
}

}  // namespace drover::fleet
