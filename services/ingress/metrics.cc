#include "services/ingress/metrics.h"

namespace drover::ingress {
namespace {

prometheus::Family<prometheus::Counter>& Counters(prometheus::Registry& registry, const char* name,
                                                  const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

prometheus::Gauge& Gauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

prometheus::Histogram& Seconds(prometheus::Registry& registry) {
  return prometheus::BuildHistogram()
      .Name("drover_ingress_request_duration_seconds")
      .Help("From the whole request to the answer, of requests that went to session.")
      .Register(registry)
      .Add({}, prometheus::Histogram::BucketBoundaries{.001, .002, .005, .01, .02, .05, .1, .2, .5,
                                                       1, 2, 5, 10, 20});
}

}  // namespace

Metrics::Metrics(prometheus::Registry& registry)
    : requests_(Counters(registry, "drover_ingress_requests_total",
                         "Requests answered, by HTTP status and encoding.")),
      rejected_(Counters(registry, "drover_ingress_rejected_total",
                         "Requests refused, by cause; docs/services/ingress.md lists them.")),
      ok_xml_(requests_.Add({{"code", "200"}, {"encoding", "xml"}})),
      ok_wbxml_(requests_.Add({{"code", "200"}, {"encoding", "wbxml"}})),
      failovers_(Counters(registry, "drover_ingress_failovers_total",
                          "Requests repeated at another replica of session.")
                     .Add({})),
      seconds_(Seconds(registry)),
      in_flight_(Gauge(registry, "drover_ingress_in_flight", "Requests that session works on.")),
      limit_(Gauge(registry, "drover_ingress_admission_limit",
                   "Requests in flight past which new sessions are refused.")),
      connections_(Gauge(registry, "drover_ingress_connections", "Open connections.")),
      streams_(Gauge(registry, "drover_ingress_session_streams",
                     "Replicas of session that are connected.")) {}

void Metrics::Answered(int code, std::string_view encoding) {
  if (code == 200 && encoding == "xml") return ok_xml_.Increment();
  if (code == 200 && encoding == "wbxml") return ok_wbxml_.Increment();
  requests_.Add({{"code", std::to_string(code)}, {"encoding", std::string(encoding)}}).Increment();
}

void Metrics::Rejected(std::string_view cause) {
  rejected_.Add({{"cause", std::string(cause)}}).Increment();
}

}  // namespace drover::ingress
