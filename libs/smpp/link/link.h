// An ESME's bind to an SMSC, kept up: resolves, connects, binds, and after any end does so again
// when libs/smpp/redial.h says.
//
// Loop thread only.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "libs/smpp/link/channel.h"
#include "libs/smpp/link/tls.h"
#include "libs/smpp/redial.h"

namespace drover::smpp {

// Told what a link's sessions tell. OnEnd comes after each attempt to be bound that failed and each
// bind that ended; requests have been given back before.
class LinkHandler : public SessionHandler {
 public:
  // After OnEnd: the next attempt is so far off. needs_operator: it will fail the same way until
  // someone mends the account or the settings.
  virtual void OnWait(const End& end, std::chrono::milliseconds time, bool needs_operator) {
    static_cast<void>(end), static_cast<void>(time), static_cast<void>(needs_operator);
  }
};

class Link {
 public:
  struct Config {
    std::string host;
    std::string port = "2775";     // Or a service's name. TLS: 3550.
    std::optional<TlsClient> tls;  // None: in the clear.
    SessionSettings session;
    RedialSettings redial;
    std::chrono::milliseconds connect_time{5'000};  // For the name and the connection.
  };
  enum class State : uint8_t { kClosed, kConnecting, kBinding, kBound, kWaiting };
  struct Counters {
    SessionCounters sessions;  // Of all so far.
    uint64_t attempts = 0;     // To connect.
    uint64_t connected = 0;
    uint64_t bound = 0;
    uint64_t refused = 0;  // Binds.
  };

  // handler outlives the link.
  Link(asio::io_context& loop, Config config, LinkHandler& handler);
  // Drops the connection and what is outstanding; nothing is called back. Not from inside a call
  // of the handler.
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // kInvalidArgument: a setting or a file that cannot be used. Once.
  Result<void> Open();
  // Unbinds in order and does not bind again; done when that is over, at the deadline at the
  // latest. What is outstanding then is given back.
  Task<void> Drain(Deadline deadline);

  // As in Session; Sent::kNotBound while there is none.
  template <typename T>
  Sent Send(const T& body, uint64_t token, const SendOptions& options = {}) {
    const std::shared_ptr<Channel> now = channel();
    return now ? now->Send(body, token, options) : Sent::kNotBound;
  }
  template <typename T>
  bool Respond(const RequestId& id, const T& body, CommandStatus status = CommandStatus::kRok) {
    const std::shared_ptr<Channel> now = channel();
    return now && now->Respond(id, body, status);
  }
  bool RespondBare(const RequestId& id, CommandStatus status);

  State state() const;
  bool bound() const { return state() == State::kBound; }
  bool ready(uint32_t segments) const;  // Whether Send would take so many now.
  // Of the session that is, or was last: a number that grows with every connection.
  uint64_t epoch() const;
  size_t outstanding() const;
  size_t unsent() const;  // Octets.
  double share() const;   // Of the rate and the window that throttling leaves; 1 when not bound.
  Counters counters() const;

 private:
  class Core;
  std::shared_ptr<Channel> channel() const;
  std::shared_ptr<Core> core_;
};
std::string_view Name(Link::State state);

}  // namespace drover::smpp
