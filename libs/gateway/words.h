// Enumerations as words, and texts compared in any case of letters. For the .cc files of this
// library.
#pragma once
#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

namespace drover::gateway {

inline char LowerOf(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

inline bool SameWord(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, LowerOf, LowerOf);
}

// Whether text has part in it, in any case of letters.
inline bool ContainsWord(std::string_view text, std::string_view part) {
  const auto same = [](char a, char b) { return LowerOf(a) == LowerOf(b); };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end() ||
         part.empty();
}

inline std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

template <typename Value, size_t n>
std::string_view WordOf(const std::string_view (&words)[n], Value value) {
  const auto at = static_cast<size_t>(value);
  return at < n ? words[at] : "?";
}

template <typename Value, size_t n>
std::optional<Value> ValueOf(const std::string_view (&words)[n], std::string_view text) {
  for (size_t i = 0; i < n; ++i) {
    if (SameWord(words[i], text)) return static_cast<Value>(i);
  }
  return std::nullopt;
}

}  // namespace drover::gateway
