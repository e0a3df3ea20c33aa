#include "loadtest/watch/processes.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <fcntl.h>
#include <unistd.h>

#include "loadtest/watch/http_get.h"

namespace drover::watch {
namespace {

using report::Watched;

// A file of /proc, in one read; empty if there is none.
std::string ReadProc(int pid, const std::string& name) {
  const std::string path = "/proc/" + std::to_string(pid) + "/" + name;
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  std::array<char, 8192> content;
  const ssize_t got = ::read(file, content.data(), content.size());
  ::close(file);
  return {content.data(), static_cast<size_t>(std::max<ssize_t>(got, 0))};
}

// The numbers of a line, words that are none being 0.
std::vector<double> Numbers(std::string_view line) {
  std::vector<double> numbers;
  size_t at = 0;
  while ((at = line.find_first_not_of(" \n", at)) != std::string_view::npos) {
    const size_t end = std::min(line.find_first_of(" \n", at), line.size());
    double value = 0;
    std::from_chars(line.data() + at, line.data() + end, value);
    numbers.push_back(value);
    at = end;
  }
  return numbers;
}

// Of one process, in ticks and pages. proc(5): the fields of stat after the name's bracket, from 3.
struct Usage {
  double own_ticks = 0;       // utime, stime
  double children_ticks = 0;  // cutime, cstime: of those that ended and were waited for.
  double private_pages = 0;
  double shared_pages = 0;
};
std::optional<Usage> UsageOf(int pid) {
  const std::string stat = ReadProc(pid, "stat");
  const size_t bracket = stat.rfind(')');
  if (bracket == std::string::npos) return std::nullopt;
  const std::vector<double> fields = Numbers(std::string_view(stat).substr(bracket + 1));
  const std::vector<double> pages = Numbers(ReadProc(pid, "statm"));
  if (fields.size() < 15 || pages.size() < 3) return std::nullopt;
  return Usage{fields[11] + fields[12], fields[13] + fields[14], pages[1] - pages[2], pages[2]};
}

std::vector<int> ChildrenOf(int pid) {
  std::vector<int> children;
  const std::string id = std::to_string(pid);
  for (const double child : Numbers(ReadProc(pid, "task/" + id + "/children"))) {
    children.push_back(static_cast<int>(child));
  }
  return children;
}

class Processes : public Sampler {
 public:
  explicit Processes(std::vector<ProcessTarget> targets) : targets_(std::move(targets)) {}

  std::vector<Reading> Sample(Deadline /*deadline*/) override {
    std::vector<Reading> readings;
    for (const ProcessTarget& target : targets_) {
      const Result<ProcessMetrics> found = ReadProcess(target.pid);
      if (!found) continue;
      const std::string source = "pid " + std::to_string(target.pid);
      readings.push_back(
          {Watched::kProcess, target.name, "cpu_seconds", source, found->cpu_seconds});
      readings.push_back(
          {Watched::kProcess, target.name, "resident_bytes", source, found->resident_bytes});
    }
    return readings;
  }

 private:
  std::vector<ProcessTarget> targets_;
};

class Metrics : public Sampler {
 public:
  explicit Metrics(ProcessTarget target) : target_(std::move(target)) {}

  std::vector<Reading> Sample(Deadline deadline) override {
    const Result<std::string> page = HttpGet(target_.url, deadline);
    if (!page) return {};
    const ProcessMetrics found = ParseMetrics(*page);
    std::vector<Reading> readings;
    const auto add = [this, &readings](const char* metric, double value) {
      if (value < 0) return;
      readings.push_back({Watched::kProcess, target_.name, metric, target_.url, value});
    };
    add("cpu_seconds", found.cpu_seconds);
    add("resident_bytes", found.resident_bytes);
    return readings;
  }

 private:
  ProcessTarget target_;
};

// The value of a metric without labels; negative if it is not there.
double ValueOf(std::string_view page, std::string_view name) {
  for (size_t at = 0; (at = page.find(name, at)) != std::string_view::npos; at += name.size()) {
    const bool begins_line = at == 0 || page[at - 1] == '\n';
    const size_t value_at = at + name.size();
    if (!begins_line || value_at >= page.size() || page[value_at] != ' ') continue;
    double value = -1;
    std::from_chars(page.data() + value_at + 1, page.data() + page.size(), value);
    return value;
  }
  return -1;
}

}  // namespace

Result<ProcessTarget> ParseTarget(std::string_view text) {
  const size_t equals = text.find('=');
  const Error wrong = InvalidArgument("'" + std::string(text) +
                                      "' is not NAME=PID or NAME=http://host:port/metrics");
  if (equals == std::string_view::npos || equals == 0) return wrong;
  ProcessTarget target{.name = std::string(text.substr(0, equals)), .url = {}};
  const std::string_view what = text.substr(equals + 1);
  if (what.starts_with("http://") && what.size() > 7) {
    target.url = what;
    return target;
  }
  const auto read = std::from_chars(what.data(), what.data() + what.size(), target.pid);
  const bool whole = read.ec == std::errc() && read.ptr == what.data() + what.size();
  if (!whole || target.pid <= 0) return wrong;
  return target;
}

std::unique_ptr<Sampler> SampleProcesses(std::vector<ProcessTarget> targets) {
  return std::make_unique<Processes>(std::move(targets));
}

std::unique_ptr<Sampler> SampleMetrics(ProcessTarget target) {
  return std::make_unique<Metrics>(std::move(target));
}

ProcessMetrics ParseMetrics(std::string_view page) {
  return {ValueOf(page, "process_cpu_seconds_total"),
          ValueOf(page, "process_resident_memory_bytes")};
}

Result<ProcessMetrics> ReadProcess(int pid) {
  static const auto kTicks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  static const auto kPage = static_cast<double>(::sysconf(_SC_PAGESIZE));
  const std::optional<Usage> own = UsageOf(pid);
  if (!own) return NotFound("there is no process " + std::to_string(pid));
  double ticks = own->own_ticks + own->children_ticks;
  double pages = own->private_pages;
  double shared = own->shared_pages;
  std::vector<int> waiting = ChildrenOf(pid);
  while (!waiting.empty()) {
    const int child = waiting.back();
    waiting.pop_back();
    const std::optional<Usage> usage = UsageOf(child);
    if (!usage) continue;
    ticks += usage->own_ticks + usage->children_ticks;
    pages += usage->private_pages;
    shared = std::max(shared, usage->shared_pages);
    for (const int grandchild : ChildrenOf(child)) waiting.push_back(grandchild);
  }
  return ProcessMetrics{ticks / kTicks, (pages + shared) * kPage};
}

}  // namespace drover::watch
