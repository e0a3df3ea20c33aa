// drover.subscribers: what the network sees of who is behind which number.
#pragma once
#include "libs/async/task.h"
#include "libs/kafka/batches.h"
#include "services/push/handlers/registrar.h"

namespace drover::push {

class Feed {
 public:
  Feed(asio::io_context& loop, kafka::Consumer& consumer, Registrar& registrar, Metrics& metrics);
  Process Run() { return batches_.Run(); }
  void Stop() { batches_.Stop(); }

 private:
  Task<void> Apply(const std::vector<kafka::Consumed>& records, Deadline deadline);

  Registrar& registrar_;
  Metrics& metrics_;
  kafka::Batches batches_;
};

}  // namespace drover::push
