#include "services/tree/core/text.h"

#include <algorithm>

#include "libs/base/bytes.h"

namespace drover::tree {
namespace {

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }
bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

bool IsPlainText(std::string_view text) {
  return std::ranges::none_of(text, IsControl) && base::IsUtf8(text);
}

std::string Printable(std::string_view text) {
  std::string out(text.substr(0, 64));
  std::ranges::replace_if(
      out, [](char c) { return c < 0x20 || c > 0x7E; }, '?');
  return out;
}

std::string_view CutUtf8(std::string_view text, size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && IsContinuation(text[most])) --most;
  return text.substr(0, most);
}

}  // namespace drover::tree
