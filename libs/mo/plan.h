// From an action to the commands that carry it out, in steps. Each step is an operation; one that
// names steps before it is carried out only when those have succeeded, so that nothing is executed
// on values that were not taken.
//
// Spec: OMA-TS-DM-FUMO-V1_0, SCOMO, LAWMO, DCMO, DiagMon: "Exec command"; OMA-TS-DM_StdObj-V1_2,
// "DMAcc". Accounts other than DMAcc follow OMA-WAP-ProvCont: the tables are in accounts.cc.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.h"
#include "libs/mo/known_tree.h"
#include "libs/mo/objects.h"

namespace drover::mo {

// What is known of the terminal that an action is planned for.
struct Place {
  std::string device_id;                             // As the services spell it.
  std::map<Object, std::vector<std::string>> roots;  // Of NeedsOf(action).objects.
  KnownTree tree;  // What is below them, if NeedsOf(action).nodes.
};

struct Step {
  // "update", "verify". One that begins with "optional" reads what a terminal need not have.
  std::string name;
  std::vector<v1::Command> commands;  // 1..64
  std::vector<size_t> after;          // Steps before this one in the plan.
};
using Plan = std::vector<Step>;

// Where terminals of DM 1.1.2 have their DM accounts.
inline constexpr std::string_view kDmAccBeforeDm12 = "./SyncML/DMAcc";

inline constexpr size_t kMaxCommands = 64;  // Of one step.
bool IsOptional(std::string_view step);

// kInvalidArgument: names the field of the action. kNotFound: it is not known where the object, or
// what the action names in it, is. kFailedPrecondition: not confirmed; several objects and no root;
// the tree must be read first.
Result<Plan> PlanOf(const v1::Action& action, const Place& place);

// The plan as operations for SubmitOperations: base with device, action and commands; dependencies
// count from first_index, the place of the plan's first operation in its request.
std::vector<v1::NewOperation> OperationsOf(const Plan& plan, const v1::Action& action,
                                           const Place& place, const v1::NewOperation& base,
                                           size_t first_index);

}  // namespace drover::mo
