// POST /dm: a terminal's message in, session's answer out.
//
// Spec: OMA-TS-SyncML_HTTPBinding-V1_2; proto/drover/session/v1 (Exchange).
#pragma once
#include <chrono>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>

#include "libs/http/server.h"
#include "libs/service/log.h"
#include "services/ingress/core/admission.h"
#include "services/ingress/core/reception.h"
#include "services/ingress/core/rendezvous.h"
#include "services/ingress/metrics.h"
#include "services/ingress/ports.h"

namespace drover::ingress {

// Loop thread only.
class ExchangeHandler {
 public:
  struct Config {
    Paths paths;
    size_t max_octets = 0;  // Of a body.
    Admission::Config admission;
    std::chrono::milliseconds session_timeout{};
  };

  ExchangeHandler(SessionReplicas& replicas, const std::vector<std::string>& targets, Config config,
                  Metrics& metrics);

  void Handle(const http::Request& request, const http::Responder& responder);
  // What the HTTP server refused by itself.
  void Refused(int status, std::string_view cause);

  size_t in_flight() const { return admission_.in_flight(); }

 private:
  struct Exchange;
  void Refuse(const Reception& reception, const http::Responder& responder);
  void Ask(const std::shared_ptr<Exchange>& exchange);
  void Replied(const std::shared_ptr<Exchange>& exchange,
               Result<session::v1::ExchangeReply> outcome);
  void Answer(Exchange& exchange, session::v1::ExchangeReply reply);
  void Fail(Exchange& exchange, const Error& error, uint32_t retry_after_s);
  // Not now: more has come than can be answered.
  void Defer(const Reception& reception, Admission::Time now, const http::Responder& responder);
  void Done(const Exchange& exchange);
  void Rejected(std::string_view cause, int status, std::string_view why, const DeviceId& device);
  int RetryAfter();  // Seconds, spread so that terminals do not come back all at once.

  SessionReplicas& replicas_;
  const Rendezvous rendezvous_;
  const Config config_;
  Metrics& metrics_;
  Admission admission_;
  std::map<std::string, service::Sampler, std::less<>> samplers_;  // One a cause.
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace drover::ingress
