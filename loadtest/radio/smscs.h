// Two SMSCs for a World: one with the radio model behind it, which answers when a segment was
// delivered (Gate::kTransaction), and one that stores and forwards quickly.
#pragma once
#include <cstdint>

#include "loadtest/radio/world.h"

namespace drover::radio {

class RadioSmsc final : public Smsc {
 public:
  RadioSmsc(Profile profile, Timing timing, bool alerts, uint64_t seed)
      : radio_(profile, timing, seed), alerts_(alerts) {}
  Us TurnAt(const dispatch::Send&, Mobile mobile, Us now) override {
    return radio_.TurnAt(mobile, now);
  }
  Answer Serve(const dispatch::Send& send, Mobile mobile, Us now) override;
  uint64_t attempts() const { return radio_.attempts(); }

 private:
  Radio radio_;
  bool alerts_;
};

struct QuickProfile {
  double answer_s = 0.02;               // Mean of an exponential.
  double temporary = 0, permanent = 0;  // Shares of answers that refuse.
  double receipt_s = -1;                // Mean time from there to the receipt; below 0: none.
};

class QuickSmsc final : public Smsc {
 public:
  QuickSmsc(QuickProfile profile, uint64_t seed) : profile_(profile), state_(seed) {}
  Us TurnAt(const dispatch::Send&, Mobile, Us now) override { return now; }
  Answer Serve(const dispatch::Send& send, Mobile mobile, Us now) override;

 private:
  double Fraction();
  Us Exponential(double mean_s);

  QuickProfile profile_;
  uint64_t state_;
};

}  // namespace drover::radio
