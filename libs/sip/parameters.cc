#include "libs/sip/parameters.h"

#include <limits>

#include "libs/sip/lexer.h"
#include "libs/sip/parameter_lexer.h"

namespace drover::sip {

bool Parameters::Next(std::string_view& rest, Parameter& out) {
  Lexer lexer(rest);
  if (!lexer.TakeSeparator(';') || !TakeParameter(lexer, ParameterPlace::kAny, out)) return false;
  rest = lexer.rest();
  return true;
}

std::optional<Parameter> Parameters::Find(std::string_view name) const {
  std::string_view rest = octets_;
  Parameter parameter;
  while (Next(rest, parameter)) {
    if (EqualsIgnoringCase(parameter.name, name)) return parameter;
  }
  return std::nullopt;
}

std::string_view Parameters::Value(std::string_view name) const {
  const std::optional<Parameter> parameter = Find(name);
  return parameter ? parameter->value : std::string_view();
}

bool TakeParameter(Lexer& lexer, ParameterPlace place, Parameter& out) {
  out.name =
      lexer.TakeWhile(place == ParameterPlace::kField ? char_class::kToken
                                                      : char_class::kUriParam | char_class::kToken);
  out.value = {};
  out.has_value = false;
  if (out.name.empty()) return false;
  const char* behind_name = lexer.at();
  if (!lexer.TakeSeparator('=')) {
    lexer.MoveTo(behind_name);
    return true;
  }
  out.has_value = true;
  if (place != ParameterPlace::kUri && lexer.IsAt('"')) {
    out.value = lexer.TakeQuoted();
  } else if (place == ParameterPlace::kField) {
    out.value = lexer.TakeWhile(char_class::kParamValue);
  } else {
    out.value = lexer.TakeWhile(char_class::kUriParam | char_class::kParamValue);
  }
  return !out.value.empty();
}

std::string Unquote(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
  text = text.substr(1, text.size() - 2);
  std::string plain;
  plain.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' || text[i] == '\n') continue;  // A folded line: the blank behind stays.
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    plain.push_back(text[i]);
  }
  return plain;
}

void AppendQuoted(std::string_view text, std::string& out) {
  out.push_back('"');
  for (const char c : text) {
    const bool is_control = (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
    if (c == '"' || c == '\\' || is_control) out.push_back('\\');
    out.push_back(c);
  }
  out.push_back('"');
}

bool SameOctetsIgnoringCase(const char* a, const char* b, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    if (a[i] != b[i] && Lower(a[i]) != Lower(b[i])) return false;
  }
  return true;
}

bool IsToken(std::string_view text) { return !text.empty() && AllAre(text, char_class::kToken); }

std::string_view TrimLws(std::string_view text) {
  while (!text.empty() && Is(text.front(), char_class::kLws)) text.remove_prefix(1);
  while (!text.empty() && Is(text.back(), char_class::kLws)) text.remove_suffix(1);
  return text;
}

std::optional<uint32_t> ParseDeltaSeconds(std::string_view text) {
  constexpr uint32_t kMost = std::numeric_limits<uint32_t>::max();
  constexpr size_t kAlwaysFits = 9;  // Digits.
  if (text.empty() || !AllAre(text, char_class::kDigit)) return std::nullopt;
  uint64_t value = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    value = value * 10 + static_cast<uint64_t>(text[i] - '0');
    if (i >= kAlwaysFits && value >= kMost) return kMost;
  }
  return static_cast<uint32_t>(value);
}

}  // namespace drover::sip
