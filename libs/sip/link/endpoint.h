// One SIP element on the network: sends requests and is told what became of them, gets requests and
// answers them, over UDP, TCP and TLS.
//
// UDP: one socket listens and sends, in batches, so that what a NAT lets in finds its way back; any
// number of simulated or real users share it. TCP and TLS: one connection to a peer is used for
// all, whoever opened it; requests and responses go both ways on it. Where a request goes is looked
// up by RFC 3263 unless a hop is given; addresses that fail or answer 503 are passed over for the
// next.
// Loop thread only. Callbacks come from the loop, never from inside Send; Respond may be called
// from inside a handler.
// Spec: RFC 3261, sections 8, 17 and 18; RFC 3263, 3581, 4320, 5626 (keep-alives), 5922.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "libs/async/task.h"
#include "libs/base/clock.h"
#include "libs/sip/builder.h"
#include "libs/sip/link/tls.h"
#include "libs/sip/message.h"
#include "libs/sip/transaction_client.h"
#include "libs/sip/transaction_hop.h"
#include "libs/sip/transaction_server.h"

namespace drover::sip {

// What became of a request.
struct Reply {
  enum class Kind : uint8_t {
    kResponse,     // A final response, of whatever status.
    kTimeout,      // Nobody answered until timer F, or the deadline.
    kUnreachable,  // ICMP, a connection refused or lost, TLS that failed, a flow that is gone.
    kNoAddress,    // The next hop's name leads nowhere; or no transport of ours leads there.
    kHeld,         // The next hop has asked for silence (503, Retry-After); nothing was sent.
    kRefused,      // Not sent: it is no request, or too many wait.
  };
  Kind kind = Kind::kRefused;
  const Message* response = nullptr;  // kResponse: valid during the callback.
  Hop hop;                            // The last one tried; with the flow, if there is one.
  uint32_t attempts = 0;              // Addresses tried.
  std::chrono::milliseconds hold{0};  // kHeld: how long still.
  std::string_view why;               // For an operator; valid during the callback.
};
std::string_view Name(Reply::Kind kind);  // "response", "timeout", "unreachable" ..
using OnReply = std::function<void(const Reply&)>;

// A request that came. Valid during the handler's call; to answer later, Keep it.
class Incoming {
 public:
  virtual ~Incoming() = default;
  Incoming(const Incoming&) = delete;
  Incoming& operator=(const Incoming&) = delete;

  const Message& message() const { return *message_; }
  // Where it came from: the NAT's address; for TCP and TLS the flow, over which one may Send.
  const Hop& source() const { return source_; }

  // Once with a final status, before that perhaps with 100. An empty to_tag is made up. A request
  // that is neither answered nor kept gets a 500. False: it was answered, or its client has stopped
  // waiting, or a value may not be written.
  virtual bool Respond(const ResponseOut& response) = 0;
  // A copy to be answered later; after it this one answers no more. If it is dropped unanswered:
  // 500.
  virtual std::shared_ptr<Incoming> Keep() = 0;

 protected:
  Incoming(const Message* message, const Hop& source) : message_(message), source_(source) {}
  const Message* message_;
  Hop source_;
};

struct DnsSettings {
  std::string servers;  // "192.0.2.53,192.0.2.54:5353"; empty: the system's.
  std::chrono::milliseconds try_time{2'000};
  int tries = 2;
  size_t names = 10'000;                   // Kept until their time to live ends.
  std::chrono::seconds longest{3600};      // Whatever the time to live says.
  std::chrono::seconds failures_kept{30};  // Of names that lead nowhere.
};

class Endpoint {
 public:
  struct Config {
    std::string udp_listen;  // "192.0.2.1:5060", "[::]:5060"; port 0: any free one; empty: no UDP.
    std::string tcp_listen;  // Empty: none is accepted, connections are opened all the same.
    std::string tls_listen;  // Likewise.
    std::optional<TlsServer> tls_server;                // Needed by tls_listen.
    std::optional<TlsClient> tls_client = TlsClient{};  // None: no TLS is opened.
    // What Via names: empty: the address listened on, which then must not be a wildcard.
    std::string host;
    std::string outbound_proxy;  // A SIP URI: next hop of all that names no hop or URI of its own.
    DnsSettings dns;
    TransactionTimers timers;
    ClientTransactions::Limits client;
    ServerTransactions::Limits server;
    size_t connections = 10'000;                    // More are closed, or not opened.
    size_t connection_queue_octets = 1024 * 1024;   // Of each, not yet written.
    std::chrono::milliseconds connect_time{5'000};  // And for the TLS handshake.
    std::chrono::seconds idle_time{3600};           // Then a connection is closed.
    size_t udp_socket_octets = 4 * 1024 * 1024;     // Of the kernel, each way.
    size_t udp_queue = 8'192;  // Datagrams that the kernel does not take; more are lost.
    std::chrono::seconds longest_hold{300};  // Whatever Retry-After says.
    bool stream_for_large = true;  // RFC 3261, section 18.1.1: past 1300 octets TCP is tried first.
  };

