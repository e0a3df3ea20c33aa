#include "libs/service/runner.h"

#include <csignal>
#include <fstream>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <unistd.h>

#include "libs/async/promise.h"
#include "libs/service/log.h"
#include "libs/service/process_metrics.h"

namespace drover::service {
namespace {

constexpr std::chrono::milliseconds kHealthInterval{250};

Process Settle(Promise<void> promise, Task<void> task) {
  Result<void> result = co_await std::move(task);
  promise.Set(std::move(result));
}

// Runs task to its end, or gives up at the deadline (and lets it go on by itself).
Task<void> Within(asio::io_context& loop, Task<void> task, Deadline deadline, const char* what) {
  Promise<void> promise(loop);
  asio::co_spawn(loop, Settle(promise, std::move(task)), asio::detached);
  co_return co_await promise.Wait(deadline, what);
}

}  // namespace

Runner::Runner(Context& context)
    : context_(context),
      state_(*context.state_),
      signals_(state_.loop, SIGTERM, SIGINT),
      stopping_(state_.loop.get_executor()),
      health_(state_.loop.get_executor()) {
  std::signal(SIGPIPE, SIG_IGN);
  stopping_.expires_at(Deadline::max());
  signals_.async_wait([this](boost::system::error_code error, int signal) {
    if (!error) OnSignal(signal);
  });
}

void Runner::OnSignal(int signal) {
  Log(Level::kInfo, "stopping", "a signal asks for the end; a second one ends at once",
      {{"signal", signal}});
  signals_.async_wait([](boost::system::error_code error, int second) {
    if (!error) ::_exit(128 + second);
  });
  Stop();
}

void Runner::Stop() {
  stop_ = true;
  stopping_.cancel();
  // Nothing has been promised to anyone yet: no need to wait for a start that waits for others.
  if (starting_) state_.loop.stop();
}

void Runner::Fail() {
  exit_code_ = 1;
  Stop();
}

int Runner::Migrate(Task<void> migration) {
  const auto run = [](Runner* self, Task<void> task) -> Process {
    const Result<void> result = co_await std::move(task);
    if (!result) {
      Log(Level::kError, "migrate.failed", result.error().message,
          {{"code", Name(result.error().code)}});
      self->exit_code_ = 1;
    }
    self->state_.loop.stop();
  };
  asio::co_spawn(state_.loop, run(this, std::move(migration)), asio::detached);
  // Nothing is in flight that a signal would have to wait for: the step is one transaction.
  signals_.cancel();
  signals_.clear();
  state_.loop.run();
  return exit_code_;
}

int Runner::Serve() {
  asio::co_spawn(state_.loop, RunServe(), asio::detached);
  state_.loop.run();
  admin_.reset();
  return exit_code_;
}

Process Runner::RunServe() {
  starting_ = true;
  Task<void> start = Start();
  const Result<void> started = co_await std::move(start);
  starting_ = false;
  if (!started) {
    Log(Level::kError, "start.failed", started.error().message,
        {{"code", Name(started.error().code)}});
    exit_code_ = 1;
  } else if (!stop_) {
    started_ = true;
    asio::co_spawn(state_.loop, WatchHealth(), asio::detached);
    Log(Level::kInfo, "serving", "the service serves", {{"version", Version()}});
    boost::system::error_code ignored;
    co_await stopping_.async_wait(asio::redirect_error(kAwait, ignored));
  }
  started_ = false;
  stop_ = true;
  Task<void> drain = Drain();
  const Result<void> drained = co_await std::move(drain);
  if (!drained) exit_code_ = 1;
  Log(Level::kInfo, "stopped", "the service ends", {{"exit_code", exit_code_}});
  state_.loop.stop();
}

Task<void> Runner::Start() {
  state_.readiness.Add("started", [this] { return started_; });
  admin_ = std::make_unique<AdminServer>(
      state_.loop, state_.flags.String("admin-listen"), state_.readiness,
      std::vector<std::shared_ptr<prometheus::Collectable>>{
          state_.metrics, std::make_shared<ProcessMetrics>(state_.name)});
  DROVER_CO_TRY(admin_->Listen());
  context_.Listening("admin", admin_->address());
  for (auto& [name, start] : state_.before_serving) {
    Task<void> task = start();
    Result<void> result = co_await std::move(task);
    if (!result) {
      co_return Error{result.error().code, name + ": " + result.error().message};
    }
    if (stop_) co_return Result<void>();
  }
  if (!state_.grpc.empty()) {
    DROVER_CO_TRY(state_.grpc.Start());
    context_.Listening("grpc", state_.grpc.address());
  }
  for (auto& [name, process] : state_.processes) {
    asio::co_spawn(state_.loop, Watch(name, std::move(process)), asio::detached);
  }
  co_return WritePortFile();
}

Process Runner::Watch(std::string name, Process process) {
  try {
    co_await std::move(process);
  } catch (const std::exception& error) {
    Log(Level::kError, "process.failed", error.what(), {{"name", name}});
    co_return Fail();
  }
  if (stop_) co_return;
  Log(Level::kError, "process.ended", "what should run until the drain has ended",
      {{"name", name}});
  Fail();
}

Process Runner::WatchHealth() {
  while (started_) {
    state_.grpc.SetServing(state_.readiness.ready());
    health_.expires_after(kHealthInterval);
    boost::system::error_code ignored;
    co_await health_.async_wait(asio::redirect_error(kAwait, ignored));
  }
}

Task<void> Runner::Drain() {
  const Deadline deadline = In(state_.flags.Duration("drain-timeout"));
  state_.grpc.SetServing(false);
  Result<void> outcome;
  for (auto& [name, drain] : state_.on_drain) {
    Task<void> task = Within(state_.loop, drain(), deadline, name.c_str());
    const Result<void> result = co_await std::move(task);
    if (result) continue;
    Log(Level::kWarn, "drain.failed", result.error().message, {{"name", name}});
    outcome = result;
  }
  Task<void> grpc = state_.grpc.Drain(deadline);
  const Result<void> result = co_await std::move(grpc);
  if (!result) {
    Log(Level::kWarn, "drain.failed", result.error().message, {{"name", "grpc"}});
    outcome = result;
  }
  co_return outcome;
}

// Whole or not at all: a reader may be waiting for it.
Result<void> Runner::WritePortFile() const {
  const std::string& path = state_.flags.String("port-file");
  if (path.empty()) return {};
  std::string json = "{";
  for (const auto& [name, address] : state_.addresses) {
    json.append(json.size() > 1 ? ", \"" : "\"").append(name).append("\": \"");
    json.append(address).append("\"");
  }
  const std::string draft = path + "." + std::to_string(::getpid());
  std::ofstream out(draft);
  out << json << "}\n";
  out.close();
  if (!out || std::rename(draft.c_str(), path.c_str()) != 0) {
    return Unavailable("cannot write --port-file " + path);
  }
  return {};
}

}  // namespace drover::service
