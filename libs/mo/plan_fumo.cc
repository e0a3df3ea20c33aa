// Firmware update. Spec: OMA-TS-DM-FUMO-V1_0, "Management object", "Exec command".
#include "libs/mo/commands.h"

namespace drover::mo {
namespace {

constexpr char kFirmwareVersion[] = "./DevDetail/FwV";
constexpr char kPackageType[] = "application/octet-stream";

void AddVerification(const std::string& version, Plan& plan) {
  if (version.empty()) return;
  v1::Command get = Get(kFirmwareVersion);
  get.set_has_expected(true);
  get.set_expected(version);
  plan.push_back({.name = "verify", .commands = {std::move(get)}, .after = {plan.size() - 1}});
}

void AddExec(const std::string& name, std::string uri, Plan& plan) {
  Step step{.name = name, .commands = {Exec(std::move(uri))}};
  if (!plan.empty()) step.after = {plan.size() - 1};
  plan.push_back(std::move(step));
}

// The package's name, version and URL, taken by the terminal before anything is executed on them.
Result<Step> Prepare(const std::string& root, const v1::FumoUpdate& update,
                     std::string_view operation) {
  if (update.url().empty()) return InvalidArgument("action.fumo_update.url: is missing");
  Step step{.name = "prepare"};
  if (!update.package_name().empty()) {
    step.commands.push_back(Replace(Join(root, "PkgName"), update.package_name()));
  }
  if (!update.package_version().empty()) {
    step.commands.push_back(Replace(Join(root, "PkgVersion"), update.package_version()));
  }
  step.commands.push_back(Replace(Join(Join(root, operation), "PkgURL"), update.url()));
  return step;
}

Result<Step> Push(const std::string& root, const v1::FumoUpdate& update) {
  if (update.package().empty()) return InvalidArgument("action.fumo_update.package: is missing");
  if (!update.url().empty()) {
    return InvalidArgument("action.fumo_update.url: a package that is pushed has none");
  }
  Step step{.name = "push"};
  if (!update.package_name().empty()) {
    step.commands.push_back(Replace(Join(root, "PkgName"), update.package_name()));
  }
  if (!update.package_version().empty()) {
    step.commands.push_back(Replace(Join(root, "PkgVersion"), update.package_version()));
  }
  step.commands.push_back(
      ReplaceObject(Join(root, "Update/PkgData"), update.package(), kPackageType));
  return step;
}

Result<Plan> PlanUpdate(const std::string& root, const v1::FumoUpdate& update) {
  Plan plan;
  switch (update.method()) {
    case v1::FumoUpdate::DOWNLOAD_AND_UPDATE: {
      DROVER_TRY(Step prepare, Prepare(root, update, "DownloadAndUpdate"));
      plan.push_back(std::move(prepare));
      AddExec("update", Join(root, "DownloadAndUpdate"), plan);
      break;
    }
    case v1::FumoUpdate::DOWNLOAD_THEN_UPDATE: {
      DROVER_TRY(Step prepare, Prepare(root, update, "Download"));
      plan.push_back(std::move(prepare));
      AddExec("download", Join(root, "Download"), plan);
      AddExec("install", Join(root, "Update"), plan);
      break;
    }
    case v1::FumoUpdate::PUSH: {
      DROVER_TRY(Step push, Push(root, update));
      plan.push_back(std::move(push));
      AddExec("install", Join(root, "Update"), plan);
      break;
    }
    default:
      return InvalidArgument("action.fumo_update.method: is none of those known");
  }
  AddVerification(update.expect_version(), plan);
  return plan;
}

// PkgName and PkgVersion need not be there: they are read apart unless the tree has them.
Plan PlanStatus(const std::string& root, const KnownTree& tree) {
  Plan plan{{.name = "read", .commands = {Get(Join(root, "State")), Get(kFirmwareVersion)}}};
  std::vector<std::string> unknown;
  for (const char* leaf : {"PkgName", "PkgVersion"}) {
    const std::string uri = Join(root, leaf);
    if (tree.Has(uri)) {
      plan.front().commands.push_back(Get(uri));
    } else {
      unknown.push_back(uri);
    }
  }
  if (!tree.Has(root)) AddGets("optional", unknown, plan);
  return plan;
}

}  // namespace

Result<Plan> PlanFumo(const v1::Action& action, const Place& place) {
  DROVER_TRY(const std::string root, RootOf(action, place, Object::kFumo));
  if (action.has_fumo_update()) return PlanUpdate(root, action.fumo_update());
  if (action.has_fumo_status()) return PlanStatus(root, place.tree);
  Plan plan;
  if (action.has_fumo_download()) {
    v1::FumoUpdate update;
    update.set_url(action.fumo_download().url());
    DROVER_TRY(Step prepare, Prepare(root, update, "Download"));
    plan.push_back(std::move(prepare));
    AddExec("download", Join(root, "Download"), plan);
    return plan;
  }
  AddExec("install", Join(root, "Update"), plan);
  AddVerification(action.fumo_install().expect_version(), plan);
  return plan;
}

}  // namespace drover::mo
