#include "loadtest/drover_load/bearer.h"

#include <boost/asio/redirect_error.hpp>

namespace drover::load {

kafka::Config KafkaConfig(const std::string& brokers) {
  kafka::Config config;
  config.brokers = brokers;
  config.client_id = "drover-load";
  return config;
}

Process Sleep(asio::io_context& loop, std::chrono::steady_clock::duration time) {
  Timer timer(loop.get_executor());
  timer.expires_after(time);
  boost::system::error_code ignored;
  co_await timer.async_wait(asio::redirect_error(kAwait, ignored));
}

kafka::Record Delivered(const events::v1::WakeupRequested& wakeup) {
  events::v1::WakeupResult result;
  result.set_event_id(wakeup.event_id());
  result.set_device_id(wakeup.device_id());
  result.set_outcome(events::v1::WakeupResult::DELIVERED);
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  result.mutable_at()->set_seconds(now.count() / 1'000'000);
  result.mutable_at()->set_nanos(static_cast<int32_t>(now.count() % 1'000'000 * 1000));
  return {kWakeupResults, wakeup.device_id(), result.SerializeAsString()};
}

}  // namespace drover::load
