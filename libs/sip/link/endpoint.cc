#include "libs/sip/link/endpoint.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "libs/http/address.h"
#include "libs/sip/link/endpoint_core.h"

namespace drover::sip {
namespace {

using boost::system::error_code;

constexpr size_t kRandomAtOnce = 2048;              // Octets: asking the system is not cheap.
constexpr std::chrono::milliseconds kTimerRest{2};  // Timers that are due sooner wait for company.
constexpr std::chrono::milliseconds kAcceptPause{50};  // After a lack of file descriptors.

}  // namespace

std::string_view Name(Reply::Kind kind) {
  switch (kind) {
    case Reply::Kind::kResponse:
      return "response";
    case Reply::Kind::kTimeout:
      return "timeout";
    case Reply::Kind::kUnreachable:
      return "unreachable";
    case Reply::Kind::kNoAddress:
      return "no_address";
    case Reply::Kind::kHeld:
      return "held";
    case Reply::Kind::kRefused:
      break;
  }
  return "refused";
}

Endpoint::Core::Core(asio::io_context& loop, Config config, RandomOctets random)
    : loop_(loop),
      config_(std::move(config)),
      random_(std::move(random)),
      keys_(random_(16)),
      client_(config_.timers, config_.client, *this, Now()),
      server_(config_.timers, config_.server, *this, Now()),
      locator_(loop, config_.dns,
               [this](uint32_t n) { return static_cast<uint32_t>(Random64() % n); }),
      patience_(Now()),
      timer_(loop.get_executor()) {}

uint64_t Endpoint::Core::Random64() {
  if (random_octets_.empty()) random_octets_ = random_(kRandomAtOnce);
  uint64_t number = 0;
  std::memcpy(&number, random_octets_.data() + random_octets_.size() - sizeof number,
              sizeof number);
  random_octets_.resize(random_octets_.size() - sizeof number);
  return number;
}

// --- Opening.

Result<void> Endpoint::Core::Open() {
  if (config_.tls_client) {
    DROVER_TRY(tls_client_, MakeTlsContext(*config_.tls_client));
  }
  if (config_.tls_server) {
    DROVER_TRY(tls_server_, MakeTlsContext(*config_.tls_server));
  }
  if (!config_.tls_listen.empty() && !tls_server_) {
    return InvalidArgument("to listen for TLS a certificate and its key are needed");
  }
  Uri proxy;
  if (!config_.outbound_proxy.empty() && !ParseUri(config_.outbound_proxy, proxy)) {
    return InvalidArgument("the outbound proxy is no SIP URI: " + config_.outbound_proxy);
  }
  DROVER_TRY(locator_.Open());
  open_ = true;
  DROVER_TRY(OpenUdp());
  DROVER_TRY(OpenListener(Transport::kTcp, config_.tcp_listen));
  DROVER_TRY(OpenListener(Transport::kTls, config_.tls_listen));
  return NameOurselves();
}

Result<void> Endpoint::Core::OpenUdp() {
  if (config_.udp_listen.empty()) return {};
  const UdpSocket::Settings settings{.socket_octets = config_.udp_socket_octets,
                                     .queue = config_.udp_queue};
  udp_ = std::make_shared<UdpSocket>(loop_, settings, *this);
  DROVER_TRY(udp_->Open(config_.udp_listen));
  const Hop& local = udp_->local();
  if (!IsWildcard(local.address))
    sent_by_[Index(Transport::kUdp)].host = AddressText(local.address);
  sent_by_[Index(Transport::kUdp)].port = local.port;
  return {};
}

Result<void> Endpoint::Core::OpenListener(Transport transport, const std::string& listen) {
  if (listen.empty()) return {};
  DROVER_TRY(const asio::ip::tcp::endpoint endpoint, http::ParseEndpoint(listen));
  const auto listener = std::make_shared<Listener>(loop_, transport);
  Acceptor& acceptor = listener->acceptor;
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return Unavailable("cannot listen on " + listen + ": " + error.message());
  const Hop local = HopOf(acceptor.local_endpoint(), transport);
  SentBy& ours = sent_by_[Index(transport)];
  if (!IsWildcard(local.address)) ours.host = AddressText(local.address);
  ours.port = local.port;
  listeners_.push_back(listener);
  AcceptNext(listener);
  return {};
}

// A transport that we do not listen on is named by another one's address: nobody calls back there,
// and answers come over the connection.
Result<void> Endpoint::Core::NameOurselves() {
  std::string any = config_.host;
  uint16_t any_port = 0;
  for (const SentBy& each : sent_by_) {
    if (any.empty()) any = each.host;
    if (any_port == 0) any_port = each.port;
  }
  if (any.empty()) {
    return InvalidArgument("set the host that Via names: every address is listened on");
  }
  for (SentBy& each : sent_by_) {
    if (!config_.host.empty() || each.host.empty()) each.host = any;
    each.named_port = each.port != 0 ? each.port : any_port != 0 ? any_port : uint16_t{5060};
    const bool v6 = each.host.find(':') != std::string::npos && !each.host.starts_with('[');
    if (v6) each.host = "[" + each.host + "]";
    each.text = each.host + ":" + std::to_string(each.named_port);
  }
  return {};
}

void Endpoint::Core::Close() {
  open_ = false;
  on_request = nullptr;
  admit = nullptr;
  on_flow_closed = nullptr;
  for (const auto& call : calls_) call->on_reply = nullptr;
  error_code ignored;
  for (const auto& listener : listeners_) {
    listener->acceptor.close(ignored);
    listener->pause.cancel();
  }
  for (const auto& [flow, stream] : streams_) stream->Close();
  streams_.clear();
  if (udp_) udp_->Close();
  timer_.cancel();
}

// --- Connections.

void Endpoint::Core::AcceptNext(const std::shared_ptr<Listener>& listener) {
  listener->acceptor.async_accept(
      [weak = weak_from_this(), listener](error_code error, Stream::Socket socket) {
        const std::shared_ptr<Core> self = weak.lock();
        if (!self || !listener->acceptor.is_open()) return;
        if (!error) self->Accepted(listener->transport, std::move(socket));
        if (error != asio::error::no_descriptors && error != asio::error::no_buffer_space) {
          return self->AcceptNext(listener);
        }
        listener->pause.expires_after(kAcceptPause);
        listener->pause.async_wait([weak, listener](error_code stopped) {
          const std::shared_ptr<Core> again = weak.lock();
          if (!stopped && again) again->AcceptNext(listener);
        });
      });
}

void Endpoint::Core::Accepted(Transport transport, Stream::Socket socket) {
  error_code error;
  const auto peer = socket.remote_endpoint(error);
  if (error) return;
  if (streams_.size() >= config_.connections) {
    ++counters_.connections_refused;
    return;  // Closed here.
  }
  ++counters_.connections_accepted;
  Hop hop = HopOf(peer, transport);
  hop.flow = ++last_flow_;
  Enlist(std::make_shared<Stream>(loop_, std::move(socket), hop, WiringFor(transport, false, "")));
}

Stream::Wiring Endpoint::Core::WiringFor(Transport transport, bool ours,
                                         const std::string& domain) {
  Stream::Wiring wiring{.handler = this,
                        .domain = domain,
                        .queue_octets = config_.connection_queue_octets,
                        .connect_time = config_.connect_time,
                        .idle_time = config_.idle_time};
  if (config_.tls_client) wiring.check_name = config_.tls_client->check_name;
  if (transport == Transport::kTls) wiring.tls = ours ? tls_client_ : tls_server_;
  return wiring;
}

void Endpoint::Core::Enlist(const std::shared_ptr<Stream>& stream) {
  streams_.emplace(stream->hop().flow, stream);
  stream->Start();
}

// The connection of the flow, or one that leads there, or a new one. nullptr: none; call says why.
std::shared_ptr<Stream> Endpoint::Core::StreamTo(const Candidate& candidate, Call& call) {
  const Hop& hop = candidate.hop;
  if (hop.flow != 0) {
    const auto found = streams_.find(hop.flow);
    if (found != streams_.end() && found->second->hop().SamePeer(hop)) return found->second;
    FailCall(call, Reply::Kind::kUnreachable, "the connection it came over has ended");
    return nullptr;
  }
  std::vector<uint32_t>& flows = flows_by_peer_[hop];
  for (const uint32_t flow : flows) {
    const std::shared_ptr<Stream>& stream = streams_.at(flow);
    if (hop.transport == Transport::kTcp || stream->domain() == candidate.domain) return stream;
  }
  if (streams_.size() >= config_.connections) {
    ++counters_.connections_refused;
    if (flows.empty()) flows_by_peer_.erase(hop);
    FailCall(call, Reply::Kind::kRefused, "too many connections are open");
    return nullptr;
  }
  ++counters_.connections_opened;
  Hop peer = hop;
  peer.flow = ++last_flow_;
  flows.push_back(peer.flow);
  const auto stream =
      std::make_shared<Stream>(loop_, peer, WiringFor(hop.transport, true, candidate.domain));
  Enlist(stream);
  return stream;
}

void Endpoint::Core::OnClosed(Stream& stream, const std::string& why, bool was_open) {
  const Hop hop = stream.hop();
  if (!was_open) ++counters_.connections_failed;
  if (stream.opened_by_us()) {
    Hop peer = hop;
    peer.flow = 0;
    const auto found = flows_by_peer_.find(peer);
    if (found != flows_by_peer_.end()) {
      std::erase(found->second, hop.flow);
      if (found->second.empty()) flows_by_peer_.erase(found);
    }
  }
  streams_.erase(hop.flow);
  closing_why_ = why;
  client_.FailHop(hop);
  closing_why_.clear();
  if (was_open && on_flow_closed) on_flow_closed(hop);
}

bool Endpoint::Core::FlowOpen(const Hop& hop) const {
  return hop.transport == Transport::kUdp ? udp_ != nullptr : streams_.contains(hop.flow);
}

// --- Time.

void Endpoint::Core::Schedule() {
  const Time next = std::min({client_.Next(), server_.Next(), patience_.Next()});
  if (next >= scheduled_ || !open_) return;
  scheduled_ = std::max(next, Now() + kTimerRest);
  timer_.expires_at(scheduled_);
  timer_.async_wait([weak = weak_from_this()](error_code cancelled) {
    const std::shared_ptr<Core> self = weak.lock();
    if (!cancelled && self && self->open_) self->OnTime();
  });
}

void Endpoint::Core::OnTime() {
  scheduled_ = Time::max();
  const Time now = Now();
  client_.Advance(now);
  server_.Advance(now);
  patience_.Advance(now, [this](uint32_t call) {
    const uint64_t token = uint64_t{calls_[call]->generation} << 32 | call;
    FailCall(*calls_[call], Reply::Kind::kTimeout, "no address was found in time");
    EndLater(token);
  });
  Schedule();
}

Endpoint::Counters Endpoint::Core::counters() const {
  Counters counters = counters_;
  counters.client = client_.counters();
  counters.server = server_.counters();
  counters.lookups = locator_.lookups();
  if (!udp_) return counters;
  counters.datagrams_in = udp_->counters().in;
  counters.datagrams_out = udp_->counters().out;
  counters.datagrams_lost = udp_->counters().lost;
  counters.unreachable = udp_->counters().unreachable;
  return counters;
}

// --- What others call.

Endpoint::Endpoint(asio::io_context& loop, Config config, RandomOctets random)
    : core_(std::make_shared<Core>(loop, std::move(config), std::move(random))) {}
Endpoint::~Endpoint() { core_->Close(); }
Result<void> Endpoint::Open() { return core_->Open(); }
uint16_t Endpoint::port(Transport transport) const { return core_->port(transport); }
std::string Endpoint::host_port(Transport transport) const { return core_->host_port(transport); }
void Endpoint::Send(const RequestOut& request, const SendOptions& options, OnReply on_reply) {
  core_->Send(request, options, std::move(on_reply));
}
void Endpoint::SendOctets(std::string octets, const SendOptions& options, OnReply on_reply) {
  core_->SendOctets(std::move(octets), options, std::move(on_reply));
}
void Endpoint::SetOnRequest(OnRequest handler) { core_->on_request = std::move(handler); }
void Endpoint::SetAdmit(Admit admit) { core_->admit = std::move(admit); }
void Endpoint::SetOnFlowClosed(OnFlowClosed handler) { core_->on_flow_closed = std::move(handler); }
bool Endpoint::FlowOpen(const Hop& hop) const { return core_->FlowOpen(hop); }
Endpoint::Counters Endpoint::counters() const { return core_->counters(); }
size_t Endpoint::waiting() const { return core_->waiting(); }
size_t Endpoint::connections() const { return core_->connections(); }
size_t Endpoint::holds() const { return core_->holds(); }
size_t Endpoint::octets() const { return core_->octets(); }

}  // namespace drover::sip
