// What comes: requests and responses, keep-alives and noise.
#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>

#include "libs/sip/link/endpoint_core.h"
#include "libs/sip/link/stun.h"

namespace drover::sip {
namespace {

constexpr std::string_view kRefusedRetryAfter = "5";  // Seconds.

bool IsBlank(std::string_view datagram) {
  return std::all_of(datagram.begin(), datagram.end(),
                     [](char c) { return c == '\r' || c == '\n' || c == '\0' || c == ' '; });
}

}  // namespace

// --- A request in its handler's hands.

class Endpoint::Core::Kept final : public Incoming {
 public:
  Kept(const std::shared_ptr<Core>& core, const Message& message, Arrival arrival,
       const Hop& source, ServerTransactions::Id id)
      : Incoming(&own_, source), core_(core), octets_(message.octets()), id_(id) {
    DROVER_CHECK(!Parse(octets_, arrival, own_));
    core->kept_[id] = this;
  }
  ~Kept() override {
    const std::shared_ptr<Core> core = core_.lock();
    if (!core) return;
    if (!ended_) Respond({.status = 500});
    core->kept_.erase(id_);
  }
  bool Respond(const ResponseOut& response) override {
    const std::shared_ptr<Core> core = core_.lock();
    if (!core || !core->open_ || ended_) return false;
    const bool sent = core->Answer(*message_, source_, id_, response);
    ended_ = sent && response.status >= 200;
    return sent;
  }
  std::shared_ptr<Incoming> Keep() override { return shared.lock(); }
  void End() { ended_ = true; }

  std::weak_ptr<Kept> shared;

 private:
  std::weak_ptr<Core> core_;
  const std::string octets_;
  Message own_;
  const ServerTransactions::Id id_;
  bool ended_ = false;  // Answered, or nobody waits for it any more.
};

class Endpoint::Core::Arrived final : public Incoming {
 public:
  Arrived(Core& core, const Message& message, Arrival arrival, const Hop& source,
          ServerTransactions::Id id)
      : Incoming(&message, source), core_(core), arrival_(arrival), id_(id) {}
  ~Arrived() override {
    if (!done_) Respond({.status = 500});
  }
  bool Respond(const ResponseOut& response) override {
    if (done_ || !core_.open_) return false;
    const bool sent = core_.Answer(*message_, source_, id_, response);
    done_ = sent && response.status >= 200;
    return sent;
  }
  std::shared_ptr<Incoming> Keep() override {
    done_ = true;
    const auto kept =
        std::make_shared<Kept>(core_.shared_from_this(), *message_, arrival_, source_, id_);
    kept->shared = kept;
    return kept;
  }

 private:
  Core& core_;
  const Arrival arrival_;
  const ServerTransactions::Id id_;
  bool done_ = false;  // Answered, or kept.
};

// --- From the sockets.

void Endpoint::Core::OnDatagram(std::string_view octets, const Hop& source) {
  if (IsStun(octets)) {
    scratch_.clear();
    if (!AppendStunAnswer(octets, source, scratch_)) return;
    ++counters_.stun;
    return udp_->Send(source, scratch_);
  }
  if (IsBlank(octets)) return;
  Take(octets, Arrival::kDatagram, source);
}

void Endpoint::Core::OnUnreachable(const Hop& hop) {
  client_.FailHop(hop);
  Schedule();
}

void Endpoint::Core::OnMessage(Stream& stream, std::string_view message) {
  Take(message, Arrival::kStream, stream.hop());
}

void Endpoint::Core::OnBroken(Stream& stream, std::string_view head) {
  if (head.empty()) {
    ++counters_.malformed;
    return;
  }
  Message message;
  const std::optional<Refusal> refusal = Parse(head, Arrival::kDatagram, message);
  ++counters_.malformed;
  const bool answer = message.is_request() && (!refusal || CanBeAnswered(message));
  if (answer) Refuse(message, stream.hop(), {.status = 400, .reason = "Bad Content-Length"});
}

void Endpoint::Core::OnPing() { ++counters_.pings; }

void Endpoint::Core::Take(std::string_view octets, Arrival arrival, const Hop& source) {
  Message message;
  if (const std::optional<Refusal> refusal = Parse(octets, arrival, message)) {
    ++counters_.malformed;
    if (CanBeAnswered(message)) {
      Refuse(message, source, {.status = refusal->status, .reason = refusal->cause});
    }
    return;
  }
  if (message.is_request()) {
    TakeRequest(message, source, arrival);
  } else {
    OnResponse(message, source);
  }
}

// --- Requests.

// Section 18.2.2 and RFC 3581: to where it came from; without rport to the port that Via names.
Hop Endpoint::Core::ReplyHop(const Message& request, const Hop& source) {
  Hop hop = source;
  if (hop.transport != Transport::kUdp || request.top_via().has_rport) return hop;
  const uint16_t port = request.top_via().sent_by.port;
  hop.port = port != 0 ? port : DefaultPort(Transport::kUdp);
  return hop;
}

void Endpoint::Core::TakeRequest(const Message& request, const Hop& source, Arrival arrival) {
  if (request.method() == Method::kAck) return;  // Ends what sends nothing again by itself.
  if (admit && !admit(request, source)) {
    ++counters_.turned_away;
    return;
  }
  const auto received = server_.Receive(keys_.OfRequest(request), ReplyHop(request, source), Now());
  Schedule();
  if (received.verdict == ServerTransactions::Verdict::kRepeated) return;
  if (received.verdict == ServerTransactions::Verdict::kRefused) {
    const FieldOut later{"Retry-After", kRefusedRetryAfter};
    return Refuse(request, source, {.status = 503, .fields = {&later, 1}});
  }
  Arrived arrived(*this, request, arrival, source, received.id);
  if (on_request) on_request(arrived);
}

// An answer without a transaction: a repeated request is looked at again.
void Endpoint::Core::Refuse(const Message& request, const Hop& source,
                            const ResponseOut& response) {
  const std::string address = AddressText(source.address);
  ResponseOut tagged = response;
  tagged.to_tag = "0";
  scratch_.clear();
  if (AppendResponse(request, {address, source.port}, tagged, scratch_)) {
    Transmit(ReplyHop(request, source), scratch_);
  }
}

bool Endpoint::Core::Answer(const Message& request, const Hop& source, ServerTransactions::Id id,
                            const ResponseOut& response) {
  const std::string address = AddressText(source.address);
  ResponseOut tagged = response;
  std::string tag;
  if (response.to_tag.empty()) {
    const uint64_t number = Random64();
    tag.resize(16);
    for (size_t i = 0; i < tag.size(); ++i) tag[i] = "0123456789abcdef"[number >> (4 * i) & 0xf];
    tagged.to_tag = tag;
  }
  std::string octets;
  octets.reserve(request.octets().size() + 128 + response.body.size());
  if (!AppendResponse(request, {address, source.port}, tagged, octets)) return false;
  const bool sent = server_.Respond(id, response.status, std::move(octets), Now());
  Schedule();
  return sent;
}

void Endpoint::Core::WantsProvisional(ServerTransactions::Id id) {
  const auto found = kept_.find(id);
  if (found != kept_.end()) found->second->Respond({.status = 100});
}

void Endpoint::Core::Forgotten(ServerTransactions::Id id) {
  const auto found = kept_.find(id);
  if (found != kept_.end()) found->second->End();
}

}  // namespace drover::sip
