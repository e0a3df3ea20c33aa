// One timer for the deadlines of many waits.
//
// It is set to the earliest deadline it was told of since it last fired, whether or not that wait
// has ended since: waits that mostly end in time then cost a comparison each, and one look at all
// of them about once in a deadline's length. Loop thread only.
#pragma once
#include <functional>
#include <memory>

#include "libs/async/task.h"

namespace drover {

class DeadlineTimer {
 public:
  // Ends what has run out at `now` and returns the earliest deadline left, Deadline::max() if none.
  using Expire = std::function<Deadline(Deadline now)>;

  DeadlineTimer(asio::io_context& loop, Expire expire)
      : state_(std::make_shared<State>(loop, std::move(expire))) {}
  ~DeadlineTimer() { Stop(); }
  DeadlineTimer(const DeadlineTimer&) = delete;

  void Watch(Deadline deadline) {
    if (deadline < state_->next) Arm(state_, deadline);
  }
  void Stop() {
    state_->stopped = true;
    state_->timer.cancel();
  }

 private:
  struct State {
    State(asio::io_context& loop, Expire e) : timer(loop.get_executor()), expire(std::move(e)) {}
    Timer timer;
    Expire expire;
    Deadline next = Deadline::max();
    bool stopped = false;
  };
  static void Arm(const std::shared_ptr<State>& state, Deadline deadline) {
    state->next = deadline;
    state->timer.expires_at(deadline);
    state->timer.async_wait([state](boost::system::error_code cancelled) {
      if (!cancelled && !state->stopped) Fire(state);
    });
  }
  static void Fire(const std::shared_ptr<State>& state) {
    state->next = Deadline::max();
    const Deadline left = state->expire(std::chrono::steady_clock::now());
    if (!state->stopped && left < state->next) Arm(state, left);
  }
  std::shared_ptr<State> state_;
};

}  // namespace drover
