// Classes of characters and a cursor over the value of a header field, for the parsers of libs/sip.
//
// Within a value every CR LF is followed by a blank (the message parser saw to it), so that CR and
// LF count as blanks here.
// Spec: RFC 3261, section 25.1.
#pragma once
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace drover::sip {

namespace char_class {
constexpr uint16_t kToken = 1 << 0;
constexpr uint16_t kLws = 1 << 1;
constexpr uint16_t kDigit = 1 << 2;
constexpr uint16_t kHex = 1 << 3;
constexpr uint16_t kAlpha = 1 << 4;
constexpr uint16_t kUser = 1 << 5;         // user, without escapes.
constexpr uint16_t kPassword = 1 << 6;     // password, without escapes.
constexpr uint16_t kUriParam = 1 << 7;     // paramchar, without escapes.
constexpr uint16_t kUriHeader = 1 << 8;    // hname and hvalue, without escapes.
constexpr uint16_t kOpaque = 1 << 9;       // uric, without escapes.
constexpr uint16_t kWord = 1 << 10;        // Call-ID
constexpr uint16_t kParamValue = 1 << 11;  // token or host: a token's, '[', ']', ':'.
constexpr uint16_t kHost = 1 << 12;        // Names; '_' too.
constexpr uint16_t kPhone = 1 << 13;       // tel: digits and visual separators.
}  // namespace char_class

constexpr std::array<uint16_t, 256> MakeCharClasses() {
  using namespace char_class;
  std::array<uint16_t, 256> classes{};
  const auto add = [&](std::string_view characters, uint16_t bits) {
    for (const char c : characters) classes[static_cast<unsigned char>(c)] |= bits;
  };
  constexpr uint16_t kInUris = kUser | kPassword | kUriParam | kUriHeader | kOpaque;
  for (int c = 'a'; c <= 'z'; ++c) {
    for (const int each : {c, c - 'a' + 'A'}) {
      classes[static_cast<size_t>(each)] |= kAlpha | kToken | kInUris | kWord | kParamValue | kHost;
    }
  }
  for (int c = '0'; c <= '9'; ++c) {
    classes[static_cast<size_t>(c)] |=
        kDigit | kHex | kToken | kInUris | kWord | kParamValue | kHost | kPhone;
  }
  add("abcdefABCDEF", kHex | kPhone);
  add(" \t\r\n", kLws);
  add("-.!%*_+`'~", kToken | kParamValue);
  add("[]:", kParamValue);
  add("-.!~*'()_", kInUris);
  add("&=+$,;?/", kUser);
  add("&=+$,", kPassword);
  add("[]/:&+$", kUriParam);
  add("[]/?:+$", kUriHeader);
  add(";/?:@&=+$,[]", kOpaque);
  add("-.!%*_+`'~()<>:\\\"/[]?{}", kWord);
  add("-._", kHost);
  add("-.()*#+", kPhone);
  return classes;
}
inline constexpr std::array<uint16_t, 256> kCharClasses = MakeCharClasses();

constexpr bool Is(char c, uint16_t bits) {
  return (kCharClasses[static_cast<unsigned char>(c)] & bits) != 0;
}
constexpr bool AllAre(std::string_view text, uint16_t bits) {
  for (const char c : text) {
    if (!Is(c, bits)) return false;
  }
  return true;
}
constexpr char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

// The first control character other than a tab, from at on; end: there is none.
inline const char* FindControl(const char* at, const char* end) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  for (; end - at >= 8; at += 8) {
    uint64_t octets = 0;
    std::memcpy(&octets, at, 8);
    // Some octet is below 0x20 (Mycroft: exact as to whether there is one).
    if (((octets - kOnes * 0x20) & ~octets & (kOnes * 0x80)) == 0) continue;
    for (int i = 0; i < 8; ++i) {
      if (static_cast<unsigned char>(at[i]) < 0x20 && at[i] != '\t') return at + i;
    }
  }
  for (; at != end; ++at) {
    if (static_cast<unsigned char>(*at) < 0x20 && *at != '\t') return at;
  }
  return end;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  bool done() const { return at_ == end_; }
  const char* at() const { return at_; }
  void MoveTo(const char* at) { at_ = at; }
  bool IsAt(char c) const { return at_ != end_ && *at_ == c; }
  std::string_view rest() const { return Since(at_, end_); }
  // From begin, an earlier at(), to here.
  std::string_view From(const char* begin) const { return Since(begin, at_); }

  void SkipLws() {
    while (at_ != end_ && Is(*at_, char_class::kLws)) ++at_;
  }
  // The same; false: there was none.
  bool TakeLws() {
    const char* begin = at_;
    SkipLws();
    return at_ != begin;
  }
  // True, and passed, if c is here.
  bool Take(char c) {
    if (!IsAt(c)) return false;
    ++at_;
    return true;
  }
  // The same with blanks around it; the blanks before it are passed in any case.
  bool TakeSeparator(char c) {
    SkipLws();
    if (!Take(c)) return false;
    SkipLws();
    return true;
  }
  // As many of that class as there are.
  std::string_view TakeWhile(uint16_t bits) {
    const char* begin = at_;
    while (at_ != end_ && Is(*at_, bits)) ++at_;
    return From(begin);
  }
  // A quoted string with its quotes; empty: there is none, or it does not end well.
  std::string_view TakeQuoted() {
    const char* begin = at_;
    if (!Take('"')) return {};
    while (at_ != end_) {
      const char c = *at_++;
      if (c == '"') return From(begin);
      const bool escape = c == '\\';
      if (escape && at_ == end_) break;
      const char plain = escape ? *at_++ : c;
      if (!MayBeQuoted(plain, escape)) break;
    }
    at_ = begin;
    return {};
  }

 private:
  static std::string_view Since(const char* begin, const char* end) {
    return {begin, static_cast<size_t>(end - begin)};
  }
  static bool MayBeQuoted(char c, bool escaped) {
    if (escaped) return c != '\r' && c != '\n' && static_cast<unsigned char>(c) < 0x80;
    return static_cast<unsigned char>(c) >= 0x20 ? c != 0x7F : Is(c, char_class::kLws);
  }

  const char* at_;
  const char* end_;
};

}  // namespace drover::sip
