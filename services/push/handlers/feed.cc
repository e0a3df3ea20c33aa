#include "services/push/handlers/feed.h"

#include <boost/asio/redirect_error.hpp>

#include "libs/service/log.h"

namespace drover::push {
namespace {

constexpr size_t kBatch = 500;
constexpr std::chrono::seconds kPoll{1};
constexpr std::chrono::seconds kTimeout{20};

}  // namespace

Feed::Feed(asio::io_context& loop, kafka::Consumer& consumer, Registrar& registrar,
           Metrics& metrics)
    : consumer_(consumer), registrar_(registrar), metrics_(metrics), timer_(loop.get_executor()) {}

// A batch is repeated until it is applied: what is newer wins, so a repeat changes nothing.
Process Feed::Run() {
  boost::system::error_code ignored;
  while (!stopping_) {
    const Deadline poll = In(kPoll);
    const Result<std::vector<kafka::Consumed>> records = co_await consumer_.Next(kBatch, poll);
    Result<void> done;
    if (!records) done = records.error();
    while (records && !records->empty()) {
      const Deadline deadline = In(kTimeout);
      done = co_await Apply(*records, deadline);
      if (done) done = co_await consumer_.Commit(deadline);
      if (done || stopping_) break;
      metrics_.Failed("feed");
      service::Log(service::Level::kWarn, "push.feed_failed",
                   "records of the network were not taken; they are read again",
                   {{"cause", done.error().message}});
      timer_.expires_after(kPoll);
      co_await timer_.async_wait(asio::redirect_error(kAwait, ignored));
    }
    if (done || stopping_) continue;
    timer_.expires_after(kPoll);
    co_await timer_.async_wait(asio::redirect_error(kAwait, ignored));
  }
}

void Feed::Stop() {
  stopping_ = true;
  timer_.cancel();
}

Task<void> Feed::Apply(const std::vector<kafka::Consumed>& records, Deadline deadline) {
  std::vector<events::v1::SubscriberSeen> seen;
  for (const kafka::Consumed& record : records) {
    events::v1::SubscriberSeen one;
    if (one.ParseFromString(record.payload)) {
      seen.push_back(std::move(one));
    } else {
      metrics_.Registration("feed", "malformed");
    }
  }
  co_return co_await registrar_.Observe(seen, deadline);
}

}  // namespace drover::push
