// The firmware update management object: its State, its operations and their results.
//
// Spec: OMA-TS-DM-FUMO-V1_0: "State", "Exec command", "Result codes", "Generic alert".
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "loadtest/terminal/mo_objects.h"

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

// The kind: "urn:oma:mo:oma-fumo:".
//
// Download, DownloadAndUpdate: the new version is what follows the last '-' of the package URL's
// file name, without its suffix ("pkg-7.dd" brings version 7); a URL that is not http(s) fails with
// 411; one whose query has result=NNN ends with that result. Update after a Replace of PkgData: the
// new version is PkgVersion, or the package's first line if that is a short text, or else its
// digest.
const ObjectKind& Fumo();

// Every result code that the object knows as a failure.
std::span<const int> FirmwareFailures();

// result=NNN in the query of a package's URL; 0: it asks for none.
int ResultInUrl(std::string_view url);
// The version that a package brings, as its URL says it.
std::string VersionInUrl(std::string_view url);
bool IsHttpUrl(std::string_view url);

// The alert by which a terminal, or its user, asks for an update.
ClientAlert FirmwareRequest(const ModelSpec& spec, bool by_user);

}  // namespace drover::terminal
