// One process at a time sends: the one that holds the lock. The others accept pushes and wait.
//
// The lock is PostgreSQL's, of a connection of its own: it goes with the process. Who lost it
// without knowing finds out at its next write of the journal, before anything leaves. Either way
// Run ends, and with it the process, which starts again as one that waits.
#pragma once
#include <functional>
#include <memory>

#include "libs/async/task.h"
#include "libs/kafka/consumer.h"
#include "libs/postgres/pool.h"
#include "services/push/config.h"
#include "services/push/handlers/dispatcher.h"
#include "services/push/handlers/ends.h"
#include "services/push/handlers/feed.h"
#include "services/push/handlers/registrar.h"
#include "services/push/handlers/smsc_links.h"
#include "services/push/handlers/work.h"

namespace drover::push {

class Lead {
 public:
  struct Ports {
    PgJournal& journal;
    PgPushes& pushes;
    PgRegistrations& registrations;
    Registrar& registrar;
    kafka::Producer& producer;
  };
  Lead(asio::io_context& loop, const Config& config, Ports ports, Clock clock, Metrics& metrics);
  ~Lead();

  Process Run();
  Task<void> Drain(Deadline deadline);
  // kFailedPrecondition: another process sends.
  Result<v1::ListSmscsResponse> Smscs() const;

 private:
  struct Active;
  Task<bool> Hold(Deadline deadline);
  Task<void> Begin();
  asio::awaitable<void, Executor> Pause();
  asio::awaitable<void, Executor> Purge();

  asio::io_context& loop_;
  const Config& config_;
  Ports ports_;
  const Clock clock_;
  Metrics& metrics_;
  postgres::Pool lock_;
  Timer timer_;
  std::unique_ptr<Active> active_;
  bool stopping_ = false, lost_ = false;
};

}  // namespace drover::push
