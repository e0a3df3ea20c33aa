// drover.wakeups with bearer sip: each opens, or joins, the wake-up of its gateway.
//
// Any replica takes part. A batch is committed when it is in the rows; a wake-up that comes again
// is known by its id. What cannot be (no such gateway, expired) is told at once.
#pragma once
#include <string>
#include <vector>

#include "drover/events/v1/events.pb.h"
#include "libs/async/task.h"
#include "libs/base/clock.h"
#include "libs/kafka/batches.h"
#include "libs/kafka/producer.h"
#include "services/sip/handlers/models.h"
#include "services/sip/handlers/store.h"
#include "services/sip/handlers/triggers.h"
#include "services/sip/metrics.h"

namespace drover::gateways {

class Wakeups {
 public:
  struct Ports {
    kafka::Producer& producer;
    Store& store;
    Models& models;
    Triggers& triggers;
  };
  Wakeups(asio::io_context& loop, kafka::Consumer& consumer, Ports ports, Clock clock,
          Metrics& metrics);

  Process Run() { return batches_.Run(); }
  void Stop() { batches_.Stop(); }

 private:
  using Asked = std::vector<events::v1::WakeupRequested>;
  Task<void> Apply(const std::vector<kafka::Consumed>& records, Deadline deadline);
  Asked Read(const std::vector<kafka::Consumed>& records, TimePoint now,
             std::vector<kafka::Record>& out);
  Task<void> Queue(const Asked& wakeups, std::vector<kafka::Record>& out, Deadline deadline);

  Ports ports_;
  Clock clock_;
  Metrics& metrics_;
  kafka::Batches batches_;
};

}  // namespace drover::gateways
