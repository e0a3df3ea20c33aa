// Every metric of the operations service. Labels are enums, never device ids.
#pragma once
#include <array>
#include <map>
#include <string>
#include <string_view>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "services/operations/core/states.h"

namespace drover::operations {

class Metrics {
 public:
  using Bounds = prometheus::Histogram::BucketBoundaries;
  explicit Metrics(prometheus::Registry& registry)
      : submitted_(Counter(registry, "drover_operations_submitted_total", "Operations stored.")),
        finished_(Counter(registry, "drover_operations_finished_total",
                          "Operations that ended, by the state they ended in.")),
        uncertain_(Counter(registry, "drover_operations_uncertain_total",
                           "Operations that came back without a word of their outcome.")),
        wakeups_(Counter(registry, "drover_operations_wakeups_total",
                         "Wake-ups asked for: first ones and repeats.")),
        wakeup_results_(Counter(registry, "drover_operations_wakeup_results_total",
                                "What became of wake-ups.")),
        advances_(Counter(registry, "drover_operations_advances_total",
                          "Session steps by outcome: done, refused, failed.")),
        relayed_(Counter(registry, "drover_operations_outbox_relayed_total",
                         "Events that the brokers have acknowledged.")),
        failures_(Counter(registry, "drover_operations_background_failures_total",
                          "Turns of background work that failed and will be repeated.")),
        open_(prometheus::BuildGauge()
                  .Name("drover_operations_open")
                  .Help("Operations that have not ended, by state.")
                  .Register(registry)),
        outbox_(prometheus::BuildGauge()
                    .Name("drover_operations_outbox_rows")
                    .Help("Transactions whose events are not with the brokers yet.")
                    .Register(registry)
                    .Add({})),
        outbox_age_(prometheus::BuildGauge()
                        .Name("drover_operations_outbox_oldest_age_seconds")
                        .Help("How long the oldest of them has waited.")
                        .Register(registry)
                        .Add({})),
        waiting_(prometheus::BuildGauge()
                     .Name("drover_operations_advances_waiting")
                     .Help("Session steps waiting for a batch.")
                     .Register(registry)
                     .Add({})),
        batch_size_(prometheus::BuildHistogram()
                        .Name("drover_operations_advance_batch_steps")
                        .Help("Session steps in one transaction.")
                        .Register(registry)
                        .Add({}, Bounds{1, 2, 4, 8, 16, 32, 64, 128})),
        batch_duration_(
            prometheus::BuildHistogram()
                .Name("drover_operations_advance_batch_duration_seconds")
                .Help("From reading to the commit of one batch.")
                .Register(registry)
                .Add({}, Bounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1})) {
    for (const v1::State state : {v1::SUCCEEDED, v1::FAILED, v1::EXPIRED, v1::CANCELLED}) {
      finished_.Add(Labels(state));
    }
    for (CounterFamily* family : {&submitted_, &uncertain_, &relayed_}) family->Add({});
  }

  void Submitted(size_t count) { submitted_.Add({}).Increment(static_cast<double>(count)); }
  void Changed(v1::State to, bool uncertain) {
    if (!IsOpen(to)) {
      prometheus::Counter*& counter = finished_by_state_[static_cast<size_t>(to)];
      if (counter == nullptr) counter = &finished_.Add(Labels(to));
      counter->Increment();
    }
    if (to == v1::PENDING && uncertain) uncertain_.Add({}).Increment();
  }
  void WakeupAsked(bool repeat) {
    wakeups_.Add({{"kind", repeat ? "repeat" : "first"}}).Increment();
  }
  void WakeupResult(const char* outcome) {
    wakeup_results_.Add({{"outcome", outcome}}).Increment();
  }
  void Advanced(const char* outcome) {
    prometheus::Counter*& counter = advances_by_outcome_[outcome];
    if (counter == nullptr) counter = &advances_.Add({{"outcome", outcome}});
    counter->Increment();
  }
  void Batch(size_t steps, double seconds) {
    batch_size_.Observe(static_cast<double>(steps));
    batch_duration_.Observe(seconds);
  }
  void Relayed(size_t records) { relayed_.Add({}).Increment(static_cast<double>(records)); }
  void Failed(const char* what) { failures_.Add({{"work", what}}).Increment(); }
  void Open(v1::State state, int64_t count) {
    open_.Add(Labels(state)).Set(static_cast<double>(count));
  }
  void Outbox(int64_t rows, double oldest_seconds) {
    outbox_.Set(static_cast<double>(rows));
    outbox_age_.Set(oldest_seconds);
  }
  prometheus::Gauge& waiting() { return waiting_; }

 private:
  using CounterFamily = prometheus::Family<prometheus::Counter>;
  static CounterFamily& Counter(prometheus::Registry& registry, const char* name,
                                const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
  }
  static prometheus::Labels Labels(v1::State state) {
    return {{"state", std::string(Name(state))}};
  }

  CounterFamily& submitted_;
  CounterFamily& finished_;
  // To look a counter up by its labels costs a microsecond, which these would pay in each session.
  std::array<prometheus::Counter*, 16> finished_by_state_{};
  std::map<std::string_view, prometheus::Counter*> advances_by_outcome_;
  CounterFamily& uncertain_;
  CounterFamily& wakeups_;
  CounterFamily& wakeup_results_;
  CounterFamily& advances_;
  CounterFamily& relayed_;
  CounterFamily& failures_;
  prometheus::Family<prometheus::Gauge>& open_;
  prometheus::Gauge& outbox_;
  prometheus::Gauge& outbox_age_;
  prometheus::Gauge& waiting_;
  prometheus::Histogram& batch_size_;
  prometheus::Histogram& batch_duration_;
};

}  // namespace drover::operations
