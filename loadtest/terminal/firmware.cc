#include "loadtest/terminal/firmware.h"

#include <algorithm>

namespace drover::terminal {
namespace {

constexpr int kAccepted = 202;
constexpr int kForbidden = 403;
constexpr int kResultSuccess = 200;
constexpr int kResultMalformedUrl = 411;

FirmwareState StateOf(const ManagementTree& tree, const std::string& object) {
  const std::string text = tree.Value(object + "/State");
  return text.empty() ? FirmwareState::kIdle : static_cast<FirmwareState>(std::atoi(text.c_str()));
}

void SetState(ManagementTree& tree, const std::string& object, FirmwareState state) {
  tree.SetValue(object + "/State", std::to_string(static_cast<int>(state)));
}

bool UnderWay(FirmwareState state) {
  return state == FirmwareState::kDownloadProgressing ||
         state == FirmwareState::kDownloadComplete || state == FirmwareState::kUpdateProgressing;
}

std::string VersionIn(std::string_view url) {
  std::string_view file = url.substr(url.rfind('/') + 1);
  file = file.substr(0, file.find_first_of("?#"));
  file = file.substr(0, file.rfind('.'));
  const size_t dash = file.rfind('-');
  return std::string(dash == std::string_view::npos ? file : file.substr(dash + 1));
}

}  // namespace

std::string FirmwareReport::AlertType() const {
  std::string lower = operation;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return "org.openmobilealliance.dm.firmwareupdate." + lower;
}

std::optional<FirmwareUpdate> FirmwareOperation(const ManagementTree& tree, std::string_view path) {
  const std::string_view name = NameOf(path);
  if (name != "Download" && name != "Update" && name != "DownloadAndUpdate") return std::nullopt;
  const std::optional<NodeNow> object = tree.Find(ParentOf(path));
  if (!object || !object->node->type.starts_with("urn:oma:mo:oma-fumo:")) return std::nullopt;
  FirmwareUpdate update;
  update.object = ParentOf(path);
  update.operation = name;
  return update;
}

int BeginFirmwareUpdate(ManagementTree& tree, const FirmwareUpdate& update) {
  const FirmwareState state = StateOf(tree, update.object);
  if (UnderWay(state)) return kForbidden;
  if (update.operation == "Update") {
    if (state != FirmwareState::kReadyToUpdate) return kForbidden;
    SetState(tree, update.object, FirmwareState::kUpdateProgressing);
  } else {
    SetState(tree, update.object, FirmwareState::kDownloadProgressing);
  }
  return kAccepted;
}

FirmwareReport FinishFirmwareUpdate(ManagementTree& tree, const FirmwareUpdate& update) {
  FirmwareReport report;
  report.object = update.object;
  report.operation = update.operation;
  report.correlator = update.correlator;
  report.result = kResultSuccess;
  if (update.operation == "Update") {
    SetState(tree, update.object, FirmwareState::kUpdateSuccessfulHaveData);
    return report;
  }
  const std::string url = tree.Value(update.object + "/" + update.operation + "/PkgURL");
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    SetState(tree, update.object, FirmwareState::kDownloadFailed);
    report.result = kResultMalformedUrl;
    return report;
  }
  if (update.operation == "Download") {
    SetState(tree, update.object, FirmwareState::kReadyToUpdate);
    return report;
  }
  SetState(tree, update.object, FirmwareState::kUpdateSuccessfulNoData);
  tree.SetValue("DevDetail/FwV", VersionIn(url));
  return report;
}

}  // namespace drover::terminal
