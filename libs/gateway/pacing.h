// How fast gateways are told: a token bucket, slower in busy hours, and never more than the request
// server can answer.
//
// Three bounds, all of which must have room: the rate; NOTIFY transactions without an answer (a
// silent gateway holds one for 32 s); requests that are owed (an accepted NOTIFY brings a POST
// soon). The rate yields when the request server says that it is overloaded (times 0.7, once a
// second at most) and comes back by a twentieth of what is configured a second. A value that is
// told the time; times may stand still but not go back.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "libs/base/clock.h"

namespace drover::gateway {

// A window of every day in which another rate holds: [from, to), minutes of the day in local time;
// to may be before from (over midnight).
struct BusyHours {
  uint16_t from_minute = 0;  // 0..1439
  uint16_t to_minute = 0;
  double per_second = 0;  // 0: nothing is sent.
};

struct PacingOptions {
  double per_second = 500;             // Above 0.
  std::vector<BusyHours> busy;         // The first that holds counts.
  std::chrono::minutes utc_offset{0};  // Of local time.
  uint32_t most_unanswered = 20'000;
  uint32_t most_owed = 10'000;        // Requests.
  std::chrono::seconds owed_for{30};  // 1..60; then a request that did not come counts no more.
  double least_share = 0.02;          // Of per_second, however overloaded.
};

class Pacing {
 public:
  explicit Pacing(const PacingOptions& options, TimePoint now);

  // Whether a NOTIFY may leave now; if so it counts as sent.
  bool Admit(TimePoint now);
  // When Admit may succeed if nothing else happens; never before now. With a bound other than the
  // rate reached, a second later: an answer will make room sooner.
  TimePoint AdmitAt(TimePoint now);

  void Answered(TimePoint now, bool accepted);  // A NOTIFY came to its end.
  void RequestSeen(TimePoint now);
  void Overloaded(TimePoint now);  // The request server refused, or was slower than it should be.

  double rate(TimePoint now) const;  // A second, as it is now.
  uint32_t unanswered() const { return unanswered_; }
  uint32_t owed() const { return owed_; }

 private:
  static constexpr size_t kSlots = 64;
  void At(TimePoint now);
  void DropOld(int64_t second);
  double Most(TimePoint now) const;

  PacingOptions options_;
  double tokens_ = 1;
  double share_ = 1;  // Of the rate.
  TimePoint as_of_;
  TimePoint slowed_at_{};
  uint32_t unanswered_ = 0;
  uint32_t owed_ = 0;
  std::array<uint32_t, kSlots> owed_since_{};  // By the second in which they were accepted.
  int64_t oldest_ = 0;                         // Second of the oldest slot that counts.
};

// Next hops that rest after a 503 with Retry-After (RFC 3261, 21.5.4): nothing is sent there.
class RestingHops {
 public:
  explicit RestingHops(size_t most = 10'000) : most_(most) {}
  void Rest(std::string_view hop, TimePoint until);
  // until, or a time that has passed.
  TimePoint Until(std::string_view hop) const;
  void Forget(TimePoint now);  // Those that rest no more.
  size_t size() const { return until_.size(); }

 private:
  size_t most_;
  std::unordered_map<std::string, TimePoint> until_;
};

}  // namespace drover::gateway
