// MD5, which OMA DM asks for.
#pragma once
#include <array>
#include <initializer_list>
#include <string>
#include <string_view>

namespace drover::dmauth {

using Md5Octets = std::array<char, 16>;

// MD5 over the parts, one after the other.
Md5Octets Md5(std::initializer_list<std::string_view> parts);

}  // namespace drover::dmauth
