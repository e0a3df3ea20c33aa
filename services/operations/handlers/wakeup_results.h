// drover.wakeup-results: a delivered wake-up makes a terminal's PENDING operations NOTIFIED; one
// that failed goes into their history with its reason. Idempotent. Loop thread only.
#pragma once
#include "libs/kafka/batches.h"
#include "services/operations/handlers/change_writer.h"

namespace drover::operations {

class WakeupResults {
 public:
  WakeupResults(asio::io_context& loop, kafka::Consumer& consumer, PgOperations& store,
                ChangeWriter& writer, Clock clock, Metrics& metrics);

  // Until Stop.
  Process Run() { return batches_.Run(); }
  void Stop() { batches_.Stop(); }
  // Applies records; on an error none or some of them, and they may be applied again.
  Task<void> Apply(const std::vector<kafka::Consumed>& records, Deadline deadline);

 private:
  // The last that is known of a terminal.
  struct Told {
    std::string device_id;
    TimePoint at;
    bool delivered = false;
    std::string why;  // It failed.
  };
  Task<void> Tell(const std::vector<Told>& told, Deadline deadline);

  PgOperations& store_;
  ChangeWriter& writer_;
  Clock clock_;
  Metrics& metrics_;
  kafka::Batches batches_;
};

}  // namespace drover::operations
