// The air between the SMSC and one terminal: whether it is there, what becomes of an attempt, how
// long that takes. Drawn from a seed and the terminal's number: the same in every run.
//
// Losses are independent; a terminal is there and away by turns, each for an exponential time.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "libs/base/clock.h"
#include "loadtest/smsc/settings.h"

namespace drover::smsc {

enum class Outcome : uint8_t {
  kDelivered,
  kUnheard,  // Delivered, but its acknowledgement was lost: the SMSC takes it for lost.
  kLost,
  kAbsent,
  kBusy,  // Another message was on its way to the terminal.
};

struct Attempt {
  Outcome outcome = Outcome::kDelivered;
  Span takes{0};
};

// Draws of one terminal, one after the other.
class Draws {
 public:
  Draws(uint64_t seed, std::string_view terminal);
  double Fraction();            // Evenly in [0, 1).
  Span Exponential(Span mean);  // 0 if mean is.
  Span Around(Span middle);     // +-10 %, evenly.

 private:
  uint64_t state_;
};

class Radio {
 public:
  Radio(const RadioSettings& settings, uint64_t seed, std::string_view terminal);

  // An attempt that begins now; End follows when its time is over. Time does not go back.
  Attempt Begin(TimePoint now);
  // more: the sender has another segment for this terminal.
  void End(const Attempt& attempt, TimePoint now, bool more);

  // Before an attempt that begins fresh: how long it waits in the SMSC.
  Span QueueWait(TimePoint now);
  bool link_kept(TimePoint now) const { return now <= kept_until_; }
  bool Present(TimePoint now);
  // When it is there next: now, if it is there.
  TimePoint ReturnsAt(TimePoint now);
  Draws& draws() { return draws_; }
  uint32_t under_way() const { return under_way_; }

 private:
  void Turn(TimePoint now);

  const RadioSettings& settings_;
  Draws draws_;
  bool present_ = true;
  TimePoint until_;       // The end of being there, or away.
  TimePoint kept_until_;  // Of the link.
  uint32_t under_way_ = 0;
};

}  // namespace drover::smsc
