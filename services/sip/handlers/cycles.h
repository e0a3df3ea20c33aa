// What gateways say over HTTP, carried out: registration, request, result.
//
// The gateway has proved who it is. What is answered is in PostgreSQL. A request's work is taken
// under a session key that the row numbers, so that whoever repeats it after a crash takes the same
// work.
#pragma once
#include <string>

#include "libs/base/clock.h"
#include "libs/gateway/message.h"
#include "services/sip/core/plan.h"
#include "services/sip/handlers/models.h"
#include "services/sip/handlers/store.h"
#include "services/sip/handlers/triggers.h"
#include "services/sip/metrics.h"
#include "services/sip/ports.h"

namespace drover::gateways {

class Cycles {
 public:
  struct Config {
    std::string files_url;  // Where gateways reach this server's files:
                            // "https://dm.example.com/gw/v1/file/"
  };
  Cycles(Store& store, Models& models, Triggers& triggers, OperationsPort& operations,
         TreePort& tree, Config config, Clock clock, Metrics& metrics);

  struct Asker {
    std::string user_agent;
  };
  // Each returns the response's octets. known: the gateway as it was read.
  Task<std::string> Register(Gateway known, gateway::Register message, Asker asker,
                             Deadline deadline);
  Task<std::string> Request(Gateway known, gateway::Request message, Asker asker,
                            Deadline deadline);
  Task<std::string> TakeResult(Gateway known, gateway::WorkResult message, Deadline deadline);

 private:
  std::string Success(const Gateway& gateway, const std::string& msgid) const;
  std::string Written(gateway::Response response, const Gateway& gateway,
                      const std::string& msgid) const;
  // The open session is over, as `result` says: to operations and tree, then the row. Returns it as
  // it is then.
  Task<Gateway> Close(Gateway known, gateway::WorkResult result, Deadline deadline);
  void ObserveLoop(const v1::Record& record, TimePoint now);
  Task<void> TellTree(const Gateway& gateway, const std::vector<gateway::Param>& set,
                      Deadline deadline);
  Task<Planned> TakeWork(Gateway& known, uint32_t* msg_id, Deadline deadline);
  PlanContext ContextOf(const Gateway& gateway) const;
  // Whether the gateway, by what it tells, has done what the open session told it.
  bool DoneBy(const Gateway& known, const gateway::BasicInformation& told, bool registers) const;

  Store& store_;
  Models& models_;
  Triggers& triggers_;
  OperationsPort& operations_;
  TreePort& tree_;
  const Config config_;
  Clock clock_;
  Metrics& metrics_;
};

}  // namespace drover::gateways
