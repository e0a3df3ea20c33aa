// The content of an Item as a value.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "libs/syncml/message.h"

namespace drover::session {

// What a kept value takes beside its texts.
inline constexpr size_t kValueOctets = 64;

// One client pads ?prop=Format and ?prop=Type with a NUL.
std::string_view WithoutTrailingNul(std::string_view text);

// format: of the item's Meta, or its command's. Base64 of Format b64 is undone; octets that are
// none stay as they came.
std::string DecodedData(std::string_view octets, syncml::DataForm form, std::string_view format);
std::string DecodedData(const syncml::Item& item, std::string_view format);

}  // namespace drover::session
