// The radio network behind an SMSC, as a model: terminals that come and go, segments that are lost
// on air, and what each attempt to deliver one takes. Pure and seeded: the same seed and the same
// calls give the same answers, and a terminal comes and goes alike whatever is sent to it.
//
// Times are microseconds of model time, ascending from call to call. An SMSC that runs in real time
// maps its clock by TimeScale.
#pragma once
#include <cstdint>
#include <unordered_map>

namespace drover::radio {

using Mobile = uint64_t;  // MSISDN as a number.
using Us = int64_t;
inline constexpr Us kSecond = 1'000'000;

struct Profile {
  double present_s = 0;  // Means of exponential periods; 0: always there.
  double absent_s = 0;
  double loss = 0.05;  // Of an attempt to a terminal that is there.
  double busy = 0;     // Probability that an attempt is refused while another one is under way.
};

struct Timing {
  Us paging = 4 * kSecond;         // A segment with fresh paging.
  Us kept_link = 3 * kSecond / 2;  // One on a link that the segment before has kept.
  Us loss_detected = 8 * kSecond;
  Us absence_detected = 5 * kSecond;
  Us busy_detected = 1 * kSecond;
  double queue_s = 5;           // Mean wait in the SMSC's queue, exponential.
  Us link_held = 1 * kSecond;   // After a segment with more-messages-to-send.
  Us place_held = 3 * kSecond;  // After an attempt: so soon again there is no queue.
};

enum class Outcome : uint8_t { kDelivered, kLost, kAbsent, kBusy };

struct Attempt {
  Outcome outcome = Outcome::kDelivered;
  Us done_at = 0;  // When the SMSC knows.
};

class Radio {
 public:
  Radio(Profile profile, Timing timing, uint64_t seed)
      : profile_(profile), timing_(timing), seed_(seed) {}

  // A segment for this terminal has reached the SMSC: when its turn on air comes.
  Us TurnAt(Mobile mobile, Us now);
  // Its turn has come. more_messages: the SMSC was told that another one follows.
  Attempt Try(Mobile mobile, bool more_messages, Us now);
  bool IsPresent(Mobile mobile, Us now);
  // When it comes back: now if it is there.
  Us ReturnsAt(Mobile mobile, Us now);

  uint64_t attempts() const { return attempts_; }

 private:
  struct State {
    uint64_t draws = 0;    // Of attempts.
    uint64_t periods = 0;  // Of coming and going.
    bool present = true;
    Us until = -1;        // End of the present period; -1: not begun.
    Us link_until = -1;   // The channel is kept,
    Us place_until = -1;  // .. the place in the queue,
    Us busy_until = -1;   // .. and an attempt is under way.
  };
  enum class Draw : uint64_t { kQueue = 1, kLoss, kBusy, kPeriod, kFirst };
  State& At(Mobile mobile, Us now);
  double Fraction(Mobile mobile, uint64_t n, Draw draw) const;
  Us Exponential(double mean_s, double fraction) const;

  Profile profile_;
  Timing timing_;
  uint64_t seed_;
  uint64_t attempts_ = 0;
  std::unordered_map<Mobile, State> mobiles_;
};

// Model time beside real time: `scale` seconds of the model pass in one.
class TimeScale {
 public:
  TimeScale(Us real_origin, double scale) : origin_(real_origin), scale_(scale) {}
  Us ModelOf(Us real) const {
    return static_cast<Us>(static_cast<double>(real - origin_) * scale_);
  }
  Us RealOf(Us model) const {
    return origin_ + static_cast<Us>(static_cast<double>(model) / scale_);
  }

 private:
  Us origin_;
  double scale_;
};

}  // namespace drover::radio
