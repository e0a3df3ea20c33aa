// A loop with its own thread, for tests that speak to it from outside.
#pragma once
#include <future>
#include <memory>
#include <thread>
#include <type_traits>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include "libs/async/task.h"

namespace drover::http::testing {

class LoopThread {
 public:
  LoopThread() : work_(asio::make_work_guard(loop)), thread_([this] { loop.run(); }) {}
  ~LoopThread() { Stop(); }
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;

  void Stop() {
    loop.stop();
    if (thread_.joinable()) thread_.join();
  }
  // Runs f on the loop; returns what it returns.
  template <typename F>
  auto Do(F f) -> std::invoke_result_t<F> {
    // Shared: the thread that sets it may still be at it when the other has gone on.
    auto task = std::make_shared<std::packaged_task<std::invoke_result_t<F>()>>(std::move(f));
    auto future = task->get_future();
    asio::post(loop, [task] { (*task)(); });
    return future.get();
  }
  // Runs make() on the loop and what it makes to its end.
  template <typename Make>
  auto Await(Make make) {
    using T = typename std::invoke_result_t<Make>::value_type;
    auto promise = std::make_shared<std::promise<T>>();
    auto future = promise->get_future();
    asio::co_spawn(loop, Settle(make, promise), asio::detached);
    return future.get();
  }

  asio::io_context loop{1};

 private:
  template <typename Make, typename T>
  static Process Settle(Make& make, std::shared_ptr<std::promise<T>> promise) {
    auto task = make();
    T value = co_await std::move(task);
    promise->set_value(std::move(value));
  }
  asio::executor_work_guard<Executor> work_;
  std::thread thread_;
};

}  // namespace drover::http::testing
