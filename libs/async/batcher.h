// Gathers items while earlier ones are being worked on, and hands them over together.
//
// A batch starts as soon as one of the `running` places is free and, unless it is full, the last
// one began some time ago, with all that has gathered by then. Under load batches grow by
// themselves. Loop thread only.
#pragma once
#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "libs/async/spacing.h"
#include "libs/async/task.h"

namespace drover {

// A batch has at least this long, however impatient its items: giving up ends a connection, which
// makes an overloaded database's day no better.
constexpr std::chrono::seconds kLeastTimeout{5};

struct BatchLimits {
  size_t weight = 256;                 // Of one batch; a heavier item travels alone.
  size_t running = 1;                  // Batches at a time.
  size_t waiting = 20'000;             // Items; past it Add refuses.
  std::chrono::milliseconds apart{0};  // From one batch to the next.
};

template <typename Item>
class Batcher {
 public:
  // run: works on a batch, deals with its own errors, answers every item.
  using Run = std::function<Process(std::vector<Item>)>;

  Batcher(asio::io_context& loop, BatchLimits limits, Run run)
      : loop_(loop),
        limits_(limits),
        run_(std::move(run)),
        spacing_(loop, limits.apart, [this] { Start(); }) {}
  Batcher(const Batcher&) = delete;

  bool full() const { return waiting_.size() >= limits_.waiting; }
  // Not when full().
  void Add(Item item, size_t weight) {
    waiting_.push_back({std::move(item), weight});
    weight_ += weight;
    Schedule();
  }

 private:
  struct Waiting {
    Item item;
    size_t weight;
  };

  // By way of the loop, so that items that arrive in one message of a stream travel together.
  void Schedule() {
    if (scheduled_ || waiting_.empty() || running_ >= limits_.running) return;
    scheduled_ = true;
    asio::post(loop_, [this] {
      scheduled_ = false;
      Start();
    });
  }

  void Start() {
    while (!waiting_.empty() && running_ < limits_.running && MayStart()) {
      ++running_;
      asio::co_spawn(loop_.get_executor(), RunOne(Take()), asio::detached);
    }
  }

  bool MayStart() { return weight_ >= limits_.weight || spacing_.Begin(); }

  std::vector<Item> Take() {
    std::vector<Item> batch;
    size_t weight = 0;
    while (!waiting_.empty()) {
      weight += waiting_.front().weight;
      if (!batch.empty() && weight > limits_.weight) break;
      weight_ -= waiting_.front().weight;
      batch.push_back(std::move(waiting_.front().item));
      waiting_.pop_front();
    }
    return batch;
  }

  Process RunOne(std::vector<Item> batch) {
    Process run = run_(std::move(batch));
    co_await std::move(run);
    --running_;
    Schedule();
  }

  asio::io_context& loop_;
  const BatchLimits limits_;
  const Run run_;
  std::deque<Waiting> waiting_;
  size_t weight_ = 0;  // Of what is waiting.
  size_t running_ = 0;
  bool scheduled_ = false;
  Spacing spacing_;
};

}  // namespace drover
