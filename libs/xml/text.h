// Texts inside XML, and inside what is said of it.
#pragma once
#include <string>
#include <string_view>

namespace drover::xml {

// Appends text with & < > " and line ends escaped, for content and attributes in double quotes;
// characters that XML cannot carry and octets that are not UTF-8 become U+FFFD.
void AppendEscaped(std::string_view text, std::string& out);

// The beginning of a peer's text as an error may quote it: 60 characters at most, printable ASCII,
// "?" for what is not.
std::string Quote(std::string_view text);

}  // namespace drover::xml
