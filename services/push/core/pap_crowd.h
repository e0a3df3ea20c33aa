// Whether push initiators come in a crowd: then accepting goes before handing over.
//
// What was accepted is durable and can wait some seconds; an initiator waits for its answer. A
// crowd that stays goes before for half of the time.
#pragma once
#include <cstddef>

#include "libs/base/clock.h"

namespace drover::push {

class PapCrowd {
 public:
  struct Config {
    std::chrono::milliseconds window{100};
    size_t least = 20;    // Pushes in a window; fewer are no crowd.
    size_t together = 4;  // That go into PostgreSQL at once: they come faster than it takes them.
    std::chrono::seconds longest{10};  // So long it goes before; then as long it does not.
  };
  explicit PapCrowd(Config config) : config_(config) {}

  // batch: how many became durable together with these.
  void Accepted(size_t pushes, size_t batch, TimePoint now);
  // In the last whole window there were enough, and most of them came together.
  bool GoesBefore(TimePoint now);

 private:
  void Turn(TimePoint now);

  const Config config_;
  TimePoint window_began_{};
  size_t pushes_ = 0, pressed_ = 0;  // Of this window; pressed: came together.
  bool crowded_ = false;             // In the last one.
  TimePoint crowd_began_{};
};

}  // namespace drover::push
