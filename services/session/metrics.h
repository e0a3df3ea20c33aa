// Every metric of the session service. Labels are enums, never device ids.
#pragma once
#include <algorithm>
#include <array>
#include <string>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "services/session/core/exchange.h"

namespace drover::session {

class Metrics {
 public:
  explicit Metrics(prometheus::Registry& registry)
      : messages_(prometheus::BuildCounter()
                      .Name("drover_session_messages_total")
                      .Help("Terminals' messages by what became of them.")
                      .Register(registry)),
        ended_(prometheus::BuildCounter()
                   .Name("drover_session_sessions_ended_total")
                   .Help("Sessions by how they ended.")
                   .Register(registry)),
        started_(prometheus::BuildCounter()
                     .Name("drover_session_sessions_started_total")
                     .Help("Sessions whose terminal proved who it is.")
                     .Register(registry)
                     .Add({})),
        oddities_(prometheus::BuildCounter()
                      .Name("drover_session_oddities_total")
                      .Help("What messages held that they should not have.")
                      .Register(registry)),
        commands_(prometheus::BuildCounter()
                      .Name("drover_session_commands_total")
                      .Help("Commands by the class of the status that the terminal gave.")
                      .Register(registry)),
        waiting_(prometheus::BuildGauge()
                     .Name("drover_session_exchanges_in_flight")
                     .Help("Messages being answered.")
                     .Register(registry)
                     .Add({})),
        duration_(prometheus::BuildHistogram()
                      .Name("drover_session_exchange_duration_seconds")
                      .Help("From a message to its answer.")
                      .Register(registry)
                      .Add({}, prometheus::Histogram::BucketBoundaries{0.001, 0.0025, 0.005, 0.01,
                                                                       0.025, 0.05, 0.1, 0.25, 0.5,
                                                                       1, 2.5, 10})) {
    static constexpr std::array<const char*, 3> kOutcomes = {"answered", "refused", "failed"};
    for (size_t i = 0; i < kOutcomes.size(); ++i) {
      by_outcome_[i] = &messages_.Add({{"outcome", kOutcomes[i]}});
    }
  }

  enum class Outcome : uint8_t { kAnswered, kRefused, kFailed };
  void Message(Outcome outcome, double seconds) {
    by_outcome_[static_cast<size_t>(outcome)]->Increment();
    duration_.Observe(seconds);
  }
  void Started() { started_.Increment(); }
  void Ended(SessionEnd end) {
    static constexpr std::array<const char*, 4> kNames = {"completed", "aborted_by_terminal",
                                                          "aborted_by_server", "replaced"};
    const auto place = static_cast<size_t>(end);
    prometheus::Counter*& counter = by_end_[place];
    if (counter == nullptr) counter = &ended_.Add({{"end", kNames[place]}});
    counter->Increment();
  }
  void Odd(Oddity oddity) { oddities_.Add({{"kind", std::string(Name(oddity))}}).Increment(); }
  void Command(uint32_t status) {
    static constexpr std::array<const char*, 5> kKinds = {"1xx", "2xx", "3xx", "4xx", "5xx"};
    const size_t kind = std::clamp<uint32_t>(status / 100, 1, kKinds.size()) - 1;
    prometheus::Counter*& counter = by_status_[kind];
    if (counter == nullptr) counter = &commands_.Add({{"status", kKinds[kind]}});
    counter->Increment();
  }
  prometheus::Gauge& in_flight() { return waiting_; }

 private:
  prometheus::Family<prometheus::Counter>& messages_;
  prometheus::Family<prometheus::Counter>& ended_;
  prometheus::Counter& started_;
  prometheus::Family<prometheus::Counter>& oddities_;
  prometheus::Family<prometheus::Counter>& commands_;
  prometheus::Gauge& waiting_;
  prometheus::Histogram& duration_;
  // Looking a counter up by its labels costs several allocations: done once.
  std::array<prometheus::Counter*, 3> by_outcome_{};
  std::array<prometheus::Counter*, 4> by_end_{};
  std::array<prometheus::Counter*, 5> by_status_{};
};

}  // namespace drover::session
