// What may stand in a text column: PostgreSQL takes well-formed UTF-8 without NUL.
#pragma once
#include <string>
#include <string_view>

namespace drover::tree {

constexpr size_t kMaxFactOctets = 128;

// UTF-8 without control characters (U+0000..U+001F, U+007F).
bool IsPlainText(std::string_view text);

// For messages: cut to 64 octets, anything but printable ASCII as '?'.
std::string Printable(std::string_view text);

// The longest beginning of well-formed UTF-8 that is at most `most` octets.
std::string_view CutUtf8(std::string_view text, size_t most);

}  // namespace drover::tree
