// Matches the message_id of a response with that of a receipt, which many SMSCs write differently.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace drover::smpp {

enum class IdMap : uint8_t {
  kExact,
  kHexRespDecDlr,  // Hexadecimal in the response, decimal (often padded with zeros) in receipts.
  kDecRespHexDlr,  // The other way.
  kStripZeros,     // Leading zeros differ.
  kCasefold,       // Letters' case and dashes differ.
};
std::string_view Name(IdMap map);  // "hex_resp_dec_dlr"
std::optional<IdMap> ParseIdMap(std::string_view name);

enum class IdSource : uint8_t { kResponse, kReceipt };

// Appends the form in which ids from both sources are equal if they name the same message. A number
// that does not fit into 64 bits, or is none, is taken as it is but for the case of its letters.
void AppendIdKey(IdMap map, IdSource source, std::string_view id, std::string& out);
std::string IdKey(IdMap map, IdSource source, std::string_view id);

}  // namespace drover::smpp
