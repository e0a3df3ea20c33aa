// The keys of transactions that had their answer, for as long as it may come again: timer K.
//
// All are kept equally long, so they leave in the order in which they came: a ring, and a hash into
// it. 36 octets each; allocates only to grow.
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "libs/sip/transaction_key.h"
#include "libs/sip/transaction_timers.h"

namespace drover::sip {

class CompletedTransactions {
 public:
  CompletedTransactions() : ring_(64), buckets_(64, kNone) {}

  size_t size() const { return last_ - first_; }
  size_t octets() const {
    return ring_.capacity() * sizeof(Entry) + buckets_.capacity() * sizeof(uint32_t);
  }
  // When the first one leaves; Time::max(): there is none.
  Time Next() const { return first_ == last_ ? Time::max() : At(first_).until; }

  bool Holds(const TransactionKey& key) const {
    uint32_t place = buckets_[Bucket(key)];
    while (place != kNone && ring_[place].key != key) place = ring_[place].next;
    return place != kNone;
  }
  // until: no earlier than that of the one before.
  void Add(const TransactionKey& key, Time until) {
    if (size() == ring_.size()) Grow();
    At(last_) = {key, until, kNone};
    Hang(last_++);
  }
  void Advance(Time now) {
    while (first_ != last_ && At(first_).until <= now) RemoveFirst();
  }
  void RemoveFirst() {
    const auto place = static_cast<uint32_t>(first_ & (ring_.size() - 1));
    uint32_t* link = &buckets_[Bucket(ring_[place].key)];
    while (*link != place) link = &ring_[*link].next;
    *link = ring_[place].next;
    ++first_;
  }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  struct Entry {
    TransactionKey key;
    Time until;
    uint32_t next = kNone;  // In its bucket.
  };

  Entry& At(uint64_t number) { return ring_[number & (ring_.size() - 1)]; }
  const Entry& At(uint64_t number) const { return ring_[number & (ring_.size() - 1)]; }
  size_t Bucket(const TransactionKey& key) const { return key.low & (buckets_.size() - 1); }
  void Hang(uint64_t number) {
    const auto place = static_cast<uint32_t>(number & (ring_.size() - 1));
    uint32_t& head = buckets_[Bucket(ring_[place].key)];
    ring_[place].next = head;
    head = place;
  }
  void Grow() {
    std::vector<Entry> bigger(ring_.size() * 2);
    for (uint64_t i = first_; i != last_; ++i) bigger[i & (bigger.size() - 1)] = At(i);
    ring_.swap(bigger);
    buckets_.assign(ring_.size(), kNone);
    for (uint64_t i = first_; i != last_; ++i) Hang(i);
  }

  std::vector<Entry> ring_;        // A power of two; number n lies at n modulo its size.
  std::vector<uint32_t> buckets_;  // As many.
  uint64_t first_ = 0;
  uint64_t last_ = 0;  // Behind the last one.
};

}  // namespace drover::sip
