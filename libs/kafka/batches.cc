#include "libs/kafka/batches.h"

#include <boost/asio/redirect_error.hpp>

namespace drover::kafka {
namespace {

constexpr std::chrono::seconds kPoll{1};

}  // namespace

Batches::Batches(asio::io_context& loop, Consumer& consumer, Config config, Apply apply)
    : consumer_(consumer),
      config_(std::move(config)),
      apply_(std::move(apply)),
      timer_(loop.get_executor()) {}

Process Batches::Run() {
  size_t applied = 0;
  while (!stopping_) {
    co_await Rest(std::exchange(applied, 0));
    if (stopping_) co_return;
    const Deadline poll = In(kPoll);
    const Result<std::vector<Consumed>> records = co_await consumer_.Next(config_.most, poll);
    Result<void> done;
    if (!records) done = records.error();
    while (records && !records->empty()) {
      done = co_await One(*records);
      if (done || stopping_) break;
      config_.failed(done.error());
      co_await Wait(config_.again);
    }
    if (records) applied = records->size();
    if (done || stopping_) continue;
    config_.failed(done.error());
    co_await Wait(config_.again);
  }
}

void Batches::Stop() {
  stopping_ = true;
  timer_.cancel();
}

Task<void> Batches::One(const std::vector<Consumed>& records) {
  const Deadline deadline = In(config_.timeout);
  DROVER_CO_TRY(co_await apply_(records, deadline));
  co_return co_await consumer_.Commit(deadline);
}

asio::awaitable<void, Executor> Batches::Rest(size_t applied) {
  if (!config_.rest) co_return;
  for (auto time = config_.rest(applied); time.count() > 0 && !stopping_; time = config_.rest(0)) {
    co_await Wait(time);
  }
}

asio::awaitable<void, Executor> Batches::Wait(std::chrono::microseconds time) {
  timer_.expires_after(time);
  boost::system::error_code ignored;
  co_await timer_.async_wait(asio::redirect_error(kAwait, ignored));
}

}  // namespace drover::kafka
