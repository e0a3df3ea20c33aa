// drover-load sessions: the session benchmark.
//
// Each terminal has one session: a new connection, MD5 both ways with nonces in step, one Get and
// one Replace outstanding: two exchanges. C sessions are in flight at any time (closed model).
// Before the run each terminal has polled once, as one that has been in service has: its first
// contact, which costs more (account, DevInfo, facts), is not measured.
#include <cstdio>
#include <iostream>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <nlohmann/json.hpp>

#include "loadtest/drover_load/backend.h"
#include "loadtest/drover_load/fleet.h"
#include "loadtest/drover_load/report.h"

namespace drover::load {
namespace {

namespace v1 = operations::v1;
using SteadyClock = std::chrono::steady_clock;

constexpr char kRead[] = "./DevDetail/OEM";
constexpr char kWritten[] = "./NAP/internet/ADDR";

terminal::ModelSpec BenchModel() {
  terminal::ModelSpec spec;
  spec.manufacturer = "Acme";
  spec.model = "Bench";
  spec.kind = "phone";
  spec.firmware = "1.0";
  return spec;
}

class SessionBench {
 public:
  explicit SessionBench(const SessionsOptions& options)
      : options_(options),
        label_("bench." + std::to_string(options.seed)),
        fleet_(options.endpoints, {BenchModel()}, options.devices, options.seed) {}

  Result<int> Run() {
    DROVER_TRY(Backend backend, Backend::Connect(options_.endpoints));
    if (options_.phase != Phase::kRun) DROVER_TRY(Prepare(backend));
    if (options_.phase == Phase::kPrepare) return 0;
    Await("READY");
    Measure();
    Await("DONE");
    return Conclude(backend);
  }

 private:
  // Tells the script where the run stands, and waits for a line from it.
  void Await(const char* word) const {
    if (!options_.handshake) return;
    std::cout << word << std::endl;
    std::string line;
    std::getline(std::cin, line);
  }

  Result<void> Prepare(Backend& backend) {
    DROVER_TRY(backend.Enrol(fleet_.Enrolments()));
    if (options_.phase != Phase::kPrepare) Poll();
    std::vector<v1::NewOperation> operations;
    operations.reserve(fleet_.size() * 2);
    for (size_t i = 0; i < fleet_.size(); ++i) {
      v1::NewOperation& get = operations.emplace_back();
      get.set_device_id(fleet_[i].device_id());
      get.set_label(label_);
      v1::Command& read = *get.add_commands();
      read.set_verb(v1::GET);
      read.set_target(kRead);
      v1::NewOperation& replace = operations.emplace_back();
      replace.set_device_id(fleet_[i].device_id());
      replace.set_label(label_);
      v1::Command& write = *replace.add_commands();
      write.set_verb(v1::REPLACE);
      write.set_target(kWritten);
      write.set_data("iot-" + std::to_string(i) + ".example");
      write.set_has_data(true);
    }
    DROVER_TRY(const auto stored, backend.Submit(operations));
    std::fprintf(stderr, "enrolled %zu terminals, submitted %zu operations\n", fleet_.size(),
                 stored.size());
    return {};
  }

  // Each terminal's first contact; nothing waits for it.
  void Poll() {
    for (uint32_t i = 0; i < options_.concurrency; ++i) {
      asio::co_spawn(loop_, Poller(), asio::detached);
    }
    loop_.run();
    loop_.restart();
    next_ = 0;
    traffic_ = terminal::Traffic();
  }

  Process Poller() {
    while (next_ < fleet_.size()) {
      const auto index = static_cast<uint32_t>(next_++);
      terminal::SessionRun run(loop_, watch_, config_, traffic_, index);
      const auto end = co_await run.Run(fleet_[index], terminal::SessionReason::kClientInitiated);
      if (!end && ++errors_ <= kShownErrors) {
        std::fprintf(stderr, "poll: %s\n", end.error().message.c_str());
      }
    }
  }

  void Measure() {
    until_ = options_.duration_s > 0
                 ? SteadyClock::now() + std::chrono::seconds(options_.duration_s)
                 : SteadyClock::time_point::max();
    const double cpu = OwnCpuUs();
    const auto begun = SteadyClock::now();
    for (uint32_t i = 0; i < options_.concurrency; ++i) {
      asio::co_spawn(loop_, Worker(), asio::detached);
    }
    loop_.run();
    wall_s_ = std::chrono::duration<double>(SteadyClock::now() - begun).count();
    cpu_us_ = OwnCpuUs() - cpu;
  }

