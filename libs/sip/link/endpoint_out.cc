// Requests out: where to, over what, and what became of them.
#include <algorithm>
#include <charconv>
#include <utility>

#include <boost/asio/post.hpp>

#include "libs/sip/link/endpoint_core.h"

namespace drover::sip {
namespace {

constexpr size_t kMostHolds = 100'000;
constexpr size_t kBranchDigits = 16;
// Made up where the real one is put in later.
constexpr std::string_view kNoBranch = "z9hG4bK0000000000000000";

void AppendHex64(uint64_t number, std::string& out) {
  for (int shift = 60; shift >= 0; shift -= 4) {
    out.push_back("0123456789abcdef"[number >> shift & 0xf]);
  }
}

// The next hop that a request names: its topmost Route, else its Request-URI.
std::string NextHopOf(const Message& request) {
  auto routes = request.Values(HeaderId::kRoute);
  std::string_view element;
  NameAddr route;
  if (routes.Next(element) && ParseNameAddr(element, route)) return std::string(route.uri);
  return std::string(request.request_uri());
}

}  // namespace

// --- Beginning and end of a call.

Endpoint::Core::Call* Endpoint::Core::CallOf(uint64_t token) {
  const auto index = static_cast<uint32_t>(token);
  if (index >= calls_.size() || calls_[index]->generation != token >> 32) return nullptr;
  return calls_[index].get();
}

uint64_t Endpoint::Core::NewCall(const SendOptions& options, OnReply on_reply) {
  uint32_t index = 0;
  if (free_calls_.empty()) {
    index = static_cast<uint32_t>(calls_.size());
    calls_.push_back(std::make_unique<Call>());
  } else {
    index = free_calls_.back();
    free_calls_.pop_back();
  }
  Call& call = *calls_[index];
  call.on_reply = std::move(on_reply);
  call.deadline = options.deadline;
  return uint64_t{call.generation} << 32 | index;
}

// response: nullptr: what the call says became of it.
void Endpoint::Core::End(uint64_t token, const Message* response) {
  Call* const call = CallOf(token);
  if (call == nullptr) return;
  const auto index = static_cast<uint32_t>(token);
  const OnReply on_reply = std::exchange(call->on_reply, nullptr);
  const std::string why = std::exchange(call->why, {});
  const Reply reply{.kind = response != nullptr ? Reply::Kind::kResponse : call->kind,
                    .response = response,
                    .hop = call->hop,
                    .attempts = call->attempts,
                    .hold = call->hold,
                    .why = why};
  patience_.Cancel(index);
  ++call->generation;
  call->Reset();
  free_calls_.push_back(index);
  if (on_reply) on_reply(reply);
}

void Endpoint::Core::EndLater(uint64_t token) {
  asio::post(loop_, [weak = weak_from_this(), token] {
    if (const std::shared_ptr<Core> self = weak.lock()) self->End(token, nullptr);
  });
}

bool Endpoint::Core::FailCall(Call& call, Reply::Kind kind, std::string why) const {
  call.kind = kind;
  call.why = std::move(why);
  return false;
}

// --- Send.

void Endpoint::Core::Send(const RequestOut& request, const SendOptions& options, OnReply on_reply) {
  const uint64_t token = NewCall(options, std::move(on_reply));
  Call& call = *CallOf(token);
  RequestOut with_via = request;
  with_via.via = {.sent_by = host_port(Transport::kUdp), .branch = kNoBranch};
  call.octets.reserve(640 + request.body.size());
  if (!AppendRequest(with_via, call.octets) || !FindVia(call)) {
    FailCall(call, Reply::Kind::kRefused, "a value may not be written: look for line ends in it");
    return EndLater(token);
  }
  if (options.hop || !options.uri.empty() || !config_.outbound_proxy.empty()) {
    return Route(token, options, {});
  }
  NameAddr route;
  if (!request.routes.empty() && ParseNameAddr(request.routes.front(), route)) {
    return Route(token, options, std::string(route.uri));
  }
  Route(token, options, std::string(request.uri));
}

void Endpoint::Core::SendOctets(std::string octets, const SendOptions& options, OnReply on_reply) {
  const uint64_t token = NewCall(options, std::move(on_reply));
  Call& call = *CallOf(token);
  call.octets = std::move(octets);
  call.via_at = call.octets.find("\r\n");
  call.via_at = call.via_at == std::string::npos ? 0 : call.via_at + 2;
  PutVia(call, Transport::kUdp, kNoBranch);
  Message message;
  const std::optional<Refusal> refusal = Parse(call.octets, Arrival::kStream, message);
  if (refusal || !message.is_request()) {
    const std::string cause = refusal ? refusal->cause : "it is a response";
    FailCall(call, Reply::Kind::kRefused, "this is no request to send: " + cause);
    return EndLater(token);
  }
  Route(token, options, NextHopOf(message));
}

bool Endpoint::Core::FindVia(Call& call) {
  call.via_at = call.octets.find("\r\n") + 2;
  const size_t end = call.octets.find("\r\n", call.via_at);
  if (end == std::string::npos || call.octets.compare(call.via_at, 4, "Via:") != 0) return false;
  call.via_octets = end + 2 - call.via_at;
  return true;
}

// uri: where it goes if the options and the settings do not say.
void Endpoint::Core::Route(uint64_t token, const SendOptions& options, std::string uri) {
  Call& call = *CallOf(token);
  if (options.hop) {
    Uri domain;
    const bool named = ParseUri(options.uri.empty() ? uri : options.uri, domain);
    const bool tls = options.hop->transport == Transport::kTls;
    std::string host = !tls    ? std::string()
                       : named ? std::string(domain.host_port.address())
                               : AddressText(options.hop->address);
    call.candidates.push_back({*options.hop, std::move(host)});
    return Attempt(token);
  }
  if (!config_.outbound_proxy.empty()) uri = config_.outbound_proxy;
  if (!options.uri.empty()) uri = options.uri;
  if (call.deadline != Deadline::max()) patience_.Arm(static_cast<uint32_t>(token), call.deadline);
  locator_.Locate(uri, [weak = weak_from_this(), token](auto found) {
    const std::shared_ptr<Core> self = weak.lock();
    if (self && self->open_) self->Found(token, found);
  });
  Schedule();
}

void Endpoint::Core::Found(uint64_t token, const Result<std::vector<Candidate>>& found) {
  Call* const call = CallOf(token);
  if (call == nullptr) return;  // Its time is over.
  patience_.Cancel(static_cast<uint32_t>(token));
  if (!found) {
    const bool refused = found.error().code == Code::kInvalidArgument;
    FailCall(*call, refused ? Reply::Kind::kRefused : Reply::Kind::kNoAddress,
             found.error().message);
    return EndLater(token);
  }
  call->candidates = *found;
  if (config_.stream_for_large && NeedsStream(call->octets.size())) AddStreamCandidates(*call);
  Attempt(token);
}

// TCP before each UDP, to the same address.
void Endpoint::Core::AddStreamCandidates(Call& call) const {
  std::vector<Candidate> both;
  for (const Candidate& each : call.candidates) {
    if (each.hop.transport == Transport::kUdp) {
      both.push_back(each);
      both.back().hop.transport = Transport::kTcp;
    }
    both.push_back(each);
  }
  call.candidates = std::move(both);
}

// --- Attempts.

// The next address that takes it; if there is none, the call ends as the last one has.
void Endpoint::Core::Attempt(uint64_t token) {
  Call& call = *CallOf(token);
  while (call.next < call.candidates.size() && Now() < call.deadline) {
    const Candidate candidate = call.candidates[call.next++];
    if (!MayUse(candidate, call)) continue;
    if (call.attempts++ > 0) ++counters_.failed_over;
    call.hop = candidate.hop;
    if (Try(token, call, candidate)) return Schedule();
  }
  if (call.attempts == 0 && call.hold.count() == 0 && call.next < call.candidates.size()) {
    FailCall(call, Reply::Kind::kTimeout, "the deadline has passed");
  }
  EndLater(token);
}

bool Endpoint::Core::MayUse(const Candidate& candidate, Call& call) {
  const std::chrono::milliseconds hold = HoldOf(candidate.hop);
  if (hold.count() == 0) return true;
  ++counters_.held;
  call.hold = call.hold.count() == 0 ? hold : std::min(call.hold, hold);
  if (call.attempts > 0) return false;
  call.hop = candidate.hop;
  return FailCall(call, Reply::Kind::kHeld, "503: the next hop has asked for silence");
}

bool Endpoint::Core::Try(uint64_t token, Call& call, const Candidate& candidate) {
  Hop hop = candidate.hop;
  if (hop.transport == Transport::kUdp) {
    hop.flow = 0;
    const bool reaches = udp_ && (hop.is_ipv4() || !udp_->local().is_ipv4());
    if (!reaches)
      return FailCall(call, Reply::Kind::kNoAddress, "no UDP socket of ours leads there");
  } else {
    if (hop.flow == 0 && hop.transport == Transport::kTls && !tls_client_) {
      return FailCall(call, Reply::Kind::kNoAddress, "TLS is not set up");
    }
    const std::shared_ptr<Stream> stream = StreamTo(candidate, call);
    if (!stream) return false;
    if (!stream->has_room(call.octets.size() + 200)) {
      ++counters_.queue_full;
      return FailCall(call, Reply::Kind::kRefused, "too much waits on the connection");
    }
    hop.flow = stream->hop().flow;
  }
  std::string branch(kBranchCookie);
  AppendHex64(Random64(), branch);
  PutVia(call, hop.transport, branch);
  call.hop = hop;
  const SentBy& ours = sent_by_[Index(hop.transport)];
  const HostPort sent_by{ours.host, ours.named_port};
  const std::string_view method = std::string_view(call.octets).substr(0, call.octets.find(' '));
  const TransactionKey key = keys_.OfClient(branch, sent_by, method);
  const bool last = call.next >= call.candidates.size();
  const auto begun = client_.Begin({.key = key,
                                    .hop = hop,
                                    .octets = last ? std::move(call.octets) : call.octets,
                                    .token = token,
                                    .give_up = call.deadline},
                                   Now());
  return begun ? true : FailCall(call, Reply::Kind::kRefused, "too many requests wait for answers");
}

void Endpoint::Core::PutVia(Call& call, Transport transport, std::string_view branch) const {
  std::string via = "Via: SIP/2.0/";
  via.append(Name(transport)).append(" ").append(host_port(transport));
  via.append(";rport;branch=").append(branch).append("\r\n");
  call.octets.replace(call.via_at, call.via_octets, via);
  call.via_octets = via.size();
}

void Endpoint::Core::Transmit(const Hop& hop, std::string_view octets) {
  if (hop.transport == Transport::kUdp) {
    if (udp_) udp_->Send(hop, octets);
    return;
  }
  const auto found = streams_.find(hop.flow);
  if (found == streams_.end() || !found->second->Send(octets)) ++counters_.queue_full;
}

// --- What became of it.

void Endpoint::Core::Failed(uint64_t token, TransactionFailure why) {
  Call* const call = CallOf(token);
  if (call == nullptr) return;
  if (why == TransactionFailure::kTimeout) {
    FailCall(*call, Reply::Kind::kTimeout, "no answer");
  } else {
    FailCall(*call, Reply::Kind::kUnreachable,
             closing_why_.empty() ? "ICMP says that the address cannot be reached" : closing_why_);
  }
  Attempt(token);
}

void Endpoint::Core::OnResponse(const Message& response, const Hop& source) {
  if (!response.has_one_via()) {
    ++counters_.not_for_us;
    return;
  }
  static_cast<void>(source);
  const auto received = client_.Receive(keys_.OfResponse(response), response.status(), Now());
  if (received.match != ClientTransactions::Match::kFinal) return;
  Call* const call = CallOf(received.token);
  if (call == nullptr) return;
  if (response.status() == 503) {
    Hold(call->hop, response);
    if (call->next < call->candidates.size()) {
      FailCall(*call, Reply::Kind::kUnreachable, "503 Service Unavailable");
      return Attempt(received.token);
    }
  }
  End(received.token, &response);
}

// --- Holds (503 with Retry-After).

std::chrono::milliseconds Endpoint::Core::HoldOf(const Hop& hop) {
  if (holds_.empty()) return {};
  Hop peer = hop;
  peer.flow = 0;
  const auto found = holds_.find(peer);
  if (found == holds_.end()) return {};
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(found->second - Now());
  if (left.count() > 0) return left;
  holds_.erase(found);
  return {};
}

void Endpoint::Core::Hold(const Hop& hop, const Message& response) {
  const std::optional<std::string_view> field = response.Find(HeaderId::kRetryAfter);
  RetryAfter asked;
  if (!field || !ParseRetryAfter(*field, asked) || asked.seconds == 0) return;
  const Time now = Now();
  if (holds_.size() >= kMostHolds) {
    std::erase_if(holds_, [now](const auto& each) { return each.second <= now; });
    if (holds_.size() >= kMostHolds) return;
  }
  Hop peer = hop;
  peer.flow = 0;
  holds_[peer] = now + std::min(std::chrono::seconds(asked.seconds), config_.longest_hold);
}

}  // namespace drover::sip
