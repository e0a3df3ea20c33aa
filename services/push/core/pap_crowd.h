// Whether push initiators come in a crowd: then accepting goes before handing over.
//
// What was accepted is durable and can wait some seconds; an initiator waits for its answer. A
// crowd is let go before once too much waits.
#pragma once
#include <cstddef>

#include "libs/base/clock.h"

namespace drover::push {

class PapCrowd {
 public:
  struct Config {
    std::chrono::milliseconds window{100};
    size_t most = 500;        // Pushes in a window; more are a crowd.
    size_t behind = 200'000;  // Pushes that wait to be handed over; past it nobody goes before.
  };
  explicit PapCrowd(Config config) : config_(config) {}

  void Accepted(size_t pushes, TimePoint now);
  // Records that were handed over, of pushes or not.
  void Relayed(size_t records) { behind_ -= records < behind_ ? records : behind_; }
  // Of the last whole window.
  bool GoesBefore(TimePoint now);

 private:
  void Turn(TimePoint now);

  const Config config_;
  TimePoint window_began_{};
  size_t here_ = 0, before_ = 0;  // Pushes of this window, and of the one before.
  size_t behind_ = 0;
};

}  // namespace drover::push
