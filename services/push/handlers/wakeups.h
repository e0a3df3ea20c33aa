// drover.wakeups: each wake-up of a terminal on SMS becomes a job in drover.push-work, or is told
// at once why it cannot.
//
// Any replica takes part. A batch is committed when its jobs and results are with the brokers; a
// wake-up that comes again makes the same job again, which is known by its id.
#pragma once
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "drover/events/v1/events.pb.h"
#include "libs/async/task.h"
#include "libs/base/clock.h"
#include "libs/kafka/batches.h"
#include "libs/kafka/producer.h"
#include "services/push/adapters/pg_registrations.h"
#include "services/push/handlers/notifications.h"
#include "services/push/metrics.h"

namespace drover::push {

class Wakeups {
 public:
  struct Ports {
    kafka::Consumer& consumer;
    kafka::Producer& producer;
    PgRegistrations& registrations;
    NotificationPort& notifications;
  };
  // style: of their notifications. a_second: wake-ups taken from the topic at most, so that a
  // campaign of a million does not flood the SMSCs: the others wait in Kafka. 0: no limit.
  Wakeups(asio::io_context& loop, Ports ports, const NotificationStyle& style, size_t a_second,
          Clock clock, Metrics& metrics);

  Process Run() { return batches_.Run(); }
  void Stop() { batches_.Stop(); }

 private:
  using Numbers = std::unordered_map<std::string, std::string>;  // Device id -> MSISDN.
  Task<void> Apply(const std::vector<kafka::Consumed>& records, Deadline deadline);
  std::vector<events::v1::WakeupRequested> Read(const std::vector<kafka::Consumed>& records,
                                                TimePoint now, std::vector<kafka::Record>& out);
  Task<Numbers> NumbersOf(const std::vector<events::v1::WakeupRequested>& wakeups,
                          Deadline deadline);
  kafka::Record Failed(const events::v1::WakeupRequested& wakeup, const std::string& why,
                       TimePoint now);

  Ports ports_;
  const NotificationStyle style_;
  Clock clock_;
  Metrics& metrics_;
  kafka::Batches batches_;
};

}  // namespace drover::push
