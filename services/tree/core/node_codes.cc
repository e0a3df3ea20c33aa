#include "services/tree/core/node_codes.h"

#include <array>
#include <span>

namespace drover::tree {
namespace {

constexpr std::array<std::string_view, 12> kFormats = {
    "", "chr", "int", "bool", "node", "bin", "b64", "xml", "null", "float", "date", "time"};

constexpr std::array<std::string_view, 17> kTypes = {
    "",
    "text/plain",
    "application/octet-stream",
    "text/xml",
    "application/xml",
    "application/vnd.syncml.dmtnds+xml",
    "application/vnd.syncml.dmtnds+wbxml",
    "application/vnd.syncml.dmddf1.2",
    "application/vnd.wap.connectivity-wbxml",
    "application/vnd.oma.dd+xml",
    "urn:oma:mo:oma-fumo:1.0",
    "urn:oma:mo:oma-scomo:1.0",
    "urn:oma:mo:oma-dm-dmacc:1.0",
    "urn:oma:mo:oma-dm-devinfo:1.0",
    "urn:oma:mo:oma-dm-devdetail:1.0",
    "urn:oma:mo:oma-connmo:1.0",
    "org.openmobilealliance/1.0/w7",
};

Coded CodeIn(std::span<const std::string_view> table, std::string_view word) {
  if (word.empty()) return {};
  for (size_t i = 1; i < table.size(); ++i) {
    if (table[i] == word) return {static_cast<int16_t>(i), std::nullopt};
  }
  return {kInText, std::string(word)};
}

std::string_view WordIn(std::span<const std::string_view> table, int16_t code) {
  return code > 0 && static_cast<size_t>(code) < table.size() ? table[code] : std::string_view();
}

}  // namespace

Coded CodeOfFormat(std::string_view format) { return CodeIn(kFormats, format); }
Coded CodeOfType(std::string_view type) { return CodeIn(kTypes, type); }
std::string_view FormatOf(int16_t code) { return WordIn(kFormats, code); }
std::string_view TypeOf(int16_t code) { return WordIn(kTypes, code); }

}  // namespace drover::tree
