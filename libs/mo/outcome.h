// What came of an operation that was a step of an action, in words and typed.
//
// Spec: OMA-TS-DM_RepPro-V1_2, "User interaction alerts" and "Generic alert"; the tables of
// codes.h.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "libs/mo/codes.h"

namespace drover::mo {

// "fumo update/verify" taken apart; object: what its result codes are of.
struct ActionStep {
  std::string_view action;
  std::string_view step;
  std::optional<Object> object;
};
ActionStep StepOf(std::string_view action);

// more: values that were read by other operations on its behalf (a walk).
v1::Outcome OutcomeOf(const v1::Operation& operation, std::span<const v1::Value> more = {});

// What the operation's commands were answered with last: of several attempts the newest; by index,
// nullptr for none.
std::vector<const v1::CommandResult*> LastResults(const v1::Operation& operation);

// What to read next where a terminal does not know the list that was asked for, or where a walk
// found children: TNDS, else StructData, else node by node. nullopt: nothing is left.
std::optional<v1::DiscoverTree> NextDiscovery(const v1::Operation& operation);

}  // namespace drover::mo
