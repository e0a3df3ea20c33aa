#include "services/push/handlers/feed.h"

#include "libs/service/log.h"

namespace drover::push {
namespace {

kafka::Batches::Config Batching(Metrics& metrics) {
  kafka::Batches::Config config;
  config.failed = [&metrics](const Error& error) {
    metrics.Failed("feed");
    service::Log(service::Level::kWarn, "push.feed_failed",
                 "records of the network were not taken; they are read again",
                 {{"cause", error.message}});
  };
  return config;
}

}  // namespace

// What is newer wins, so a repeat changes nothing.
Feed::Feed(asio::io_context& loop, kafka::Consumer& consumer, Registrar& registrar,
           Metrics& metrics)
    : registrar_(registrar),
      metrics_(metrics),
      batches_(loop, consumer, Batching(metrics), [this](const auto& records, Deadline deadline) {
        return Apply(records, deadline);
      }) {}

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