  // random: cryptographic (libs/dmauth/random.h).
  Endpoint(asio::io_context& loop, Config config, RandomOctets random);
  // Closes everything; nothing is called back. Not from inside a callback.
  ~Endpoint();
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  // kInvalidArgument: a setting or file that cannot be used; kUnavailable: an address is taken.
  // Once; handlers are set before.
  Result<void> Open();

  // Port 0: none. host_port: what Via names, "192.0.2.1:5060".
  uint16_t port(Transport transport) const;
  std::string host_port(Transport transport) const;

  // --- Requests out.

  struct SendOptions {
    std::optional<Hop> hop;  // Just there: a NAT's address, a flow. No lookup, no other address.
    std::string uri;         // Else by this URI; empty: the outbound proxy, the topmost Route, the
                             // Request-URI, in that order.
    Deadline deadline =
        Deadline::max();  // Of all attempts together; timer F ends each at the latest.
  };
  // request.via is made here. One callback each, whatever happens.
  void Send(const RequestOut& request, const SendOptions& options, OnReply on_reply);
  // octets: a whole request but for its Via, which is put in behind the request line.
  void SendOctets(std::string octets, const SendOptions& options, OnReply on_reply);

  // --- Requests in.

  // Retransmissions do not come here. ACK neither; CANCEL does.
  using OnRequest = std::function<void(Incoming&)>;
  void SetOnRequest(OnRequest handler);
  // Asked before anything is kept of a request; false: it is dropped and counted.
  using Admit = std::function<bool(const Message&, const Hop& source)>;
  void SetAdmit(Admit admit);
  // A connection has ended; nothing can be sent over that flow any more.
  using OnFlowClosed = std::function<void(const Hop&)>;
  void SetOnFlowClosed(OnFlowClosed handler);

  // Whether a flow, as an Incoming had it, is open. UDP: always.
  bool FlowOpen(const Hop& hop) const;

  // --- What is going on.

  struct Counters {
    ClientTransactions::Counters client;
    ServerTransactions::Counters server;
    uint64_t datagrams_in = 0;
    uint64_t datagrams_out = 0;
    uint64_t datagrams_lost = 0;      // Ours, that the kernel did not take.
    uint64_t malformed = 0;           // Messages that could not be parsed.
    uint64_t not_for_us = 0;          // Responses with other than one Via, or another's sent-by.
    uint64_t turned_away = 0;         // Requests that Admit refused.
    uint64_t stun = 0;                // Binding requests answered.
    uint64_t pings = 0;               // CRLF keep-alives answered.
    uint64_t unreachable = 0;         // ICMP errors.
    uint64_t connections_opened = 0;  // By us.
    uint64_t connections_accepted = 0;
    uint64_t connections_failed = 0;   // That we could not open; handshakes of either side.
    uint64_t connections_refused = 0;  // For the limit.
    uint64_t queue_full = 0;           // Messages that a connection did not take.
    uint64_t held = 0;                 // Requests that met a hold.
    uint64_t failed_over = 0;          // To the next address.
    uint64_t lookups = 0;              // Asked of DNS.
  };
  Counters counters() const;
  size_t waiting() const;      // Requests without their callback.
  size_t connections() const;  // Open, or being opened.
  size_t holds() const;        // Hops that asked for silence.
  size_t octets() const;       // Memory of transactions.

 private:
  class Core;
  std::shared_ptr<Core> core_;
};

}  // namespace drover::sip
