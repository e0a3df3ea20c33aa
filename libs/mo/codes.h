// What the codes and states of management objects mean, as tables.
//
// Spec: OMA-TS-DM-FUMO-V1_0, "Result codes", "State"; OMA-TS-DM-SCOMO-V1_0, OMA-TS-LAWMO-V1_0,
// OMA-TS-DCMO-V1_0, OMA-TS-DiagMonFunctions: "Result codes". The codes of DCMO and DiagMon are
// those that SCOMO and LAWMO share.
#pragma once
#include <optional>
#include <string_view>

#include "libs/mo/objects.h"

namespace drover::mo {

// A result that a generic alert, or the Status of an Exec, reported. words is empty for a code that
// no table has.
v1::Outcome::Result ResultOf(Object object, uint32_t code);

// The result in the Data of a generic alert: a decimal number, or <ResultCode>1200</ResultCode>
// inside XML.
std::optional<uint32_t> ResultCodeIn(std::string_view data);

// A Status of SyncML, for what operators see of objects: "404 not found".
std::string_view StatusWords(uint32_t status);

// Leaves whose numbers are names.
enum class Enumeration : uint8_t {
  kFumoState,
  kScomoDownloadStatus,
  kScomoDeliveredStatus,
  kScomoDeliveredState,
  kScomoDeployedState,
  kScomoDeployedStatus,
  kLawmoState,
};
// Empty: it has no such number.
std::string_view WordsOf(Enumeration enumeration, std::string_view number);

// The enumeration of a node, by its place in its object: ".../Inventory/Deployed/x/State". nullopt:
// it is none.
std::optional<Enumeration> EnumerationAt(Object object, std::string_view uri);

}  // namespace drover::mo
