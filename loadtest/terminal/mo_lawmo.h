// The lock and wipe management object.
//
// Spec: OMA-TS-LAWMO-V1_0: "State", "Operations", "AvailableWipeList", "Result codes".
#pragma once
#include "loadtest/terminal/mo_objects.h"

namespace drover::terminal {

enum class LockState : int { kFullyLocked = 10, kPartiallyLocked = 20, kUnlocked = 30 };

// The kind: "urn:oma:mo:oma-lawmo:".
//
// A wipe empties Personal/<ListItemName> of each item that is ToBeWiped. A FactoryReset waits until
// the terminal is in no session, then makes the tree the model's again, but for DevDetail/FwV,
// which says what runs, and the DM accounts, without which it would be lost; it is refused (403)
// while anything else is under way.
const ObjectKind& Lawmo();

std::span<const int> LockFailures(std::string_view operation);

}  // namespace drover::terminal
