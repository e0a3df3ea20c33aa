// What /metrics says of the process itself: process_* by the names that Prometheus's own clients
// use, and drover_build_info.
#pragma once
#include <string>
#include <vector>

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

namespace drover::service {

class ProcessMetrics final : public prometheus::Collectable {
 public:
  explicit ProcessMetrics(std::string service) : service_(std::move(service)) {}
  // Reads /proc/self.
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const std::string service_;
};

// "0.1.0"
std::string_view Version();

}  // namespace drover::service
