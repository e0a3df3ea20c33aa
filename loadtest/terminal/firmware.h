// The firmware update management object of a terminal: its State, and what an Exec sets going.
//
// Spec: OMA-TS-DM-FUMO-V1_0: "State", "Exec command", "Generic alert".
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/clock.h"
#include "loadtest/terminal/tree.h"

namespace drover::terminal {

enum class FirmwareState : int {
  kIdle = 10,
  kDownloadFailed = 20,
  kDownloadProgressing = 30,
  kDownloadComplete = 40,
  kReadyToUpdate = 50,
  kUpdateProgressing = 60,
  kUpdateFailedHaveData = 70,
  kUpdateFailedNoData = 80,
  kUpdateSuccessfulHaveData = 90,
  kUpdateSuccessfulNoData = 100,
};

// An update that an Exec began and that has not come to its end.
struct FirmwareUpdate {
  std::string object;      // Path of the FUMO node: "FUMO/P1".
  std::string operation;   // "Download", "Update", "DownloadAndUpdate"
  std::string correlator;  // Empty: none was given.
  TimePoint due;           // When the terminal will be done with it.
};

// What became of it, for generic alert 1226.
struct FirmwareReport {
  std::string object;
  std::string operation;
  std::string correlator;
  int result = 200;
  std::string AlertType() const;  // "org.openmobilealliance.dm.firmwareupdate.downloadandupdate"
};

// Whether the path names an operation of a FUMO object in this tree.
std::optional<FirmwareUpdate> FirmwareOperation(const ManagementTree& tree, std::string_view path);

// 202 and State moves on, or the status code of the refusal (403: another is under way).
int BeginFirmwareUpdate(ManagementTree& tree, const FirmwareUpdate& update);

// Downloads and installs: State and DevDetail/FwV change. The new version is what follows the last
// '-' of the package URL's file name, without its suffix ("pkg-7.dd" brings version 7); a URL that
// is not http(s) fails with 411.
FirmwareReport FinishFirmwareUpdate(ManagementTree& tree, const FirmwareUpdate& update);

}  // namespace drover::terminal
