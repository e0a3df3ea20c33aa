// The voice home gateways of a run, beside its terminals: the simulator of loadtest/gateway on a
// loop and a thread of its own, one operation for each gateway, and the comparison of both ledgers.
#pragma once
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "loadtest/drover_load/gateway_work.h"
#include "loadtest/drover_load/run_prepare.h"
#include "loadtest/gateway/simulator.h"
#include "loadtest/report/run_record.h"

namespace drover::load {

class RunGateways {
 public:
  struct Config {
    scenario::Gateways gateways;
    uint64_t seed = 1;
    std::string run_label;
    std::string server;     // URL of the request server: http://host:port, with or without /gw/v1.
    std::string registrar;  // host:port, for gateways that register by SIP; empty: there is none.
  };
  // endpoints, with sip among them, and record: outlive it. kInvalidArgument names what is wrong
  // with the mix.
  static Result<std::unique_ptr<RunGateways>> Make(const Endpoints& endpoints, const Config& config,
                                                   report::Gateways& record);
  ~RunGateways();
  RunGateways(const RunGateways&) = delete;

  // Enrols them; they start, and register. Returns when all have, or nothing more comes.
  Result<void> Prepare(const Watchful& watchful);
  // Operations are submitted from now on, at their rate, by a thread.
  void BeginLoad();
  // When all are submitted, waits for those that can be finished, at most so long; stop: the user
  // wants it to end.
  void EndLoad(std::chrono::nanoseconds settle, const std::function<bool()>& stop);
  // Every operation with what its gateway did. Fills the record.
  Result<void> Compare();

  std::optional<Error> error() const { return error_; }  // Of submissions; behind EndLoad.
  // Memory of the gateways, estimated; behind EndLoad.
  uint64_t size_octets() const;

 private:
  using Time = std::chrono::steady_clock::time_point;
  // Of one gateway; times as Ticks, 0: not yet.
  struct Row {
    uint32_t submitted = 0;
    uint32_t told = 0;
    uint8_t params = 0;
    uint8_t reboots = 0;
    uint8_t others = 0;
    bool asked = false;
    bool done = false;
  };

  RunGateways(const Endpoints& endpoints, Config config, gwsim::SimulatorOptions options,
              report::Gateways& record);
  static Result<gwsim::SimulatorOptions> OptionsOf(const Config& config);
  uint32_t Ticks(Time time) const;
  std::chrono::nanoseconds Between(uint32_t from, uint32_t to) const;
  GatewayWork WorkOf(uint32_t number) const;
  bool Finishes(uint32_t number) const;
  Result<void> EnrolAll(const Watchful& watchful);
  Result<void> AwaitRegistrations(const Watchful& watchful);
  void Listen();
  void Submit();
  void SubmitBatch(Backend& backend, uint32_t begin, uint32_t end);
  void OnTold(uint32_t number);
  void OnAnswered(uint32_t number);
  void OnExecution(const gwsim::Execution& execution);
  void Finished(Row& row);
  bool AllEnded();
  Result<void> ForEach(
      const std::function<void(const operations::v1::Operation&, GatewayWork)>& call);
  void StopSimulator();
  void Check(const operations::v1::Operation& operation, GatewayWork work);
  template <typename F>
  auto OnLoop(F call);

  const Endpoints& endpoints_;
  const Config config_;
  report::Gateways& record_;
  const Time origin_;
  asio::io_context loop_{1};
  gwsim::Simulator simulator_;
  std::vector<Row> rows_;  // On the loop while it runs.
  uint64_t expected_ = 0;  // Operations that can be finished, of those submitted.
  uint64_t finished_ = 0;  // Of them.
  Time look_again_;
  std::optional<Error> error_;
  std::atomic<bool> stopping_ = false;
  std::thread submitting_;
  std::thread thread_;
};

}  // namespace drover::load
