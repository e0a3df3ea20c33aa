#include "loadtest/gateway/work.h"

#include <algorithm>

#include "libs/gateway/message_xml.h"

namespace drover::gwsim {

std::string_view Name(StepKind kind) {
  constexpr std::string_view kNames[] = {"config", "file", "reboot"};
  return kNames[static_cast<size_t>(kind)];
}

std::vector<WorkStep> StepsOf(const gateway::Response& response) {
  std::vector<WorkStep> steps;
  if (response.status != gateway::Status::kSuccess) return steps;
  if (!response.params.empty()) steps.push_back({StepKind::kParams});
  bool reboot = response.reboot.value_or(false);
  for (const gateway::File& file : response.files) {
    steps.push_back({StepKind::kFile, &file});
    reboot = reboot || file.type == gateway::FileType::kVersion;
  }
  if (reboot) steps.push_back({StepKind::kReboot});
  return steps;
}

uint64_t ContentHash(const gateway::Response& response) {
  gateway::Response content = response;
  content.header = {};
  content.interval_seconds.reset();
  std::string xml;
  gateway::Write(content, xml);
  return std::hash<std::string>{}(xml) | 1;
}

void WorkLedger::Add(Execution execution) {
  execution.number = ++last_;
  if (execution.good) {
    uint64_t* const kinds[] = {&counts.params, &counts.files, &counts.reboots};
    ++*kinds[static_cast<size_t>(execution.kind)];
  } else {
    ++counts.failed;
  }
  if (kept_.size() >= keep_ && !kept_.empty()) kept_.pop_front();
  kept_.push_back(std::move(execution));
  if (told_) told_(kept_.back());
}

std::vector<const Execution*> WorkLedger::After(uint64_t after, size_t limit) const {
  std::vector<const Execution*> found;
  if (kept_.empty() || last_ <= after) return found;
  const uint64_t first = kept_.front().number;
  for (size_t i = after < first ? 0 : after - first + 1; i < kept_.size(); ++i) {
    if (found.size() >= limit) break;
    found.push_back(&kept_[i]);
  }
  return found;
}

std::vector<const Execution*> WorkLedger::Of(uint32_t gateway) const {
  std::vector<const Execution*> found;
  for (const Execution& execution : kept_) {
    if (execution.gateway == gateway) found.push_back(&execution);
  }
  return found;
}

}  // namespace drover::gwsim
