// ";name=value" lists, as header fields and URIs have them.
//
// Views of the octets. Blanks and folded lines around ';' and '=' are passed over.
// Spec: RFC 3261, sections 7.3.1 and 25.1 (generic-param, SEMI, EQUAL).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace drover::sip {

struct Parameter {
  std::string_view name;
  std::string_view value;  // As written: a quoted string keeps its quotes and escapes.
  bool has_value = false;  // ";lr" has none; ";lr=" is malformed.
};

class Parameters {
 public:
  Parameters() = default;
  // octets: empty, or from the first ';' on; well-formed (whoever parsed them saw to it).
  explicit Parameters(std::string_view octets) : octets_(octets) {}

  std::string_view octets() const { return octets_; }
  bool empty() const { return octets_.empty(); }

  // Takes one from rest, which begins as octets(). False: there is none left.
  static bool Next(std::string_view& rest, Parameter& out);

  // Names are compared without regard to case. The first of that name.
  std::optional<Parameter> Find(std::string_view name) const;
  bool Has(std::string_view name) const { return Find(name).has_value(); }
  // Its value as written; empty: absent, or without a value.
  std::string_view Value(std::string_view name) const;

 private:
  std::string_view octets_;
};

// Without quotes, escapes and the ends of folded lines if text is a quoted string; else as it is.
std::string Unquote(std::string_view text);
// Appends text as a quoted string; '"', '\' and control characters escaped.
void AppendQuoted(std::string_view text, std::string& out);

bool SameOctetsIgnoringCase(const char* a, const char* b, size_t size);
inline bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && SameOctetsIgnoringCase(a.data(), b.data(), a.size());
}
bool IsToken(std::string_view text);
// Without blanks, tabs and line ends around it.
std::string_view TrimLws(std::string_view text);
// Digits only; above the greatest uint32_t: that (RFC 3261, section 20.19: delta-seconds are
// clamped). nullopt: empty, or another character.
std::optional<uint32_t> ParseDeltaSeconds(std::string_view text);

}  // namespace drover::sip
