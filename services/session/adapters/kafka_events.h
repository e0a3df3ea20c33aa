// EventsPort on Kafka: drover.session-completed and drover.alerts, keyed by device.
#pragma once
#include "libs/kafka/producer.h"
#include "services/session/ports.h"

namespace drover::session {

class KafkaEvents final : public EventsPort {
 public:
  explicit KafkaEvents(kafka::Producer& producer) : producer_(producer) {}
  Task<void> AlertsRaised(MessageRef ref, std::vector<Alert> alerts, TimePoint at,
                          Deadline deadline) override;
  Task<void> SessionsEnded(const DeviceId& device, const std::vector<Ending>& endings, TimePoint at,
                           Deadline deadline) override;

 private:
  kafka::Producer& producer_;
};

}  // namespace drover::session
