// A value that one part of the loop waits for and another sets: the bridge from callbacks to
// coroutines.
//
// Loop thread only. Wait may be called once. Who sets it from another thread posts onto the loop
// first.
#pragma once
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/redirect_error.hpp>

#include "libs/async/task.h"

namespace drover {

template <typename T>
class Promise {
 public:
  explicit Promise(asio::io_context& loop) : state_(std::make_shared<State>(loop)) {}

  // The first one counts; true if this was it.
  bool Set(Result<T> value) const {
    if (state_->value) return false;
    state_->value.emplace(std::move(value));
    state_->timer.cancel();
    return true;
  }
  bool is_set() const { return state_->value.has_value(); }

  // kDeadlineExceeded with what was awaited when nothing was set in time.
  Task<T> Wait(Deadline deadline, const char* what) const {
    const std::shared_ptr<State> state = state_;
    if (!state->value) {
      state->timer.expires_at(deadline);
      boost::system::error_code ignored;
      co_await state->timer.async_wait(asio::redirect_error(kAwait, ignored));
    }
    if (!state->value)
      state->value.emplace(DeadlineExceeded(std::string("no answer in time: ") + what));
    co_return std::move(*state->value);
  }

 private:
  struct State {
    explicit State(asio::io_context& loop) : timer(loop.get_executor()) {}
    Timer timer;
    std::optional<Result<T>> value;
  };
  std::shared_ptr<State> state_;
};

}  // namespace drover
