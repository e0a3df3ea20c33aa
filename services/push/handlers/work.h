// drover.push-work: what concerns the numbers, applied in order. Runs in the one process that
// sends.
#pragma once
#include <vector>

#include "libs/async/task.h"
#include "libs/kafka/batches.h"
#include "services/push/handlers/dispatcher.h"
#include "services/push/handlers/ends.h"
#include "services/push/handlers/registrar.h"

namespace drover::push {

class Work {
 public:
  struct Ports {
    kafka::Consumer& consumer;
    Journal& journal;
    Dispatcher& dispatcher;
    Registrar& registrar;
    Ends& ends;
  };
  // most_pending: groups; past it no more work is taken.
  Work(asio::io_context& loop, Ports ports, const Settings& settings, size_t most_pending,
       Metrics& metrics);

  Process Run() { return batches_.Run(); }
  void Stop() { batches_.Stop(); }

 private:
  struct Read;
  Task<void> Apply(const std::vector<kafka::Consumed>& records, Deadline deadline);
  std::vector<Read> ReadAll(const std::vector<kafka::Consumed>& records);
  void ReadInbound(const v1::Inbound& inbound, const kafka::Consumed& record, Read& read);
  std::vector<EndedJob> Reject(std::vector<Read>& reads);
  Result<void> Do(const Read& read);

  Ports ports_;
  const Settings& settings_;
  Metrics& metrics_;
  kafka::Batches batches_;
};

}  // namespace drover::push
