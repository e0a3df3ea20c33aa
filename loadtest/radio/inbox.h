// What a terminal makes of the segments that reach it: it puts messages together by originator,
// reference number and total, drops copies, and forgets sets that stay in part.
// Spec: 3GPP TS 23.040, "Concatenated short messages".
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadtest/radio/radio.h"

namespace drover::radio {

struct Segment {
  std::string_view originator;
  uint16_t ref = 0;
  uint8_t total = 1;
  uint8_t number = 1;  // 1..total
  std::string_view octets;
};

class Inbox {
 public:
  // sets: of messages in part that are kept, the oldest goes first. kept_for: since the last
  // segment of a set.
  explicit Inbox(size_t sets = 16, Us kept_for = Us{30} * 24 * 3600 * kSecond)
      : sets_(sets), kept_for_(kept_for) {}

  // The message that this segment completes: its parts in order. A segment with an impossible
  // number is a message of its own.
  std::optional<std::vector<std::string>> Receive(const Segment& segment, Us now);

  uint64_t copies() const { return copies_; }        // Segments that were there already.
  uint64_t forgotten() const { return forgotten_; }  // Sets.
  size_t in_part() const { return partial_.size(); }

 private:
  struct Partial {
    std::string originator;
    uint16_t ref = 0;
    std::vector<std::optional<std::string>> parts;
    size_t missing = 0;
    Us touched = 0;
  };
  void Forget(Us now);
  Partial& SetOf(const Segment& segment);

  size_t sets_;
  Us kept_for_;
  uint64_t copies_ = 0, forgotten_ = 0;
  std::deque<Partial> partial_;
};

}  // namespace drover::radio
