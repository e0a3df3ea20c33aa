// One session of one terminal over HTTP: new connection, message after message until it ends.
//
// Spec: OMA-TS-DM_Protocol-V1_2 leaves retries to the client: a lost answer is asked for again with
// the same octets on a new connection.
#pragma once
#include <array>
#include <cstdint>
#include <functional>

#include "libs/async/task.h"
#include "loadtest/client/connection.h"
#include "loadtest/client/latency.h"
#include "loadtest/terminal/terminal.h"

namespace drover::terminal {

// What sessions took, added up.
struct Traffic {
  static constexpr size_t kPositions = 4;  // Messages of a session told apart; the last: all later.

  uint64_t sessions = 0;       // Ended, well or not.
  uint64_t sessions_good = 0;  // Ended because nothing was left to say.
  uint64_t messages = 0;       // Exchanges: one request and its answer.
  uint64_t retries = 0;        // Requests sent again.
  Latency exchange;
  Latency session;
  struct Sizes {
    uint64_t count = 0;
    uint64_t request_octets = 0;   // Bodies
    uint64_t response_octets = 0;  // Bodies
  };
  std::array<Sizes, kPositions> sizes;
};

// When the terminal loses its power, if it does: then its session is forgotten without a word.
enum class PowerCut : uint8_t { kNone, kBeforeSend, kAfterSend };

struct SessionRunConfig {
  std::chrono::milliseconds timeout{30'000};  // For each answer.
  int attempts = 4;  // For each message, 503 and lost connections included.
  std::chrono::milliseconds retry_pause{100};  // Doubled for each further attempt.
  std::function<PowerCut()> power_cut;         // Asked once for each message; empty: never.
};

class SessionRun {
 public:
  // All outlive the run; the terminal has no session open.
  SessionRun(asio::io_context& loop, DeadlineWatch& watch, const SessionRunConfig& config,
             Traffic& traffic, uint32_t source_index);

  // Runs one session to its end. An Error: the transport failed for good; the terminal's session
  // has been abandoned.
  Task<SessionEnd> Run(Terminal& terminal, SessionReason reason);
  // The same from package 1 on, which the terminal has made (Terminal::OnNotification). first lives
  // until the run has ended.
  Task<SessionEnd> Run(Terminal& terminal, const Request& first);

 private:
  // True: the power went, and with it the session.
  Task<bool> LostPower(Terminal& terminal, const Request& request);
  // Until there is an answer that is no 503 and no 429.
  Task<ResponseHead> Exchange(const Request& request);
  Task<ResponseHead> Attempt(const Request& request, bool first);
  Task<void> Connect(const Url& url, Deadline deadline);
  Task<void> SendSlowly(std::string_view octets, Deadline deadline);
  Task<void> Pause(std::chrono::milliseconds time);

  asio::io_context& loop_;
  const SessionRunConfig& config_;
  Traffic& traffic_;
  uint32_t source_index_;
  Connection connection_;
};

}  // namespace drover::terminal
