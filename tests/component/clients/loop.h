// Runs coroutines on a loop of the test's own, and finds the servers of the cluster runner.
#pragma once
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include "libs/async/task.h"
#include "libs/base/check.h"

namespace drover {

constexpr std::chrono::seconds kSoon{20};  // Far longer than what is expected to succeed takes.

inline std::string ServerOf(const char* variable) {
  const char* value = std::getenv(variable);
  DROVER_CHECK(value != nullptr);  // Run the test by scripts/cluster run.
  return value;
}

// A task started on a loop, whose outcome is fetched later.
template <typename T>
class Started {
 public:
  Started(asio::io_context& loop, Task<T> task) : loop_(loop) {
    asio::co_spawn(loop, Deliver(std::move(task), outcome_), asio::detached);
  }
  bool done() const { return outcome_->has_value(); }
  Result<T> Get() {
    while (!done()) DROVER_CHECK(loop_.run_one() > 0);
    return std::move(**outcome_);
  }

 private:
  using Outcome = std::shared_ptr<std::optional<Result<T>>>;
  static Process Deliver(Task<T> task, Outcome outcome) {
    Result<T> result = co_await std::move(task);
    outcome->emplace(std::move(result));
  }
  asio::io_context& loop_;
  Outcome outcome_ = std::make_shared<std::optional<Result<T>>>();
};

template <typename T>
Result<T> Await(asio::io_context& loop, Task<T> task) {
  Started<T> started(loop, std::move(task));
  return started.Get();
}

}  // namespace drover
