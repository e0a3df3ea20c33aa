// A value that a callback brings and one coroutine waits for. Cheaper than a Promise: there is no
// timer, so who brings it has to do so by its deadline.
//
// Loop thread only.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "libs/async/suspend.h"

namespace drover::session {

template <typename T = void>
class Pending {
 public:
  // The callback. Call it once, or drop it: who waits then is dropped with it.
  std::function<void(Result<T>)> Setter() const {
    return [state = state_](Result<T> value) {
      if (!state->waiter) {
        state->value.emplace(std::move(value));
        return;
      }
      Resumer<T> waiter = std::move(state->waiter);
      waiter.Set(std::move(value));
    };
  }

  // Once. kUnavailable: the callback was dropped already.
  Task<T> Wait() {
    if (state_->value) co_return std::move(*state_->value);
    if (state_.use_count() == 1) co_return Unavailable("nobody will answer any more");
    // From here on the callback alone owns it, and this coroutine with it.
    State* const state = state_.get();
    state_.reset();
    const auto start = [state](Resumer<T> waiter) { state->waiter = std::move(waiter); };
    Task<T> value = Suspend<T>(start);
    co_return co_await std::move(value);
  }

 private:
  struct State {
    std::optional<Result<T>> value;
    Resumer<T> waiter;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace drover::session
