// A consumer's records, batch by batch: each is applied, and again until that succeeds, then
// committed. So order is kept and nothing is lost; what is applied may come again.
//
//   kafka::Batches batches(loop, consumer, {.most = 500}, [this](const auto& records, Deadline by)
//   {
//     return Apply(records, by);
//   });
//   Process Run() { return batches.Run(); }
//
// Loop thread only.
#pragma once
#include <functional>
#include <vector>

#include "libs/kafka/consumer.h"

namespace drover::kafka {

class Batches {
 public:
  using Apply = std::function<Task<void>(const std::vector<Consumed>& records, Deadline deadline)>;
  struct Config {
    size_t most = 500;                 // Records of a batch.
    std::chrono::seconds timeout{20};  // For applying and committing one.
    std::chrono::seconds again{1};     // Until a batch that failed is tried again.
    // How long to rest before the next batch, given how many records the last one had; asked again
    // after that, with 0. Empty: not at all.
    std::function<std::chrono::microseconds(size_t applied)> rest;
    std::function<void(const Error& error)> failed;  // Each time.
  };
  Batches(asio::io_context& loop, Consumer& consumer, Config config, Apply apply);

  Process Run();  // Until Stop.
  void Stop();

 private:
  Task<void> One(const std::vector<Consumed>& records);
  asio::awaitable<void, Executor> Rest(size_t applied);
  asio::awaitable<void, Executor> Wait(std::chrono::microseconds time);

  Consumer& consumer_;
  const Config config_;
  const Apply apply_;
  Timer timer_;
  bool stopping_ = false;
};

}  // namespace drover::kafka
