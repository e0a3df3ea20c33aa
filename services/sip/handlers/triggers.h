// Triggers at work: gateways for which something is due, NOTIFYs that leave, what they come to.
//
// A NOTIFY leaves only after the row that counts it was written. Any replica may send any: who
// writes first does. Loop thread only.
#pragma once
#include <string>
#include <unordered_set>
#include <vector>

#include "libs/base/clock.h"
#include "libs/gateway/pacing.h"
#include "services/sip/handlers/models.h"
#include "services/sip/handlers/sender.h"
#include "services/sip/handlers/store.h"
#include "services/sip/metrics.h"
#include "services/sip/ports.h"

namespace drover::gateways {

class Triggers {
 public:
  Triggers(asio::io_context& loop, Store& store, PgGateways& table, Models& models, Sender& sender,
           OperationsPort& operations, const gateway::PacingOptions& pacing, std::string owner,
           Clock clock, Metrics& metrics);

  Process Run();
  void Stop();
  // Something has become due: do not wait for the next look.
  void Wake();

  // Inside a decision: lets what wants to be queued go at once, if the pacer has room. Follow the
  // write with Left or NotLeft.
  void Admit(Gateway& gateway, gateway::Actions& actions, TimePoint now, Telling& telling);
  // The row was written: carries out what is to be done.
  void Left(const Gateway& gateway, const gateway::Actions& actions);
  // It was not: what the pacer let go did not go.
  void NotLeft(const gateway::Actions& actions);

  // What the request server has seen.
  void RequestSeen() { pacing_.RequestSeen(clock_()); }
  void Overloaded() { pacing_.Overloaded(clock_()); }
  void Measure();

 private:
  Task<size_t> Turn();
  bool Decide(Gateway& gateway, TimePoint now, Telling& telling, gateway::Actions* actions);
  static bool PutOff(Gateway& gateway, const gateway::Profile& profile, TimePoint now);
  void Transmit(const Gateway& gateway, const gateway::Send& send);
  Process Tell(std::string id, Notified notified);
  Task<void> Apply(const std::string& id, const Notified& notified);
  Process Abandon(std::string id);
  Task<void> GiveBack(const std::string& id);

  asio::io_context& loop_;
  Store& store_;
  PgGateways& table_;
  Models& models_;
  Sender& sender_;
  OperationsPort& operations_;
  gateway::Pacing pacing_;
  const std::string owner_;
  Clock clock_;
  Metrics& metrics_;
  Timer timer_;
  bool woken_ = false;
  bool stopping_ = false;
  std::unordered_set<std::string> abandoned_;  // Being given back to operations.
  TimePoint next_beat_{};
};

}  // namespace drover::gateways
