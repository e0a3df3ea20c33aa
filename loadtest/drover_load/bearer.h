// The bearer that the simulated terminals' drivers play: it listens on drover.wakeups and says
// DELIVERED on drover.wakeup-results.
#pragma once
#include <chrono>
#include <string>

#include "drover/events/v1/events.pb.h"
#include "libs/async/task.h"
#include "libs/kafka/consumer.h"
#include "libs/kafka/producer.h"

namespace drover::load {

inline constexpr char kWakeups[] = "drover.wakeups";
inline constexpr char kWakeupResults[] = "drover.wakeup-results";

kafka::Config KafkaConfig(const std::string& brokers);
kafka::Record Delivered(const events::v1::WakeupRequested& wakeup);
Process Sleep(asio::io_context& loop, std::chrono::steady_clock::duration time);

}  // namespace drover::load
