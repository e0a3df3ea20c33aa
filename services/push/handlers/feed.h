// drover.subscribers: what the network sees of who is behind which number.
#pragma once
#include "libs/async/task.h"
#include "libs/kafka/consumer.h"
#include "services/push/handlers/registrar.h"

namespace drover::push {

class Feed {
 public:
  Feed(asio::io_context& loop, kafka::Consumer& consumer, Registrar& registrar, Metrics& metrics);
  Process Run();
  void Stop();

 private:
  Task<void> Apply(const std::vector<kafka::Consumed>& records, Deadline deadline);

  kafka::Consumer& consumer_;
  Registrar& registrar_;
  Metrics& metrics_;
  Timer timer_;
  bool stopping_ = false;
};

}  // namespace drover::push
