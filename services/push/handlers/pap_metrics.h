// Metrics of the Push Proxy Gateway. What each means: docs/push.md.
#pragma once
#include <string>

#include <prometheus/counter.h>
#include <prometheus/registry.h>

namespace drover::push {

class PapMetrics {
 public:
  explicit PapMetrics(prometheus::Registry& registry)
      : answers_(Counter(registry, "drover_push_pap_answers_total",
                         "Answers to push initiators by operation and PAP status code.")),
        refusals_(Counter(registry, "drover_push_pap_refusals_total",
                          "Requests that were refused before their PAP was read, by HTTP status.")),
        notifications_(
            Counter(registry, "drover_push_pap_notifications_total",
                    "Attempts to tell an initiator of a push's end: told, again, parked.")) {}

  void Answered(const char* operation, unsigned code) {
    answers_.Add({{"operation", operation}, {"code", std::to_string(code)}}).Increment();
  }
  void Refused(int status) { refusals_.Add({{"status", std::to_string(status)}}).Increment(); }
  void Notified(const char* outcome) { notifications_.Add({{"outcome", outcome}}).Increment(); }

 private:
  using CounterFamily = prometheus::Family<prometheus::Counter>;
  static CounterFamily& Counter(prometheus::Registry& registry, const char* name,
                                const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
  }
  CounterFamily& answers_;
  CounterFamily& refusals_;
  CounterFamily& notifications_;
};

}  // namespace drover::push
