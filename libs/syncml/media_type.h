// Content-Type of DM messages over HTTP: what terminals send and what they are to be answered.
//
// OMA-TS-DM_Protocol-V1_2 names application/vnd.syncml.dm+xml and +wbxml; real terminals also send
// the data-synchronisation types, parameters, other cases, a wrong or no subtype.
#pragma once
#include <optional>
#include <string_view>

#include "libs/syncml/document.h"

namespace drover::syncml {

struct MediaType {
  Encoding encoding;
  std::string_view reply;  // The Content-Type to answer with: a static string, no parameters.
};

// content_type: the header's value, empty if missing. body: its first octets decide when the type
// is missing or generic (application/octet-stream, text/xml, application/xml, */*), and correct a
// +xml that is WBXML or the reverse. nullopt: not a DM message, or a charset other than UTF-8: HTTP
// 415.
std::optional<MediaType> ResolveMediaType(std::string_view content_type, std::string_view body);

}  // namespace drover::syncml
