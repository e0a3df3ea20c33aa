#include "libs/dmtree/facts.h"

namespace drover::dmtree {
namespace {

struct Row {
  std::string_view name;
  std::string_view uri;
};

// In the order of Fact.
constexpr std::array<Row, kFacts.size()> kRows = {{
    {"manufacturer", "./DevInfo/Man"},
    {"model", "./DevInfo/Mod"},
    {"firmware_version", "./DevDetail/FwV"},
    {"software_version", "./DevDetail/SwV"},
    {"hardware_version", "./DevDetail/HwV"},
    {"language", "./DevInfo/Lang"},
    {"dm_version", "./DevInfo/DmV"},
}};

const Row& RowOf(Fact fact) { return kRows[static_cast<size_t>(fact)]; }

}  // namespace

std::string_view Name(Fact fact) { return RowOf(fact).name; }
std::string_view UriOf(Fact fact) { return RowOf(fact).uri; }

std::optional<Fact> FactNamed(std::string_view name) {
  for (const Fact fact : kFacts) {
    if (Name(fact) == name) return fact;
  }
  return std::nullopt;
}

std::optional<Fact> FactAt(std::string_view uri) {
  if (!uri.starts_with("./Dev")) return std::nullopt;
  for (const Fact fact : kFacts) {
    if (UriOf(fact) == uri) return fact;
  }
  return std::nullopt;
}

}  // namespace drover::dmtree
