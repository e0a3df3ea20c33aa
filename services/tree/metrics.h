// Every metric of drover-tree.
#pragma once
#include <array>
#include <chrono>
#include <string>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "libs/base/result.h"

namespace drover::tree {

enum class Request : uint8_t { kLookupAccount, kApplyReport, kEnrolUnknown, kPromoteCredentials };
enum class Batch : uint8_t { kLookup, kReport };

class Metrics {
 public:
  explicit Metrics(prometheus::Registry& registry);
  Metrics(const Metrics&) = delete;

  // A request of a stream was answered.
  void Answered(Request request, Code code) {
    counters_[static_cast<size_t>(request)][static_cast<size_t>(code)]->Increment();
  }
  // A batch went to the database and came back.
  void Batched(Batch batch, size_t items, std::chrono::steady_clock::duration took) {
    batch_items_[static_cast<size_t>(batch)]->Observe(static_cast<double>(items));
    batch_seconds_[static_cast<size_t>(batch)]->Observe(
        std::chrono::duration<double>(took).count());
  }
  void NodesWritten(size_t nodes) { nodes_.Increment(static_cast<double>(nodes)); }
  void RepeatedOneByOne() { one_by_one_.Increment(); }
  void CacheFailed() { cache_failures_.Increment(); }
  void OutboxRelayed(size_t records) { outbox_records_.Increment(static_cast<double>(records)); }
  void OutboxFailed() { outbox_failures_.Increment(); }
  void HistoryForgotten(int64_t rows) { history_forgotten_.Increment(static_cast<double>(rows)); }
  void Resealed() { resealed_.Increment(); }
  // Accounts that a key which seals no more was found on and that could not be sealed anew; -1:
  // nobody has looked yet.
  void SealedOtherwise(int64_t accounts) { sealed_otherwise_.Set(static_cast<double>(accounts)); }

 private:
  static constexpr size_t kCodes = 17;
  std::array<std::array<prometheus::Counter*, kCodes>, 4> counters_{};
  std::array<prometheus::Histogram*, 2> batch_items_{};
  std::array<prometheus::Histogram*, 2> batch_seconds_{};
  prometheus::Counter& nodes_;
  prometheus::Counter& one_by_one_;
  prometheus::Counter& cache_failures_;
  prometheus::Counter& outbox_records_;
  prometheus::Counter& outbox_failures_;
  prometheus::Counter& history_forgotten_;
  prometheus::Counter& resealed_;
  prometheus::Gauge& sealed_otherwise_;
};

}  // namespace drover::tree
