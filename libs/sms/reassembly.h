// Long messages put together again from their parts, in whatever order these come.
//
// Parts belong together that share originator, reference (and its width), total and ports. Bounded:
// in sets of parts for each originator, in sets and octets in all; the oldest goes first. A set
// stays whole until Settle, so that a part which the SMSC sends again, because it was not
// acknowledged, brings the message again; settled sets are remembered for a while, so that late
// copies of their parts do not begin another. A part with the number of one that is there but other
// octets means that the originator uses the reference anew: the older set is given up.
//
// Not thread-safe. Time is passed in and does not go back.
// Spec: 3GPP TS 23.040, 9.2.3.24.1.
#pragma once
#include <chrono>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "libs/base/clock.h"
#include "libs/sms/udh.h"

namespace drover::sms {

struct ReassemblyLimits {
  std::chrono::seconds timeout = std::chrono::hours(24);     // From the first part of a set.
  std::chrono::seconds remember = std::chrono::seconds(60);  // A settled set.
  size_t sets_per_originator = 8;
  size_t sets = 100'000;
  size_t octets = 64 << 20;  // Of all parts, each with kPartOctets besides its payload.
};

inline constexpr size_t kPartOctets = 64;  // What a part takes besides its payload, about.

struct ReassemblyCounts {
  uint64_t singles = 0;     // Messages of one part, or whose concatenation makes no sense.
  uint64_t whole = 0;       // Messages put together.
  uint64_t duplicates = 0;  // Parts that were there already.
  uint64_t reused = 0;      // Sets given up because their reference was used anew.
  uint64_t expired = 0;     // Sets whose parts did not come in time.
  uint64_t dropped = 0;     // Unfinished sets that had to make room.
};

class Reassembler {
 public:
  explicit Reassembler(const ReassemblyLimits& limits = {}) : limits_(limits) {}
  Reassembler(const Reassembler&) = delete;
  Reassembler& operator=(const Reassembler&) = delete;

  // A message; id 0: it was a single part, nothing to settle.
  struct Message {
    uint64_t id = 0;
    std::string content;
  };

  // The message that this part is or completes, or completed before and was not settled since;
  // nullopt while others are missing, or for a copy of what was settled. originator: who sent the
  // part and, if there are several, where to. udh: empty for a message without a header.
  std::optional<Message> Add(std::string_view originator, const Udh& udh, std::string_view payload,
                             TimePoint now);
  // The message is kept elsewhere by now: its parts may be forgotten. Ids not known are ignored.
  void Settle(uint64_t id, TimePoint now);
  // Forgets what is too old; Add does so too.
  void Expire(TimePoint now);

  const ReassemblyCounts& counts() const { return counts_; }
  size_t sets() const { return open_.size() + settled_.size(); }
  size_t octets() const { return octets_; }  // As ReassemblyLimits counts them.

 private:
  struct Part {
    uint8_t sequence = 0;
    uint64_t digest = 0;  // Of the payload: all that is left of a settled part.
    std::string payload;
  };
  struct Set {
    uint64_t id = 0;
    std::string originator;
    Concat concat;  // Its sequence is not used.
    std::optional<Ports> ports;
    TimePoint since;          // The first part; once settled, that moment.
    std::vector<Part> parts;  // By sequence.
    bool settled = false;
  };
  using Sets = std::list<Set>;

  using Place = std::optional<Sets::iterator>;

  Place Find(std::string_view originator, const Udh& udh);
  Sets::iterator Begin(std::string_view originator, const Udh& udh, TimePoint now);
  std::optional<Message> AddTo(Set& set, uint8_t sequence, std::string_view payload);
  void MakeRoomForSet(std::string_view originator);
  void MakeRoomForOctets(size_t octets);
  void Drop(Sets::iterator set);  // To make room.
  void Erase(Sets::iterator set);

  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  ReassemblyLimits limits_;
  ReassemblyCounts counts_;
  Sets open_;     // The oldest first.
  Sets settled_;  // The same.
  std::unordered_map<std::string, std::vector<Sets::iterator>, Hash, std::equal_to<>>
      by_originator_;  // The oldest first.
  std::unordered_map<uint64_t, Sets::iterator> by_id_;
  uint64_t last_id_ = 0;
  size_t octets_ = 0;
};

}  // namespace drover::sms
