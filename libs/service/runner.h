// A service from its first breath to its last: libs/service's own.
//
//   start:  admin port, BeforeServing, gRPC, spawned processes, ready
//   drain:  not ready, OnDrain, gRPC, then destruction in reverse
#pragma once
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/signal_set.hpp>

#include "libs/service/context.h"

namespace drover::service {

class Runner {
 public:
  explicit Runner(Context& context);
  // Serves until a signal or a failure. The exit code.
  int Serve();
  // Runs migrate to its end. The exit code.
  int Migrate(Task<void> migration);

 private:
  Process RunServe();
  Task<void> Start();
  Process Watch(std::string name, Process process);
  Process WatchHealth();
  Task<void> Drain();
  Process DrainOne(std::string name, std::function<Task<void>()> drain);
  Result<void> WritePortFile() const;
  void OnSignal(int signal);
  void Fail();
  void Stop();

  Context& context_;
  Context::State& state_;
  asio::signal_set signals_;
  Timer stopping_;  // Cancelled to stop.
  Timer health_;
  std::unique_ptr<AdminServer> admin_;
  bool starting_ = false;
  bool started_ = false;
  bool stop_ = false;
  bool drained_ = false;
  int exit_code_ = 0;
};

}  // namespace drover::service
