// libwbxml, an independent codec, in process: the judge of ours and the yardstick of its speed.
#pragma once
#include <string>
#include <string_view>

namespace drover::syncml::testing {

struct Conversion {
  bool ok = false;
  std::string octets;
  std::string error;  // libwbxml's own words.
};

Conversion LibwbxmlToXml(std::string_view wbxml);
// WBXML 1.2; white space around texts kept; texts inline or, as libwbxml does unless told
// otherwise, in a string table.
Conversion LibwbxmlToWbxml(std::string_view xml, bool string_table = false);

}  // namespace drover::syncml::testing
