#include "loadtest/radio/costs.h"

#include <cstring>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

#include "libs/base/check.h"
#include "libs/dispatch/scheduler.h"

namespace drover::radio {
namespace {

using namespace dispatch;  // NOLINT(google-build-using-namespace): it is all about it.

constexpr TimePoint kNow{std::chrono::seconds(1'800'000'000)};
constexpr uint8_t kSegments = 4;
const std::string kPayload(100, 'p');

double CpuNs() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

double ResidentOctets() {
  std::ifstream statm("/proc/self/statm");
  double size = 0, resident = 0;
  statm >> size >> resident;
  return resident * 4096;
}

Options TwoSmscs() {
  Options options;
  options.t_group_notification = std::chrono::hours(24);
  options.smscs.push_back({.name = "up"});
  options.smscs.push_back({.name = "down"});
  return options;
}

GroupId Admit(Scheduler& scheduler, uint64_t number, uint64_t smscs, Effects& out) {
  const std::string destination = std::to_string(8'613'800'000'000 + number);
  Job job;
  std::memcpy(job.id.data(), &number, sizeof number);
  job.originator = "10654040";
  job.destination = destination;
  job.smscs = smscs;
  job.segments = kSegments;
  job.payload = kPayload;
  const Result<GroupId> group = scheduler.Admit(job, kNow, out);
  DROVER_CHECK(group.has_value());
  return *group;
}

}  // namespace

MemoryFigures MeasureMemory(size_t groups) {
  const double before = ResidentOctets();
  const std::unique_ptr<Scheduler> scheduler = MakeScheduler(TwoSmscs());
  Effects out;
  for (size_t i = 0; i < groups; ++i) {
    Admit(*scheduler, i, 2, out);
    out.Clear();
  }
  const auto count = static_cast<double>(groups);
  return {static_cast<double>(scheduler->counters().octets) / count,
          (ResidentOctets() - before) / count};
}

CpuFigures MeasureCpu(size_t groups, size_t waiting) {
  const std::unique_ptr<Scheduler> scheduler = MakeScheduler(TwoSmscs());
  Effects out;
  for (size_t i = 0; i < waiting; ++i) {
    Admit(*scheduler, groups + i, 2, out);
    out.Clear();
  }
  const auto segments = static_cast<double>(groups * kSegments);
  CpuFigures figures;
  double start = CpuNs();
  for (size_t i = 0; i < groups; ++i) {
    Admit(*scheduler, i, 1, out);
    figures.journal_octets += static_cast<double>(out.journal.size()) / segments;
    out.Clear();
  }
  figures.admit_ns = (CpuNs() - start) / static_cast<double>(groups);

  std::vector<Send> sends;
  const auto take = [&] {
    for (const Effect& effect : out.effects) {
      if (const Send* send = std::get_if<Send>(&effect.what)) sends.push_back(*send);
    }
    figures.journal_octets += static_cast<double>(out.journal.size()) / segments;
    out.Clear();
  };
  start = CpuNs();
  scheduler->BindUp(1, 0, 100, kNow, out);
  take();
  uint64_t message = 0;
  std::string id = "0000000000";
  while (!sends.empty()) {
    const Send send = sends.back();
    sends.pop_back();
    std::memcpy(id.data(), &++message, sizeof message);
    scheduler->Accepted(send.ticket, {.id = id}, kNow, out);
    take();
  }
  DROVER_CHECK(message == groups * kSegments);
  figures.dispatch_ns = (CpuNs() - start) / segments;

  start = CpuNs();
  for (uint64_t i = 1; i <= message; ++i) {
    std::memcpy(id.data(), &i, sizeof i);
    scheduler->Receipt(0, id, {.arrival = Arrival::kDelivered}, kNow, out);
    take();
  }
  figures.receipt_ns = (CpuNs() - start) / segments;
  DROVER_CHECK(scheduler->counters().ended[0] == groups);
  return figures;
}

}  // namespace drover::radio
