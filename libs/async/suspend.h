// Suspends a coroutine until a client of the loop resumes it with a value: for what completes often
// (a Redis reply, a PostgreSQL result), where the timer of Promise would cost more than the work.
//
// Loop thread only.
#pragma once
#include <optional>
#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>

#include "libs/async/task.h"

namespace drover {

// Owns a suspended coroutine. Set it once, or destroy it and the coroutine with it. Setting runs
// the coroutine on the spot: be ready to be called again, or destroyed, from inside.
template <typename T>
class Resumer {
 public:
  using Handler =
      typename asio::async_result<asio::use_awaitable_t<Executor>, void(Result<T>)>::handler_type;
  Resumer() = default;
  explicit Resumer(Handler&& handler) : handler_(std::move(handler)) {}
  Resumer(Resumer&& other) noexcept { Take(other); }
  Resumer& operator=(Resumer&& other) noexcept {
    if (this != &other) Take(other);
    return *this;
  }

  // Whether there is still a coroutine to resume.
  explicit operator bool() const { return handler_.has_value(); }
  void Set(Result<T> value) {
    Resumer taken(std::move(*this));
    (*taken.handler_)(std::move(value));
  }
  // From where the coroutine cannot be run on the spot: inside Suspend's start.
  void Post(asio::io_context& loop, Result<T> value) {
    asio::post(loop, [taken = std::move(*this), value = std::move(value)]() mutable {
      taken.Set(std::move(value));
    });
  }

 private:
  void Take(Resumer& other) {
    handler_.reset();  // The handler cannot be assigned.
    if (other.handler_) handler_.emplace(std::move(*other.handler_));
    other.handler_.reset();
  }
  std::optional<Handler> handler_;
};

// Calls start(Resumer<T>) once the coroutine is suspended; it keeps the Resumer, or Posts to it.
// start must be trivially destructible (capture pointers and views; gcc 12).
template <typename T, typename Start>
Task<T> Suspend(Start start) {
  static_assert(std::is_trivially_destructible_v<Start>);
  const auto initiate = [start](typename Resumer<T>::Handler&& handler) {
    start(Resumer<T>(std::move(handler)));
  };
  return asio::async_initiate<const asio::use_awaitable_t<Executor>, void(Result<T>)>(initiate,
                                                                                      kAwait);
}

}  // namespace drover
