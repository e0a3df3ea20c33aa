// The side that challenges: nonces that tell their age, answers judged, replays found.
//
// A nonce is a time, random octets and an HMAC over both and the realm: whoever holds the key can
// judge it, and no node need remember it. What was already used is remembered by the node that saw
// it (ReplayGuard).
// Spec: RFC 7616, sections 3.3, 3.4.5, 5.4 and 5.12; RFC 3261, section 22.4.
#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

#include "libs/base/clock.h"
#include "libs/sip/digest.h"

namespace drover::sip {

class NonceMint {
 public:
  // key: 16 random octets or more, the same on all nodes.
  explicit NonceMint(std::string key, std::chrono::seconds valid = std::chrono::seconds(300))
      : key_(std::move(key)), valid_(valid) {}

  // random: never twice the same in a microsecond on any node.
  std::string Mint(std::string_view realm, TimePoint now, uint64_t random) const;

  enum class Age : uint8_t {
    kFresh,
    kStale,    // Ours, but too old.
    kForeign,  // Not ours: another key or realm, or made up; or from the future.
  };
  struct Judgement {
    Age age = Age::kForeign;
    TimePoint minted;  // Unless kForeign.
  };
  Judgement Judge(std::string_view nonce, std::string_view realm, TimePoint now) const;
  std::chrono::seconds valid() const { return valid_; }

 private:
  std::string Mac(std::string_view stamp, std::string_view realm) const;
  std::string key_;
  std::chrono::seconds valid_;
};

// Which nonce counts were used. An nc may come late (UDP) by up to 63, but once.
class ReplayGuard {
 public:
  // capacity: nonces remembered; past it the oldest are no longer taken at all.
  explicit ReplayGuard(size_t capacity = 100'000) : capacity_(capacity) {}

  // Of an answer that was right. minted: of the nonce, which is fresh until minted + valid.
  // nc 0 (no qop): the nonce serves once. False: used before, or too late to tell.
  bool Take(std::string_view nonce, TimePoint minted, uint32_t nc, std::chrono::seconds valid,
            TimePoint now);
  size_t size() const { return windows_.size(); }

 private:
  struct Window {
    uint32_t highest = 0;
    uint64_t below = 0;  // Bit n: highest - n was used.
  };
  struct Remembered {
    std::string nonce;
    TimePoint minted;
    TimePoint until;
  };
  void Forget(TimePoint now);

  size_t capacity_;
  std::unordered_map<std::string, Window> windows_;
  std::deque<Remembered> order_;  // As they came.
  TimePoint floor_;               // What was minted before it is not taken.
};

enum class DigestVerdict : uint8_t {
  kGood,
  kStale,  // Right, but the nonce is not fresh or was used: challenge again with stale=true.
  kWrong,  // Password, user, realm, uri or algorithm: challenge again, or 403.
};

struct DigestRequest {
  std::string_view method;
  std::string_view uri;  // The Request-URI; the digest-uri must be equivalent. Empty: any will do.
  std::string_view body;
  std::string_view realm;
};

// ha1: DigestHa1 of credentials.algorithm, the user, the realm and the password.
DigestVerdict JudgeCredentials(const Credentials& credentials, const DigestRequest& request,
                               std::string_view ha1, const NonceMint& mint, ReplayGuard& guard,
                               TimePoint now);

}  // namespace drover::sip
