// The gateways of this process: reads and writes of many messages travel together.
//
// Change reads a gateway, lets `decide` say what becomes of it, and writes that if nobody was
// quicker; else it decides again. decide is pure but for what it captures, may run several times,
// and is told the gateway as it is. Loop thread only.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "libs/async/batcher.h"
#include "libs/async/suspend.h"
#include "libs/async/task.h"
#include "libs/outbox/relay.h"
#include "services/sip/adapters/pg_gateways.h"

namespace drover::gateways {

class Store {
 public:
  Store(asio::io_context& loop, PgGateways& table, outbox::Relay& relay);

  // nullopt: there is no such gateway.
  Task<std::optional<Gateway>> Read(std::string id, Deadline deadline);
  // Returns it as it is stored then. kAborted: somebody was quicker.
  Task<Gateway> Write(Gateway gateway, Telling telling, Deadline deadline);

  // Whether what decide made of it is to be written.
  using Decide = std::function<bool(Gateway& gateway, Telling& telling)>;
  // known: as it was read last, if it was. Returns it as it is afterwards. kNotFound; kAborted
  // after many tries.
  Task<Gateway> Change(std::string id, Decide decide, Deadline deadline,
                       std::optional<Gateway> known = std::nullopt);
  // Many at once, each id once; those that are not there, or were not to be written, are left out
  // of the answer. The order is that of the ids.
  Task<std::vector<Gateway>> ChangeAll(std::vector<std::string> ids, Decide decide,
                                       Deadline deadline);

 private:
  struct Reading {
    std::string id;
    Resumer<std::optional<Gateway>> resumer;
  };
  struct Writing {
    gateways::Write write;
    Deadline deadline;
    Resumer<bool> resumer;
  };
  Process RunReads(std::vector<Reading> batch);
  Process RunWrites(std::vector<Writing> batch);

  PgGateways& table_;
  outbox::Relay& relay_;
  Batcher<Reading> reads_;
  Batcher<Writing> writes_;
};

}  // namespace drover::gateways
