// The requests that wait for their response, by sequence number.
//
// Numbers ascend, so a table of twice the window, indexed by the number's low bits, needs no
// hashing: a number whose place is taken by one that waits long is skipped.
#pragma once
#include <bit>
#include <cstdint>
#include <vector>

#include "libs/smpp/pdu.h"
#include "libs/smpp/rate_control.h"

namespace drover::smpp {

struct Outstanding {
  uint32_t sequence = 0;  // 0: the place is free.
  CommandId command = {};
  uint64_t token = 0;
  uint64_t offset = 0;  // Where it begins among all the octets that the session has made.
  Time sent;
  Time deadline;
};

class OutstandingTable {
 public:
  explicit OutstandingTable(size_t window) : places_(std::bit_ceil(2 * window + 2)) {}

  size_t size() const { return size_; }
  // The next number whose place is free. At most `window` may be held.
  uint32_t NextSequence() {
    do {
      last_ = last_ >= kMaxSequence ? 1 : last_ + 1;
    } while (Place(last_).sequence != 0);
    return last_;
  }
  void Add(const Outstanding& request) {
    Place(request.sequence) = request;
    ++size_;
  }
  // nullptr: no such request waits.
  const Outstanding* Find(uint32_t sequence) const {
    const Outstanding& place = places_[sequence & (places_.size() - 1)];
    return sequence != 0 && place.sequence == sequence ? &place : nullptr;
  }
  void Remove(uint32_t sequence) {
    Place(sequence).sequence = 0;
    --size_;
  }
  // Those that wait, in the order of their places; f may not change the table.
  template <typename F>
  void Each(F f) const {
    for (const Outstanding& place : places_) {
      if (place.sequence != 0) f(place);
    }
  }

 private:
  Outstanding& Place(uint32_t sequence) { return places_[sequence & (places_.size() - 1)]; }
  std::vector<Outstanding> places_;
  size_t size_ = 0;
  uint32_t last_ = 0;
};

}  // namespace drover::smpp