  Process Worker() {
    while (next_ < fleet_.size() && SteadyClock::now() < until_) {
      const auto index = static_cast<uint32_t>(next_++);
      terminal::SessionRun run(loop_, watch_, config_, traffic_, index);
      auto end = co_await run.Run(fleet_[index], terminal::SessionReason::kServerInitiated);
      Judge(index, end);
    }
  }

  void Judge(uint32_t index, const Result<terminal::SessionEnd>& end) {
    const terminal::Terminal& device = fleet_[index];
    std::string error;
    if (!end) {
      error = end.error().message;
    } else if (end->outcome != terminal::SessionEnd::Outcome::kCompleted) {
      error = end->cause;
    } else if (device.ledger().executed() != 2) {
      error = "executed " + std::to_string(device.ledger().executed()) + " commands, not 2";
    } else if (device.tree().Value("NAP/internet/ADDR") !=
               "iot-" + std::to_string(index) + ".example") {
      error = "the Replace did not change the tree";
    } else if (device.fault_count() > 0) {
      error = "protocol fault: " + device.faults().front();
    }
    if (error.empty()) return;
    ++errors_;
    if (errors_ <= kShownErrors) {
      std::fprintf(stderr, "%s: %s\n", device.device_id().c_str(), error.c_str());
    }
  }

  Result<int> Conclude(Backend& backend) {
    DROVER_TRY(auto states, backend.Count(label_));
    const int64_t succeeded = states[v1::SUCCEEDED];
    const uint64_t sessions = traffic_.sessions;
    const bool exact = traffic_.messages == 2 * sessions;
    if (!exact) {
      std::fprintf(stderr, "%llu exchanges in %llu sessions: not two each\n",
                   static_cast<unsigned long long>(traffic_.messages),
                   static_cast<unsigned long long>(sessions));
    }
    const nlohmann::json json = Figures(succeeded);
    std::cout << json.dump() << std::endl;
    if (!options_.sizes.empty()) DROVER_TRY(WriteFile(options_.sizes, Sizes().dump() + "\n"));
    const bool all = succeeded == static_cast<int64_t>(sessions * 2) || options_.seed == 0;
    return errors_ == 0 && exact && all ? 0 : 1;
  }

  nlohmann::json Sizes() const {
    nlohmann::json requests = nlohmann::json::array();
    nlohmann::json responses = nlohmann::json::array();
    for (size_t i = 0; i < 2; ++i) {
      const terminal::Traffic::Sizes& sizes = traffic_.sizes[i];
      const uint64_t count = std::max<uint64_t>(sizes.count, 1);
      requests.push_back(sizes.request_octets / count);
      responses.push_back(sizes.response_octets / count);
    }
    return {{"request_octets", requests}, {"response_octets", responses}};
  }

  nlohmann::json Figures(int64_t succeeded) const {
    const auto sessions = static_cast<double>(std::max<uint64_t>(traffic_.sessions, 1));
    nlohmann::json json = {{"sessions", traffic_.sessions},
                           {"sessions_per_s", static_cast<double>(traffic_.sessions) / wall_s_},
                           {"exchanges", traffic_.messages},
                           {"errors", errors_},
                           {"retries", traffic_.retries},
                           {"operations_succeeded", succeeded},
                           {"exchange_ms", LatencyJson(traffic_.exchange)},
                           {"session_ms", LatencyJson(traffic_.session)},
                           {"own_cpu_us_per_session", cpu_us_ / sessions},
                           {"wall_s", wall_s_}};
    json.update(Sizes());
    return json;
  }

  static constexpr uint64_t kShownErrors = 10;
  const SessionsOptions& options_;
  const std::string label_;
  asio::io_context loop_{1};
  Fleet fleet_;
  terminal::DeadlineWatch watch_{loop_};
  terminal::SessionRunConfig config_;
  terminal::Traffic traffic_;
  SteadyClock::time_point until_;
  size_t next_ = 0;
  uint64_t errors_ = 0;
  double wall_s_ = 0;
  double cpu_us_ = 0;
};

}  // namespace

int RunSessions(const SessionsOptions& options) {
  SessionBench bench(options);
  const Result<int> code = bench.Run();
  if (code) return *code;
  std::fprintf(stderr, "drover-load: %s\n", code.error().message.c_str());
  return 1;
}

}  // namespace drover::load
