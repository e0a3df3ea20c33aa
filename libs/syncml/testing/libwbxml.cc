#include "libs/syncml/testing/libwbxml.h"

#include <cstdlib>

#include <wbxml/wbxml.h>

namespace drover::syncml::testing {
namespace {

Conversion Take(WBXMLError error, WB_UTINY* octets, WB_ULONG size) {
  Conversion result;
  result.ok = error == WBXML_OK;
  if (octets != nullptr) result.octets.assign(reinterpret_cast<const char*>(octets), size);
  if (!result.ok) result.error = reinterpret_cast<const char*>(wbxml_errors_string(error));
  std::free(octets);
  return result;
}

// The API takes its input as something to write to, though it does not.
WB_UTINY* Octets(std::string_view text) {
  return reinterpret_cast<WB_UTINY*>(const_cast<char*>(text.data()));
}

}  // namespace

Conversion LibwbxmlToXml(std::string_view wbxml) {
  WBXMLConvWBXML2XML* converter = nullptr;
  if (wbxml_conv_wbxml2xml_create(&converter) != WBXML_OK) return {};
  wbxml_conv_wbxml2xml_set_gen_type(converter, WBXML_GEN_XML_COMPACT);
  wbxml_conv_wbxml2xml_enable_preserve_whitespaces(converter);
  WB_UTINY* xml = nullptr;
  WB_ULONG size = 0;
  const WBXMLError error = wbxml_conv_wbxml2xml_run(
      converter, Octets(wbxml), static_cast<WB_ULONG>(wbxml.size()), &xml, &size);
  wbxml_conv_wbxml2xml_destroy(converter);
  return Take(error, xml, size);
}

Conversion LibwbxmlToWbxml(std::string_view xml, bool string_table) {
  WBXMLConvXML2WBXML* converter = nullptr;
  if (wbxml_conv_xml2wbxml_create(&converter) != WBXML_OK) return {};
  wbxml_conv_xml2wbxml_set_version(converter, WBXML_VERSION_12);
  wbxml_conv_xml2wbxml_enable_preserve_whitespaces(converter);
  if (!string_table) wbxml_conv_xml2wbxml_disable_string_table(converter);
  WB_UTINY* wbxml = nullptr;
  WB_ULONG size = 0;
  const WBXMLError error = wbxml_conv_xml2wbxml_run(
      converter, Octets(xml), static_cast<WB_ULONG>(xml.size()), &wbxml, &size);
  wbxml_conv_xml2wbxml_destroy(converter);
  return Take(error, wbxml, size);
}

}  // namespace drover::syncml::testing
