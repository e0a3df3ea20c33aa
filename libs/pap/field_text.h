// What header fields are made of. Internal to libs/pap.
// Spec: RFC 822, 3.3; RFC 2045, 5.1 (tokens).
#pragma once
#include <algorithm>
#include <cstdint>
#include <string_view>

namespace drover::pap {

inline bool IsBlank(char c) { return c == ' ' || c == '\t'; }
inline char LowerCase(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
inline bool SameInAnyCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, LowerCase, LowerCase);
}

inline bool IsTokenCharacter(char c) {
  constexpr std::string_view kSpecials = "()<>@,;:\\\"/[]?=";
  return c > ' ' && static_cast<uint8_t>(c) < 0x7F && kSpecials.find(c) == std::string_view::npos;
}
inline bool IsToken(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, IsTokenCharacter);
}

// Without blanks around it, and without the CR of a line's end.
inline std::string_view TrimBlanks(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && (IsBlank(text.back()) || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

}  // namespace drover::pap
