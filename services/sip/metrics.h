// Every metric of the sip service. Labels are enums and names of profiles, never gateways. What
// each means: docs/sip.md.
#pragma once
#include <string>
#include <string_view>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace drover::gateways {

class Metrics {
 public:
  explicit Metrics(prometheus::Registry& registry)
      : registry_(registry),
        wakeups_(
            Counter("drover_sip_wakeups_total",
                    "Wake-ups by what became of them at once: taken, unknown, expired, ignored, "
                    "damaged.")),
        notifies_(Counter("drover_sip_notify_total",
                          "NOTIFYs by event and class of what answered: 2xx .. 6xx, timeout, ..")),
        voice_(
            Counter("drover_sip_voice_notify_total", "Ordinary NOTIFYs by class of the answer.")),
        registers_(Counter("drover_sip_registers_total", "REGISTER by status of the answer.")),
        requests_(
            Counter("drover_sip_requests_total", "HTTP requests of gateways by call and status.")),
        repeats_(Counter("drover_sip_repeated_requests_total",
                         "Requests that got the stored response again.")),
        closed_(Counter("drover_sip_sessions_closed_total",
                        "Responses with work by their end: done, failed, busy, unknown.")),
        remarks_(Counter("drover_sip_xml_remarks_total",
                         "What was tolerated in gateways' XML: repeated, ignored, head_slip.")),
        failures_(Counter("drover_sip_background_failures_total",
                          "Turns of background work that failed and will be repeated.")),
        relayed_(Counter("drover_sip_outbox_relayed_total",
                         "Events that the brokers have acknowledged.")),
        states_(prometheus::BuildGauge()
                    .Name("drover_sip_gateways")
                    .Help("Gateways by state of their trigger.")
                    .Register(registry)),
        gauges_(prometheus::BuildGauge()
                    .Name("drover_sip_now")
                    .Help("As it is now: unanswered, owed (requests), rate (NOTIFYs a second), "
                          "in_flight, "
                          "connections, waiting, malformed (messages so far).")
                    .Register(registry)),
        hops_(
            prometheus::BuildHistogram()
                .Name("drover_sip_resync_seconds")
                .Help("Hops of the closed loop: notify (sent to answered), request (answered to "
                      "request), response (request to response), result (response to result), loop "
                      "(sent to result).")
                .Register(registry)) {
    relayed_.Add({});
    repeats_.Add({});
  }

  void Wakeup(const char* what) { wakeups_.Add({{"outcome", what}}).Increment(); }
  void Notify(std::string_view event, std::string_view answer) {
    notifies_.Add({{"event", std::string(event)}, {"code_class", std::string(answer)}}).Increment();
  }
  void Voice(std::string_view answer) {
    voice_.Add({{"code_class", std::string(answer)}}).Increment();
  }
  void Register(int status) { registers_.Add({{"code", std::to_string(status)}}).Increment(); }
  void Request(const char* call, int status) {
    requests_.Add({{"call", call}, {"code", std::to_string(status)}}).Increment();
  }
  void Repeated() { repeats_.Add({}).Increment(); }
  void Closed(const char* how) { closed_.Add({{"outcome", how}}).Increment(); }
  void Remark(const char* what, uint32_t count) {
    if (count > 0) remarks_.Add({{"kind", what}}).Increment(count);
  }
  void Failed(const char* what) { failures_.Add({{"work", what}}).Increment(); }
  void Relayed(size_t records) { relayed_.Add({}).Increment(static_cast<double>(records)); }
  void State(std::string_view state, int64_t count) {
    states_.Add({{"state", std::string(state)}}).Set(static_cast<double>(count));
  }
  void Now(const char* what, double value) { gauges_.Add({{"what", what}}).Set(value); }
  void Hop(const char* hop, double seconds) {
    hops_
        .Add({{"hop", hop}},
             prometheus::Histogram::BucketBoundaries{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                     0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300,
                                                     900})
        .Observe(seconds);
  }
  prometheus::Registry& registry() { return registry_; }

 private:
  using CounterFamily = prometheus::Family<prometheus::Counter>;
  CounterFamily& Counter(const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry_);
  }

  prometheus::Registry& registry_;
  CounterFamily& wakeups_;
  CounterFamily& notifies_;
  CounterFamily& voice_;
  CounterFamily& registers_;
  CounterFamily& requests_;
  CounterFamily& repeats_;
  CounterFamily& closed_;
  CounterFamily& remarks_;
  CounterFamily& failures_;
  CounterFamily& relayed_;
  prometheus::Family<prometheus::Gauge>& states_;
  prometheus::Family<prometheus::Gauge>& gauges_;
  prometheus::Family<prometheus::Histogram>& hops_;
};

}  // namespace drover::gateways
