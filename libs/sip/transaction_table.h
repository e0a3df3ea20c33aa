// Transactions in numbered rows, found by key; and rings that hold some of the numbers in order.
//
// All of it is O(1) and allocates only to grow.
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "libs/sip/transaction_key.h"

namespace drover::sip {

constexpr uint32_t kNoRow = UINT32_MAX;

// Row: has `TransactionKey key`, `uint32_t next` and `uint32_t generation`, all minded here.
template <typename Row>
class TransactionTable {
 public:
  TransactionTable() : buckets_(64, kNoRow) {}

  size_t size() const { return size_; }
  Row& operator[](uint32_t row) { return rows_[row]; }
  const Row& operator[](uint32_t row) const { return rows_[row]; }

  uint32_t Find(const TransactionKey& key) const {
    uint32_t row = buckets_[Bucket(key)];
    while (row != kNoRow && rows_[row].key != key) row = rows_[row].next;
    return row;
  }
  // key: not held. References to rows end here.
  uint32_t Add(const TransactionKey& key) {
    if (size_ == buckets_.size()) Grow();
    uint32_t row = free_;
    if (row == kNoRow) {
      row = static_cast<uint32_t>(rows_.size());
      rows_.emplace_back();
    } else {
      free_ = rows_[row].next;
    }
    rows_[row].key = key;
    Hang(row);
    ++size_;
    return row;
  }
  void Remove(uint32_t row) {
    uint32_t* link = &buckets_[Bucket(rows_[row].key)];
    while (*link != row) link = &rows_[*link].next;
    *link = rows_[row].next;
    const uint32_t generation = rows_[row].generation + 1;
    rows_[row] = Row();
    rows_[row].generation = generation;
    rows_[row].next = std::exchange(free_, row);
    --size_;
  }

  // A number for the transaction in that row, never given to another one of the last 2^32 there.
  uint64_t IdOf(uint32_t row) const { return uint64_t{rows_[row].generation} << 32 | row; }
  // kNoRow: that transaction is over.
  uint32_t RowOf(uint64_t id) const {
    const auto row = static_cast<uint32_t>(id);
    return row < rows_.size() && rows_[row].generation == id >> 32 ? row : kNoRow;
  }

  size_t octets() const {
    return rows_.capacity() * sizeof(Row) + buckets_.capacity() * sizeof(uint32_t);
  }

 private:
  size_t Bucket(const TransactionKey& key) const { return key.low & (buckets_.size() - 1); }
  void Hang(uint32_t row) {
    rows_[row].next = std::exchange(buckets_[Bucket(rows_[row].key)], row);
  }
  void Grow() {
    std::vector<uint32_t> old(buckets_.size() * 2, kNoRow);
    old.swap(buckets_);
    for (uint32_t row : old) {
      while (row != kNoRow) Hang(std::exchange(row, rows_[row].next));
    }
  }

  std::vector<Row> rows_;
  std::vector<uint32_t> buckets_;  // A power of two.
  uint32_t free_ = kNoRow;
  size_t size_ = 0;
};

// A number is in one ring at most.
class TransactionRings {
 public:
  explicit TransactionRings(uint32_t rings) : rings_(rings), nodes_(rings) {
    for (uint32_t ring = 0; ring < rings; ++ring) nodes_[ring] = {ring, ring};
  }
  void Append(uint32_t ring, uint32_t row) {
    const uint32_t node = rings_ + row;
    if (node >= nodes_.size()) nodes_.resize(node + 1);
    const uint32_t last = nodes_[ring].prev;
    nodes_[node] = {last, ring};
    nodes_[last].next = node;
    nodes_[ring].prev = node;
  }
  void Remove(uint32_t row) {
    const auto [prev, next] = nodes_[rings_ + row];
    nodes_[prev].next = next;
    nodes_[next].prev = prev;
  }
  // kNoRow: none.
  uint32_t First(uint32_t ring) const { return RowOf(nodes_[ring].next); }
  uint32_t After(uint32_t row) const { return RowOf(nodes_[rings_ + row].next); }

 private:
  struct Node {
    uint32_t prev = 0;
    uint32_t next = 0;
  };
  uint32_t RowOf(uint32_t node) const { return node < rings_ ? kNoRow : node - rings_; }
  uint32_t rings_;
  std::vector<Node> nodes_;  // The first of them are the rings' ends.
};

}  // namespace drover::sip
