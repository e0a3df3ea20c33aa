#include "services/session/core/prompt.h"

#include <array>

namespace drover::session {
namespace {

bool Unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '~';
}

std::string UrlEncoded(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (Unreserved(c)) {
      out.push_back(c);
    } else if (c == ' ') {
      out.push_back('+');
    } else {
      const auto octet = static_cast<unsigned char>(c);
      out.push_back('%');
      out.push_back(kDigits[octet >> 4]);
      out.push_back(kDigits[octet & 15]);
    }
  }
  return out;
}

void Append(std::string& out, std::string_view name, std::string_view value) {
  if (!out.empty()) out.push_back('&');
  out.append(name).append("=").append(UrlEncoded(value));
}

}  // namespace

std::string_view AlertCodeOf(Prompt::Kind kind) {
  static constexpr std::array<std::string_view, 5> kCodes = {"1100", "1101", "1102", "1103",
                                                             "1104"};
  return kCodes[static_cast<size_t>(kind)];
}

std::string OptionsOf(const Prompt& prompt) {
  static constexpr std::array<std::string_view, 6> kInputs = {"A", "N", "D", "T", "P", "I"};
  std::string out;
  if (prompt.min_display_s > 0) Append(out, "MINDT", std::to_string(prompt.min_display_s));
  if (prompt.max_display_s > 0) Append(out, "MAXDT", std::to_string(prompt.max_display_s));
  const bool text = prompt.kind == Prompt::Kind::kTextInput;
  if (!prompt.default_response.empty()) Append(out, "DR", prompt.default_response);
  if (text && prompt.max_length > 0) Append(out, "MAXLEN", std::to_string(prompt.max_length));
  const bool plain = prompt.input == Prompt::Input::kAlphanumeric;
  if (text && !plain) Append(out, "IT", kInputs[static_cast<size_t>(prompt.input)]);
  if (text && prompt.hide_input) Append(out, "ET", "P");
  return out;
}

}  // namespace drover::session
