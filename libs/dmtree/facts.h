// Facts: the nodes that are worth a column of their own, to list and select terminals by.
//
// Spec: OMA-TS-DM_StdObj-V1_2, "DevInfo" and "DevDetail".
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace drover::dmtree {

enum class Fact : uint8_t {
  kManufacturer,
  kModel,
  kFirmwareVersion,
  kSoftwareVersion,
  kHardwareVersion,
  kLanguage,
  kDmVersion,
};

inline constexpr std::array kFacts = {
    Fact::kManufacturer,    Fact::kModel,    Fact::kFirmwareVersion, Fact::kSoftwareVersion,
    Fact::kHardwareVersion, Fact::kLanguage, Fact::kDmVersion,
};

// "manufacturer", "firmware_version": the field of Device, the column and the selector's key.
std::string_view Name(Fact fact);
std::optional<Fact> FactNamed(std::string_view name);

// "./DevInfo/Man"
std::string_view UriOf(Fact fact);
// uri: LocUri::path().
std::optional<Fact> FactAt(std::string_view uri);

}  // namespace drover::dmtree
