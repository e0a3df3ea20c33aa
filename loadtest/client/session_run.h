// One session of one terminal over HTTP: new connection, message after message until it ends.
//
// Spec: OMA-TS-DM_Protocol-V1_2 leaves retries to the client: a lost answer is asked for again with
// the same octets on a new connection.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

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
  uint64_t connections = 0;    // Opened
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

// What one session suffers, beside its terminal's quirks.
struct SessionFaults {
  Mishap mishap = Mishap::kNone;  // Of the message with this number, from 0.
  PowerCut power_cut = PowerCut::kNone;
  uint32_t message = 0;
  bool slowly = false;  // All messages.
};

struct SessionRunConfig {
  std::chrono::milliseconds timeout{30'000};  // For each answer.
  int attempts = 4;  // For each message, 503 and lost connections included.
  std::chrono::milliseconds retry_pause{100};  // Doubled for each further attempt.
  std::function<PowerCut()> power_cut;         // Asked once for each message; empty: never.
  // Told of each exchange: its place in the session, from 0, and how long it took.
  std::function<void(size_t position, std::chrono::nanoseconds time)> exchanged;
  // A session whose first message is answered 503 or 429 has not begun: the terminal comes back
  // another time (SessionRun::retry_after). Else it waits and sends the message again.
  bool busy_ends_session = false;
  bool keep_alive = false;   // The connection outlives the session: TakeConnection.
  TlsClient* tls = nullptr;  // For https.
  // Of hosts that are names; addresses need none.
  std::map<std::string, asio::ip::address> addresses;
};

// The address of a host, by asking the system's resolver, which blocks. kUnavailable: none.
Result<asio::ip::address> Resolve(const std::string& host);

class SessionRun {
 public:
  // All outlive the run; the terminal has no session open. connection: of an earlier session; null:
  // none.
  SessionRun(asio::io_context& loop, DeadlineWatch& watch, const SessionRunConfig& config,
             Traffic& traffic, uint32_t source_index,
             std::unique_ptr<Connection> connection = nullptr);

  void Suffer(const SessionFaults& faults) { faults_ = faults; }

  // Runs one session to its end. An Error: the transport failed for good, and the terminal's
  // session has been abandoned. kResourceExhausted: the server is busy (busy_ends_session).
  // kCancelled: the terminal lost its power. kDataLoss: a message that was sent twice got two
  // answers.
  Task<SessionEnd> Run(Terminal& terminal, SessionReason reason);
  // The same from package 1 on, which the terminal has made (Terminal::OnNotification). first lives
  // until the run has ended.
  Task<SessionEnd> Run(Terminal& terminal, const Request& first);

  // What the server said last of when to come back; 0: nothing.
  std::chrono::seconds retry_after() const { return retry_after_; }
  // For the next session; nullptr: it is closed.
  std::unique_ptr<Connection> TakeConnection();

 private:
  Task<SessionEnd> Converse(Terminal& terminal, Next& next);
  PowerCut CutNow() const;
  // The session is gone with it: kCancelled.
  Task<void> LosePower(Terminal& terminal, const Request& request, PowerCut cut);
  // Until there is an answer that is no 503 and no 429.
  Task<ResponseHead> Exchange(const Request& request);
  Task<ResponseHead> Attempt(const Request& request, bool first);
  // The octets once more; they must be answered as before.
  Task<ResponseHead> Repeat(const Request& request, const ResponseHead& head);
  Result<Connection::Peer> PeerOf(const Url& url) const;
  Task<void> SendSlowly(std::string_view octets, Deadline deadline);
  Task<void> Pause(std::chrono::milliseconds time);

  asio::io_context& loop_;
  const SessionRunConfig& config_;
  Traffic& traffic_;
  uint32_t source_index_;
  std::unique_ptr<Connection> connection_;
  bool reused_;          // Nothing has come through it in this session.
  size_t position_ = 0;  // Of the message at hand in its session.
  SessionFaults faults_;
  std::chrono::seconds retry_after_{0};
};

}  // namespace drover::terminal
