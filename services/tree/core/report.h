// What a terminal reported, and what of it there is to write.
//
// A node's newer report wins. A value that was read again unchanged is written at most once an
// hour, only to move its time; core/open_tree.h decides that node by node. Here is decided what
// happens to the terminal's own row: its facts and when it was seen.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "libs/base/result.h"
#include "services/tree/core/model.h"

namespace drover::tree {

constexpr size_t kMaxReportNodes = 20'000;
constexpr size_t kMaxValueOctets = 4U << 20;
constexpr size_t kMaxTypeOctets = 255;
constexpr size_t kMaxAclOctets = 4096;
constexpr std::chrono::minutes kSeenInterval{5};  // seen_at is that coarse: it saves a write.

struct Report {
  DeviceId device;
  std::vector<Node> nodes;
  std::vector<std::string> deleted;  // With all below; removed before nodes are written.
};

// The device is not looked at. kInvalidArgument: names the URI and what is wrong with it.
Result<void> CheckReport(const Report& report);

// Brings a checked report into the form that is written: no time is 0 or after now (then it is
// now), one node a URI (the newest; of equals the last; what is said without a value, or of the ACL
// only, adds to what was said before), nodes and deletions in the order of their URIs.
void Normalise(Report& report, TimePoint now);

// Facts that the report changes or deletes need what is stored to be read first.
std::vector<Fact> FactsTouched(const Report& report);

// A terminal as it is stored, with the times of its fact nodes.
struct KnownDevice {
  Device device;
  std::array<std::optional<TimePoint>, kFactCount> fact_times;
};

struct DeviceChange {
  bool seen = false;          // Write seen_at = now.
  bool facts_differ = false;  // Write facts, and tell of it.
  Facts facts;
};
DeviceChange ChangeOf(const KnownDevice& known, const Report& report, TimePoint now);

}  // namespace drover::tree
