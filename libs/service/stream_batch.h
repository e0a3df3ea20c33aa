// How items are put into batches: shared by both ends of a stream (libs/service/stream.h).
#pragma once
#include <cstddef>
#include <deque>
#include <type_traits>
#include <utility>

namespace drover::service {

constexpr int kBatchItems = 64;                      // Past 32 a batch gains little.
constexpr size_t kBatchOctets = 1024 * 1024;         // Past it a batch takes no further item.
constexpr int kMaxMessageOctets = 32 * 1024 * 1024;  // Of a gRPC message: a batch and one big item.
// How much one end may send before the other has read: without it (64 KiB) a batch takes many round
// trips.
constexpr int kWindowOctets = 4 * 1024 * 1024;

// The item type of a batch.
template <typename Batch>
using ItemOf = std::remove_cvref_t<decltype(std::declval<const Batch&>().items(0))>;

// Moves what fits from the front of queue into batch, which is cleared before.
template <typename Batch>
void FillBatch(std::deque<ItemOf<Batch>>& queue, Batch& batch) {
  batch.mutable_items()->Clear();
  size_t octets = 0;
  while (!queue.empty() && batch.items_size() < kBatchItems && octets < kBatchOctets) {
    octets += queue.front().ByteSizeLong();
    *batch.add_items() = std::move(queue.front());
    queue.pop_front();
  }
}

}  // namespace drover::service
