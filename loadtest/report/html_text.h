// Text that comes from outside, made harmless where it enters HTML.
#pragma once
#include <string>
#include <string_view>

namespace drover::report {

// For element content and quoted attributes. Control characters and what is no UTF-8 become U+FFFD.
std::string Escaped(std::string_view text);

}  // namespace drover::report
