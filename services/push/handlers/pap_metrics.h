// Metrics of the Push Proxy Gateway. What each means: docs/push.md.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <utility>

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

  // operation: a string that lives for ever.
  void Answered(const char* operation, unsigned code) {
    prometheus::Counter*& counter = answered_[{operation, code}];
    if (counter == nullptr) {
      counter = &answers_.Add({{"operation", operation}, {"code", std::to_string(code)}});
    }
    counter->Increment();
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
  std::map<std::pair<std::string_view, unsigned>, prometheus::Counter*> answered_;
};

}  // namespace drover::push
