#include "libs/mo/plan.h"

#include "libs/dmtree/device_id.h"
#include "libs/mo/commands.h"

namespace drover::mo {
namespace {

// Wipe and factory reset: the operator has typed this very terminal's id.
Result<void> CheckConfirmed(const v1::Action& action, const Place& place) {
  if (!action.has_lawmo_wipe()) return {};
  const std::string what = NameOf(action);
  if (action.confirmed_device_id().empty()) {
    return FailedPrecondition("action.confirmed_device_id: " + what +
                              " destroys data: confirm it with the id of the terminal, " +
                              place.device_id);
  }
  const Result<DeviceId> confirmed = dmtree::NormaliseDeviceId(action.confirmed_device_id());
  if (!confirmed || confirmed->value() != place.device_id) {
    return FailedPrecondition("action.confirmed_device_id: " + what + " was confirmed for " +
                              action.confirmed_device_id() + ", not for " + place.device_id);
  }
  return {};
}

Result<Plan> Planned(const v1::Action& action, const Place& place) {
  switch (action.what_case()) {
    case v1::Action::kFumoUpdate:
    case v1::Action::kFumoDownload:
    case v1::Action::kFumoInstall:
    case v1::Action::kFumoStatus:
      return PlanFumo(action, place);
    case v1::Action::kScomoInventory:
    case v1::Action::kScomoInstall:
    case v1::Action::kScomoRemove:
    case v1::Action::kScomoActivate:
    case v1::Action::kScomoDeactivate:
      return PlanScomo(action, place);
    case v1::Action::kLawmoLock:
    case v1::Action::kLawmoUnlock:
    case v1::Action::kLawmoWipe:
    case v1::Action::kLawmoStatus:
      return PlanLawmo(action, place);
    case v1::Action::kDcmoList:
    case v1::Action::kDcmoSet:
      return PlanDcmo(action, place);
    case v1::Action::kDiagStart:
    case v1::Action::kDiagStop:
    case v1::Action::kDiagData:
    case v1::Action::kDiagTrap:
    case v1::Action::kDiagTrapList:
      return PlanDiag(action, place);
    case v1::Action::kAccountSet:
    case v1::Action::kAccountGet:
    case v1::Action::kAccountDelete:
      return PlanAccount(action, place);
    case v1::Action::kParamsGet:
      return PlanParams(action, place);
    case v1::Action::kRotateCredentials:
      return PlanRotation(action, place);
    case v1::Action::kAclGet:
    case v1::Action::kAclSet:
      return PlanAcl(action);
    case v1::Action::kDiscoverTree:
      return PlanDiscovery(action);
    case v1::Action::kAskUser:
      return PlanPrompt(action);
    case v1::Action::WHAT_NOT_SET:
      break;
  }
  return InvalidArgument("action: says nothing; set one of its kinds");
}

}  // namespace

bool IsOptional(std::string_view step) { return step.starts_with("optional"); }

Result<Plan> PlanOf(const v1::Action& action, const Place& place) {
  DROVER_TRY(CheckConfirmed(action, place));
  DROVER_TRY(Plan plan, Planned(action, place));
  AskFirst(action, plan);
  for (const Step& step : plan) {
    if (step.commands.size() <= kMaxCommands) continue;
    return InvalidArgument("action: takes " + std::to_string(step.commands.size()) +
                           " commands in one operation; at most 64 are possible");
  }
  return plan;
}

std::vector<v1::NewOperation> OperationsOf(const Plan& plan, const v1::Action& action,
                                           const Place& place, const v1::NewOperation& base,
                                           size_t first_index) {
  std::vector<v1::NewOperation> operations;
  for (const Step& step : plan) {
    v1::NewOperation& operation = operations.emplace_back(base);
    operation.set_device_id(place.device_id);
    operation.set_action(NameOf(action) + "/" + step.name);
    operation.mutable_commands()->Assign(step.commands.begin(), step.commands.end());
    for (const size_t before : step.after) {
      operation.add_depends_on("#" + std::to_string(first_index + before));
    }
  }
  return operations;
}

}  // namespace drover::mo
