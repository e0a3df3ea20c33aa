// Keeps beginnings a time apart: who comes after a pause begins at once, who comes in a crowd waits
// for company. For work that costs much however little there is of it, such as a transaction.
#pragma once
#include <chrono>
#include <functional>
#include <utility>

#include "libs/async/task.h"

namespace drover {

// Loop thread only.
class Spacing {
 public:
  // due: called when one may begin that was told to wait. apart: 0: none ever waits.
  Spacing(asio::io_context& loop, std::chrono::milliseconds apart, std::function<void()> due)
      : apart_(apart), due_(std::move(due)), timer_(loop.get_executor()) {}

  // Whether one may begin now, and if so that it does.
  bool Begin() {
    if (waiting_) return false;
    const auto now = std::chrono::steady_clock::now();
    if (now >= next_) {
      next_ = now + apart_;
      return true;
    }
    waiting_ = true;
    timer_.expires_at(next_);
    timer_.async_wait([this](boost::system::error_code cancelled) {
      if (cancelled) return;  // This may be gone.
      waiting_ = false;
      due_();
    });
    return false;
  }

 private:
  const std::chrono::milliseconds apart_;
  const std::function<void()> due_;
  Timer timer_;
  std::chrono::steady_clock::time_point next_;
  bool waiting_ = false;  // The timer runs.
};

}  // namespace drover
