// The inside of an Endpoint: its sockets, its transactions, and the requests under way.
//
// endpoint.cc opens and closes, endpoint_out.cc sends requests, endpoint_in.cc takes what comes.
#pragma once
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "libs/sip/link/endpoint.h"
#include "libs/sip/link/locator.h"
#include "libs/sip/link/stream.h"
#include "libs/sip/link/udp_socket.h"
#include "libs/sip/timer_wheel.h"

namespace drover::sip {

// The octets of a hop without its flow, as a key of hash tables.
struct HopHash {
  size_t operator()(const Hop& hop) const {
    const std::string_view address(reinterpret_cast<const char*>(hop.address.data()),
                                   hop.address.size());
    return std::hash<std::string_view>{}(address) ^
           (size_t{hop.port} << 20 | static_cast<size_t>(hop.transport) << 40) * 0x9e3779b97f4a7c15;
  }
};

class Endpoint::Core final : public std::enable_shared_from_this<Core>,
                             public ClientTransactions::Sink,
                             public ServerTransactions::Sink,
                             public UdpSocket::Handler,
                             public Stream::Handler {
 public:
  Core(asio::io_context& loop, Config config, RandomOctets random);
  ~Core() override = default;

  Result<void> Open();
  void Close();

  void Send(const RequestOut& request, const SendOptions& options, OnReply on_reply);
  void SendOctets(std::string octets, const SendOptions& options, OnReply on_reply);

  bool FlowOpen(const Hop& hop) const;
  Counters counters() const;
  size_t waiting() const { return calls_.size() - free_calls_.size(); }
  size_t connections() const { return streams_.size(); }
  size_t holds() const { return holds_.size(); }
  size_t octets() const { return client_.octets() + server_.octets(); }
  uint16_t port(Transport transport) const { return sent_by_[Index(transport)].port; }
  const std::string& host_port(Transport transport) const {
    return sent_by_[Index(transport)].text;
  }

  OnRequest on_request;
  Admit admit;
  OnFlowClosed on_flow_closed;

 private:
  using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;
  struct SentBy {  // What Via names for a transport.
    std::string host;
    uint16_t port = 0;  // That we listen on; 0: none.
    uint16_t named_port = 0;
    std::string text;  // host:named_port
  };
  // A request from Send to its callback.
  struct Call {
    uint32_t generation = 0;
    OnReply on_reply;
    std::string octets;  // While another attempt may come.
    size_t via_at = 0;   // Of our Via in octets; it may be empty still.
    size_t via_octets = 0;
    Deadline deadline;
    std::vector<Candidate> candidates;
    size_t next = 0;  // Of candidates, to be tried.
    uint32_t attempts = 0;
    Hop hop;                                     // The last one tried.
    Reply::Kind kind = Reply::Kind::kNoAddress;  // Of the last attempt that failed.
    std::string why;                             // Likewise.
    std::chrono::milliseconds hold{0};           // The shortest met.

    // All but the generation; memory is kept.
    void Reset() {
      octets.clear();
      candidates.clear();
      via_at = via_octets = next = 0;
      attempts = 0;
      hop = {};
      kind = Reply::Kind::kNoAddress;
      hold = {};
    }
  };
  struct Listener {
    Listener(asio::io_context& loop, Transport t)
        : acceptor(loop.get_executor()), pause(loop.get_executor()), transport(t) {}
    Acceptor acceptor;
    Timer pause;
    Transport transport;
  };
  class Arrived;
  class Kept;

  static size_t Index(Transport transport) { return static_cast<size_t>(transport) % 3; }
  static Time Now() { return std::chrono::steady_clock::now(); }
  uint64_t Random64();

  // --- endpoint.cc: sockets.
  Result<void> OpenUdp();
  Result<void> OpenListener(Transport transport, const std::string& listen);
  Result<void> NameOurselves();
  void AcceptNext(const std::shared_ptr<Listener>& listener);
  void Accepted(Transport transport, Stream::Socket socket);
  Stream::Wiring WiringFor(Transport transport, bool ours, const std::string& domain);
  void Enlist(const std::shared_ptr<Stream>& stream);
  std::shared_ptr<Stream> StreamTo(const Candidate& candidate, Call& call);
  void Schedule();
  void OnTime();
  void OnClosed(Stream& stream, const std::string& why, bool was_open) override;

  // --- endpoint_out.cc: requests out.
  Call* CallOf(uint64_t token);
  uint64_t NewCall(const SendOptions& options, OnReply on_reply);
  bool FindVia(Call& call);
  void Route(uint64_t token, const SendOptions& options, std::string uri);
  void Found(uint64_t token, const Result<std::vector<Candidate>>& found);
  void AddStreamCandidates(Call& call) const;
  void Attempt(uint64_t token);
  bool Try(uint64_t token, Call& call, const Candidate& candidate);
  bool MayUse(const Candidate& candidate, Call& call);
  void PutVia(Call& call, Transport transport, std::string_view branch) const;
  bool FailCall(Call& call, Reply::Kind kind, std::string why) const;
  void End(uint64_t token, const Message* response);
  void EndLater(uint64_t token);
  void OnResponse(const Message& response, const Hop& source);
  std::chrono::milliseconds HoldOf(const Hop& hop);
  void Hold(const Hop& hop, const Message& response);
  void Transmit(const Hop& hop, std::string_view octets) override;  // Of both sinks.
  void Failed(uint64_t token, TransactionFailure why) override;

  // --- endpoint_in.cc: what comes.
  void OnDatagram(std::string_view octets, const Hop& source) override;
  void OnUnreachable(const Hop& hop) override;
  void OnMessage(Stream& stream, std::string_view message) override;
  void OnBroken(Stream& stream, std::string_view head) override;
  void OnPing() override;
  void Take(std::string_view octets, Arrival arrival, const Hop& source);
  void TakeRequest(const Message& request, const Hop& source, Arrival arrival);
  void Refuse(const Message& request, const Hop& source, const ResponseOut& response);
  bool Answer(const Message& request, const Hop& source, ServerTransactions::Id id,
              const ResponseOut& response);
  static Hop ReplyHop(const Message& request, const Hop& source);
  void WantsProvisional(ServerTransactions::Id id) override;
  void Forgotten(ServerTransactions::Id id) override;

  asio::io_context& loop_;
  const Config config_;
  const RandomOctets random_;
  std::string random_octets_;  // Not used yet.
  bool open_ = false;

  TransactionKeys keys_;
  ClientTransactions client_;
  ServerTransactions server_;
  std::shared_ptr<UdpSocket> udp_;
  std::vector<std::shared_ptr<Listener>> listeners_;
  std::shared_ptr<asio::ssl::context> tls_client_;
  std::shared_ptr<asio::ssl::context> tls_server_;
  std::array<SentBy, 3> sent_by_;
  Locator locator_;

  std::unordered_map<uint32_t, std::shared_ptr<Stream>> streams_;          // By flow.
  std::unordered_map<Hop, std::vector<uint32_t>, HopHash> flows_by_peer_;  // Those we opened.
  uint32_t last_flow_ = 0;

  std::vector<std::unique_ptr<Call>> calls_;
  std::vector<uint32_t> free_calls_;
  TimerWheel patience_;  // Of calls that wait for an address.
  std::unordered_map<Hop, Time, HopHash> holds_;
  std::unordered_map<ServerTransactions::Id, Kept*> kept_;

  Timer timer_;
  Time scheduled_ = Time::max();  // When timer_ fires.
  std::string closing_why_;       // While the transactions of a connection that ended fail.
  std::string scratch_;
  Counters counters_;
};

}  // namespace drover::sip
