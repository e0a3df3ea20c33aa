// Every metric of drover-ingress.
#pragma once
#include <chrono>
#include <string>
#include <string_view>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace drover::ingress {

class Metrics {
 public:
  explicit Metrics(prometheus::Registry& registry);
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // A request was answered. encoding: "xml", "wbxml", or "none" if that was not found out.
  void Answered(int code, std::string_view encoding);
  // Of those that went to session: from the whole request to the answer.
  void Took(std::chrono::steady_clock::duration time) {
    seconds_.Observe(std::chrono::duration<double>(time).count());
  }
  // A request was refused by ingress or by session; cause is one of a few fixed words.
  void Rejected(std::string_view cause);
  // A request went to another replica than the first choice after that one failed.
  void FailedOver() { failovers_.Increment(); }
  void InFlight(size_t requests) { in_flight_.Set(static_cast<double>(requests)); }
  // So many requests may be in flight before sessions that are to begin are refused.
  void Admits(size_t requests) { limit_.Set(static_cast<double>(requests)); }
  void Connections(size_t connections) { connections_.Set(static_cast<double>(connections)); }
  void SessionStreams(size_t connected) { streams_.Set(static_cast<double>(connected)); }

 private:
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Family<prometheus::Counter>& rejected_;
  prometheus::Counter& ok_xml_;  // The usual ones, found beforehand.
  prometheus::Counter& ok_wbxml_;
  prometheus::Counter& failovers_;
  prometheus::Histogram& seconds_;
  prometheus::Gauge& in_flight_;
  prometheus::Gauge& limit_;
  prometheus::Gauge& connections_;
  prometheus::Gauge& streams_;
};

}  // namespace drover::ingress
