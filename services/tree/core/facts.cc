#include "services/tree/core/facts.h"

#include "services/tree/core/text.h"

namespace drover::tree {
namespace {

struct Row {
  std::string_view uri;
  std::string_view name;
};

// In the order of Fact.
constexpr std::array<Row, kFactCount> kRows{{
    {"./DevInfo/Man", "manufacturer"},
    {"./DevInfo/Mod", "model"},
    {"./DevDetail/FwV", "firmware_version"},
    {"./DevDetail/SwV", "software_version"},
    {"./DevDetail/HwV", "hardware_version"},
    {"./DevInfo/Lang", "language"},
    {"./DevInfo/DmV", "dm_version"},
}};

}  // namespace

std::optional<Fact> FactAt(std::string_view uri) {
  if (!uri.starts_with("./Dev")) return std::nullopt;  // Nearly all others end here.
  for (size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].uri == uri) return static_cast<Fact>(i);
  }
  return std::nullopt;
}

std::string_view UriOf(Fact fact) { return kRows[static_cast<size_t>(fact)].uri; }
std::string_view NameOf(Fact fact) { return kRows[static_cast<size_t>(fact)].name; }

std::optional<std::string> FactText(std::string_view value) {
  if (!IsPlainText(value)) return std::nullopt;
  return std::string(CutUtf8(value, kMaxFactOctets));
}

}  // namespace drover::tree
