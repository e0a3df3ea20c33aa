#include "libs/smpp/message_id.h"

#include <array>
#include <charconv>

namespace drover::smpp {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"exact", "hex_resp_dec_dlr", "dec_resp_hex_dlr",
                                                    "strip_zeros", "casefold"};

std::string_view WithoutZeros(std::string_view id) {
  const size_t first = id.find_first_not_of('0');
  if (first != std::string_view::npos) return id.substr(first);
  return id.empty() ? id : id.substr(id.size() - 1);
}

void AppendLower(std::string_view id, bool dashes, std::string& out) {
  for (const char c : id) {
    if (c == '-' && !dashes) continue;
    out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
  }
}

// In decimal.
void AppendNumber(std::string_view id, int base, std::string& out) {
  uint64_t value = 0;
  const char* const end = id.data() + id.size();
  const auto [stop, error] = std::from_chars(id.data(), end, value, base);
  if (error != std::errc() || stop != end || id.empty()) return AppendLower(id, true, out);
  std::array<char, 20> digits;
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
}

}  // namespace

std::string_view Name(IdMap map) { return kNames.at(static_cast<size_t>(map)); }

std::optional<IdMap> ParseIdMap(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames.at(i) == name) return static_cast<IdMap>(i);
  }
  return std::nullopt;
}

void AppendIdKey(IdMap map, IdSource source, std::string_view id, std::string& out) {
  const bool response = source == IdSource::kResponse;
  switch (map) {
    case IdMap::kExact:
      out.append(id);
      return;
    case IdMap::kHexRespDecDlr:
      return AppendNumber(id, response ? 16 : 10, out);
    case IdMap::kDecRespHexDlr:
      return AppendNumber(id, response ? 10 : 16, out);
    case IdMap::kStripZeros:
      out.append(WithoutZeros(id));
      return;
    case IdMap::kCasefold:
      return AppendLower(id, false, out);
  }
}

std::string IdKey(IdMap map, IdSource source, std::string_view id) {
  std::string key;
  AppendIdKey(map, source, id, key);
  return key;
}

}  // namespace drover::smpp
