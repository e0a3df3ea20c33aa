#include "services/tree/metrics.h"

#include <prometheus/detail/builder.h>

namespace drover::tree {
namespace {

constexpr std::array<const char*, 4> kRequests = {"lookup_account", "apply_report", "enrol_unknown",
                                                  "promote_credentials"};
constexpr std::array<const char*, 2> kBatches = {"lookup", "report"};

prometheus::Counter& Counter(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add({});
}

}  // namespace

Metrics::Metrics(prometheus::Registry& registry)
    : nodes_(Counter(registry, "drover_tree_nodes_total",
                     "Nodes in reports that were committed; unchanged ones too.")),
      one_by_one_(Counter(registry, "drover_tree_batches_repeated_total",
                          "Batches done again item by item because one of them was refused.")),
      cache_failures_(Counter(registry, "drover_tree_account_cache_failures_total",
                              "Accounts that could not be written to or removed from Redis.")),
      outbox_records_(Counter(registry, "drover_tree_outbox_records_total",
                              "Records of the outbox that Kafka acknowledged.")),
      outbox_failures_(Counter(registry, "drover_tree_outbox_failures_total",
                               "Turns of the outbox relay that failed; they are taken again.")),
      history_forgotten_(Counter(registry, "drover_tree_history_forgotten_total",
                                 "Values of nodes dropped from the history, past its retention.")),
      resealed_(Counter(registry, "drover_tree_accounts_resealed_total",
                        "Accounts sealed anew with the key that seals now.")),
      sealed_otherwise_(prometheus::BuildGauge()
                            .Name("drover_tree_accounts_sealed_otherwise")
                            .Help("Accounts that only a key which seals no more can open; 0: it "
                                  "may go from the key file. -1: not counted yet.")
                            .Register(registry)
                            .Add({})) {
  sealed_otherwise_.Set(-1);
  auto& requests = prometheus::BuildCounter()
                       .Name("drover_tree_requests_total")
                       .Help("Requests of streams by kind and the code they were answered with.")
                       .Register(registry);
  for (size_t i = 0; i < kRequests.size(); ++i) {
    for (size_t code = 0; code < kCodes; ++code) {
      const std::string name(Name(static_cast<Code>(code)));
      counters_[i][code] = &requests.Add({{"request", kRequests[i]}, {"code", name}});
    }
  }
  auto& items = prometheus::BuildHistogram()
                    .Name("drover_tree_batch_items")
                    .Help("Requests carried out by one round trip to PostgreSQL.")
                    .Register(registry);
  auto& seconds = prometheus::BuildHistogram()
                      .Name("drover_tree_batch_seconds")
                      .Help("From the start of a batch to its commit.")
                      .Register(registry);
  const prometheus::Histogram::BucketBoundaries sizes = {1, 2, 4, 8, 16, 32, 64, 128, 256};
  const prometheus::Histogram::BucketBoundaries times = {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02,
                                                         0.05,   0.1,   0.5,   1,     5};
  for (size_t i = 0; i < kBatches.size(); ++i) {
    batch_items_[i] = &items.Add({{"batch", kBatches[i]}}, sizes);
    batch_seconds_[i] = &seconds.Add({{"batch", kBatches[i]}}, times);
  }
}

}  // namespace drover::tree
