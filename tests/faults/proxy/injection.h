// What the fault proxy can do to a connection, as data.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace drover::faults {

enum class Kind : uint8_t {
  // On any connection, in one direction.
  kCut,       // After some octets both sides are cut off.
  kDelay,     // Octets arrive late.
  kHold,      // Nothing moves for a while, then all of it.
  kHalfOpen,  // Octets are swallowed without a word, then the connection is reset.
  // On one HTTP request and its answer.
  kCutRequestHead,  // Within the request's head,
  kCutRequestBody,  // within its body,
  kCutBetween,      // when the server has all of it and has not answered,
  kCutAnswerHead,   // within the answer's head,
  kCutAnswerBody,   // within its body.
  kLoseAnswer,      // The answer's octets never come; the connection is cut.
  kSwallowRequest,  // The server never sees the request; the terminal waits.
  kSwallowAnswer,   // The server has answered; the terminal waits.
  kDelayRequest,
  kDelayAnswer,
  kRepeat,  // Posted twice, one after the other; the first answer is thrown away.
  kTwins,   // Posted twice at the same time; one answer is thrown away.
  kStale,   // Posted once more later, when the terminal is somewhere else.
};

// The name in the driver's plan: "cut", "lose-answer".
std::string_view Name(Kind kind);
std::optional<Kind> KindNamed(std::string_view name);
bool IsHttp(Kind kind);

enum class Way : uint8_t { kUp, kDown };  // Up: towards the server.

struct Injection {
  Kind kind = Kind::kCut;
  Way way = Way::kUp;                // Of what is not HTTP.
  double where = 0;                  // 0..1: the share of the octets that still pass.
  bool reset = false;                // Cut by RST instead of FIN.
  std::chrono::milliseconds time{};  // Of delays, holds, swallowing; when the stale one is posted.
};

}  // namespace drover::faults
