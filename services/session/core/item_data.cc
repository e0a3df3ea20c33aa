#include "services/session/core/item_data.h"

#include "libs/base/bytes.h"

namespace drover::session {

std::string_view WithoutTrailingNul(std::string_view text) {
  while (!text.empty() && text.back() == '\0') text.remove_suffix(1);
  return text;
}

std::string DecodedData(std::string_view octets, syncml::DataForm form, std::string_view format) {
  if (format == "b64" && form == syncml::DataForm::kText) {
    if (Result<std::string> decoded = base::FromBase64(octets)) return *std::move(decoded);
  }
  if (form == syncml::DataForm::kOpaque && format == "bin") return std::string(octets);
  return std::string(WithoutTrailingNul(octets));
}

std::string DecodedData(const syncml::Item& item, std::string_view format) {
  return item.data ? DecodedData(item.data->octets, item.data->form, format) : std::string();
}

}  // namespace drover::session
