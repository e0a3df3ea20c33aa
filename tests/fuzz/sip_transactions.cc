// Client and server transactions under random datagrams, responses and requests of our own made
// wrong in all ways, and steps of the clock: each request ends once, at most one final response is
// given for it, numbers stay within their limits, and in the end nothing is left.
//
// Input: commands. An octet says what, the next ones how (see Step).
#include <map>

#include "libs/base/check.h"
#include "libs/sip/transaction_client.h"
#include "libs/sip/transaction_server.h"
#include "tests/fuzz/fuzz.h"

namespace drover::sip {
namespace {

constexpr size_t kMostOpen = 20;
constexpr size_t kMostKept = 30;
const Time kStart = Time() + std::chrono::hours(1000);

Hop HopOf(uint8_t choice) {
  Hop hop{.port = 5060};
  hop.address[15] = choice & 1;
  if ((choice & 2) != 0) {
    hop.transport = Transport::kTcp;
    hop.flow = 1U + (choice & 1);
  }
  return hop;
}

std::string MessageText(std::string_view start, uint8_t branch, std::string_view method) {
  std::string text(start);
  text.append("\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK");
  text.append(std::to_string(branch)).append("\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\n");
  text.append("Call-ID: x\r\nMax-Forwards: 70\r\nCSeq: 1 ").append(method);
  return text.append("\r\nContent-Length: 0\r\n\r\n");
}

class World final : public ClientTransactions::Sink, public ServerTransactions::Sink {
 public:
  explicit World(std::string_view input) : input_(input) {}

  void Run() {
    while (!input_.empty()) Step();
    for (int i = 0; i < 20; ++i) Pass(std::chrono::seconds(32));
    DROVER_CHECK(client_.waiting() == 0 && client_.completed() == 0);
    DROVER_CHECK(server_.open() == 0 && server_.answered() == 0);
    DROVER_CHECK(client_.Next() == Time::max() && server_.Next() == Time::max());
    for (const auto& [token, ends] : ends_) DROVER_CHECK(ends == 1);
  }

 private:
  uint8_t Octet() {
    if (input_.empty()) return 0;
    const auto octet = static_cast<uint8_t>(input_.front());
    input_.remove_prefix(1);
    return octet;
  }
  void Pass(std::chrono::milliseconds time) {
    now_ += time;
    client_.Advance(now_);
    server_.Advance(now_);
  }
  void Step() {
    switch (Octet() % 8) {
      case 0:
        return Begin();
      case 1:
        return Datagram(MessageText("SIP/2.0 " + std::to_string(100 + Octet() * 3) + " X", Octet(),
                                    Octet() % 8 == 0 ? "OPTIONS" : "NOTIFY"));
      case 2:
        return Datagram(MessageText("NOTIFY sip:a@b SIP/2.0", Octet(), "NOTIFY"));
      case 3:
        return Answer();
      case 4:
        return Pass(std::chrono::milliseconds(1 << Octet() % 16));
      case 5:
        client_.FailHop(HopOf(Octet()));
        return;
      case 6: {
        if (!begun_.empty() && client_.Forget(begun_.back())) ++ends_[tokens_];
        return;
      }
      default: {
        const std::string octets(input_.substr(0, Octet()));
        input_.remove_prefix(std::min(octets.size(), input_.size()));
        return Datagram(octets);
      }
    }
  }
  void Begin() {
    const std::string branch = "z9hG4bK" + std::to_string(Octet());
    const auto id = client_.Begin({.key = keys_.OfClient(branch, {"192.0.2.1", 5060}, "NOTIFY"),
                                   .hop = HopOf(Octet()),
                                   .octets = branch,
                                   .token = ++tokens_},
                                  now_);
    begun_.clear();
    if (id) begun_.push_back(*id);
    if (id) ends_[tokens_] += 0;
  }
  void Datagram(const std::string& octets) {
    Message message;
    if (Parse(octets, Arrival::kDatagram, message)) return;
    if (!message.is_request()) {
      if (!message.has_one_via()) return;
      const auto received = client_.Receive(keys_.OfResponse(message), message.status(), now_);
      if (received.match == ClientTransactions::Match::kFinal) ++ends_[received.token];
    } else if (message.method() != Method::kAck) {
      const auto received = server_.Receive(keys_.OfRequest(message), HopOf(Octet()), now_);
      if (received.verdict == ServerTransactions::Verdict::kNew) open_.push_back(received.id);
    }
    Bounded();
  }
  void Answer() {
    if (open_.empty()) return;
    const size_t which = Octet() % open_.size();
    const uint16_t status = Octet() % 4 == 0 ? 100 : 200;
    server_.Respond(open_[which], status, std::string(Octet(), 'x'), now_);
    if (status == 200) {
      DROVER_CHECK(!server_.Respond(open_[which], 200, "twice", now_));
      open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(which));
    }
    Bounded();
  }
  void Bounded() const {
    DROVER_CHECK(client_.waiting() <= kMostOpen && client_.completed() <= kMostKept);
    DROVER_CHECK(server_.open() <= kMostOpen && server_.answered() <= kMostKept);
  }
  void Transmit(const Hop&, std::string_view octets) override { octets_ += octets.size(); }
  void Failed(uint64_t token, TransactionFailure) override {
    ++ends_[token];
    if (token % 3 == 0) client_.FailHop(HopOf(0));
  }
  void WantsProvisional(ServerTransactions::Id id) override {
    DROVER_CHECK(server_.Respond(id, 100, "100", now_));
  }
  void Forgotten(ServerTransactions::Id id) override {
    DROVER_CHECK(!server_.Respond(id, 200, "late", now_));
  }

  std::string_view input_;
  const TransactionKeys keys_{"0123456789abcdef"};
  Time now_ = kStart;
  ClientTransactions client_{
      {}, {.waiting = kMostOpen, .completed = kMostKept, .octets = 500}, *this, kStart};
  ServerTransactions server_{
      {}, {.open = kMostOpen, .answered = kMostKept, .octets = 500}, *this, kStart};
  std::map<uint64_t, int> ends_;
  std::vector<ClientTransactions::Id> begun_;  // The last one.
  std::vector<ServerTransactions::Id> open_;
  uint64_t tokens_ = 0;
  size_t octets_ = 0;
};

}  // namespace
}  // namespace drover::sip

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  drover::sip::World(View(data, size)).Run();
  return 0;
}
