#include "libs/xml/text.h"

#include "libs/base/bytes.h"

namespace drover::xml {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

void AppendEscaped(char c, std::string& out) {
  switch (c) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '"':
      out += "&quot;";
      break;
    case '\n':
      out += "&#10;";
      break;
    case '\r':
      out += "&#13;";
      break;
    case '\t':
      out += "&#9;";
      break;
    default:
      if (static_cast<uint8_t>(c) < 0x20) {
        out += kReplacement;
      } else {
        out += c;
      }
  }
}

}  // namespace

void AppendEscaped(std::string_view text, std::string& out) {
  while (!text.empty()) {
    const std::string_view good = text.substr(0, base::Utf8Prefix(text));
    for (const char c : good) AppendEscaped(c, out);
    text.remove_prefix(good.size());
    if (text.empty()) return;
    out += kReplacement;
    text.remove_prefix(1);
  }
}

std::string Quote(std::string_view text) {
  constexpr size_t kMost = 60;
  std::string quoted(text.substr(0, kMost));
  for (char& c : quoted) {
    if (c < ' ' || c > '~') c = '?';
  }
  return quoted;
}

}  // namespace drover::xml
