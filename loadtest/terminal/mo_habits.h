// Where a model of terminal has its management objects, and what is its own about them.
//
// Paths are from the root without "./"; an empty path: the model has no such object.
#pragma once
#include <cstdint>
#include <string_view>

namespace drover::terminal {

// How an Exec is answered.
enum class Answering : uint8_t {
  kLater,   // 202, and generic alert 1226 when it has ended.
  kAtOnce,  // The Status says how it ended; no alert.
};

struct FumoHabits {
  std::string_view root = "FUMO/P1";  // The node whose Type is the object's id.
  Answering answering = Answering::kLater;
  bool download = true;             // Has Download (with Update).
  bool push = true;                 // Has Update/PkgData.
  bool download_and_update = true;  // Has DownloadAndUpdate.
  // Keeps a downloaded package after DownloadAndUpdate: 70 and 90 instead of 80 and 100.
  bool keeps_package = false;
  uint32_t max_package_octets = 0;  // Of PkgData: more is answered 420. 0: no limit.
};

struct ObjectHabits {
  FumoHabits fumo;
};

}  // namespace drover::terminal
