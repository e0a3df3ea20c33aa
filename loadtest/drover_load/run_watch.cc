#include "loadtest/drover_load/run_watch.h"

#include <filesystem>
#include <fstream>
#include <thread>

#include <sys/utsname.h>
#include <unistd.h>

namespace drover::load {
namespace {

std::string CpuModel() {
  std::ifstream file("/proc/cpuinfo");
  std::string line;
  while (std::getline(file, line)) {
    const size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "";
}

}  // namespace

Result<std::unique_ptr<watch::Watch>> BeginWatch(const RunOptions& options,
                                                 const Endpoints& endpoints,
                                                 std::chrono::steady_clock::time_point start) {
  watch::Targets targets;
  const auto folder = std::filesystem::path(endpoints.context).parent_path();
  if (!endpoints.context.empty() && std::filesystem::exists(folder / "cluster.json")) {
    Result<watch::Targets> found = watch::TargetsOfCluster(folder);
    if (found) targets = std::move(*found);
  }
  for (const std::string& text : options.watch) {
    DROVER_TRY(watch::ProcessTarget target, watch::ParseTarget(text));
    targets.processes.push_back(std::move(target));
  }
  return std::make_unique<watch::Watch>(std::move(targets), start);
}

report::Machine ThisMachine() {
  report::Machine machine;
  machine.cpu_model = CpuModel();
  machine.cores = std::thread::hardware_concurrency();
  machine.memory_bytes = static_cast<uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
                         static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  utsname system{};
  if (::uname(&system) == 0) machine.kernel = std::string(system.sysname) + " " + system.release;
  return machine;
}

}  // namespace drover::load
