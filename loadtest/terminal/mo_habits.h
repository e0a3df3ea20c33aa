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
  bool download = true;             // Has Download.
  bool push = true;                 // Has Update/PkgData.
  bool download_and_update = true;  // Has DownloadAndUpdate.
  // Keeps a downloaded package after DownloadAndUpdate: 70 and 90 instead of 80 and 100.
  bool keeps_package = false;
  uint32_t max_package_octets = 0;  // Of PkgData: more is answered 420. 0: no limit.
};

struct ScomoHabits {
  std::string_view root;
  // Download/1 and Download/2 are there for good, with all their leaves; otherwise the server adds
  // Download/<X> with what it knows, and the terminal the rest.
  bool slots = false;
  bool deactive = false;         // Spells Deactivate so.
  bool bare_result = false;      // Alert data is the integer alone.
  int failed_without_data = 60;  // Delivered/Status of an installation that lost its package.
};

struct LawmoHabits {
  std::string_view root;
  Answering answering = Answering::kLater;
  bool removes_items = false;  // A wipe takes the items off the list too: 1202 instead of 1201.
};

struct DcmoHabits {
  std::string_view root;  // Its children are the capabilities, each with the object's id.
  Answering answering = Answering::kLater;
};

struct DiagMonHabits {
  std::string_view root;  // Its children are the functions, each with the object's id.
  std::string_view id = "urn:oma:mo:oma-diagmon:1.0";
  std::string_view traps;  // Its children are the traps.
};

// Objects without operations: what an operator configures. Each root holds accounts that are there
// for good or were added.
struct AccountHabits {
  std::string_view nap = "NAP";
  std::string_view proxy;
  std::string_view mms;
  std::string_view browser;
  std::string_view mail;
};

struct ObjectHabits {
  FumoHabits fumo;
  ScomoHabits scomo;
  LawmoHabits lawmo;
  DcmoHabits dcmo;
  DiagMonHabits diagmon;
  AccountHabits accounts;
  bool ext = false;  // DevInfo and DevDetail have Ext and Bearer, DevDetail/Ext with leaves.
};

}  // namespace drover::terminal
