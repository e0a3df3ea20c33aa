#include "loadtest/report/html_text.h"

#include "libs/base/bytes.h"

namespace drover::report {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

void Append(std::string_view octets, std::string& html) {
  for (const char c : octets) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\'':
        html += "&#39;";
        break;
      case '\n':
      case '\t':
        html += c;
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
          html += kReplacement;
        } else {
          html += c;
        }
    }
  }
}

}  // namespace

std::string Escaped(std::string_view text) {
  std::string html;
  html.reserve(text.size());
  while (!text.empty()) {
    const size_t good = base::Utf8Prefix(text);
    Append(text.substr(0, good), html);
    text.remove_prefix(good);
    if (text.empty()) break;
    html += kReplacement;
    text.remove_prefix(1);
  }
  return html;
}

}  // namespace drover::report
