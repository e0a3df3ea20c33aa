// bench_sip_transactions [--out FILE] [--messages N] [--window N]: an endpoint that sends NOTIFY
// over UDP to a process that only answers, CPU time a transaction and transactions a second; then
// to nobody, CPU time of each until it has failed, with 1,000, 10,000 and 100,000 under way.
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "libs/dmauth/random.h"
#include "libs/sip/link/address.h"
#include "libs/sip/link/endpoint.h"
#include "libs/sip/link/testing/figures.h"
#include "libs/sip/link/testing/responder.h"

namespace drover::sip {
namespace {

using testing::Responder;
using testing::Stopwatch;

// Longer than it is in the field, shorter than 32 s: timer F is 64 times this.
constexpr std::chrono::milliseconds kUnansweredT1{200};

Endpoint::Config Config() {
  Endpoint::Config config;
  config.udp_listen = "127.0.0.1:0";
  config.tls_client.reset();
  return config;
}

// A trigger for each of so many gateways, all at one address.
class Sender {
 public:
  Sender(const Endpoint::Config& config, int port)
      : endpoint_(loop_, config, dmauth::SystemRandom),
        hop_{.address = *ParseAddress("127.0.0.1"), .port = static_cast<uint16_t>(port)},
        host_(":" + std::to_string(port)) {
    DROVER_CHECK(endpoint_.Open().has_value());
  }

  // Keeps window requests under way until so many have ended.
  void Run(uint64_t requests, uint64_t window) {
    left_ = requests;
    const uint64_t until = ended + requests;
    for (uint64_t i = 0; i < window && left_ > 0; ++i) SendOne();
    while (ended < until) loop_.run_one();
  }

  uint64_t ended = 0;
  uint64_t answered = 0;
  Endpoint::Counters counters() const { return endpoint_.counters(); }
  size_t octets() const { return endpoint_.octets(); }

 private:
  void SendOne() {
    --left_;
    ++sent_;
    const std::string user = std::to_string(10'000'000 + sent_ % 100'000);
    uri_.assign("sip:").append(user).append("@127.0.0.1").append(host_);
    to_.assign("<").append(uri_).append(";user=phone>");
    call_id_.assign(user).append("-2276810532@dm.example.com");
    endpoint_.Send({.uri = uri_,
                    .from = "<sip:dm@dm.example.com;user=phone>",
                    .from_tag = "6a073cca507b5e6a",
                    .to = to_,
                    .call_id = call_id_,
                    .cseq = static_cast<uint32_t>(sent_),
                    .contact = "<sip:dm@127.0.0.1:5060>",
                    .event = "resync",
                    .subscription_state = "active;expires=1000"},
                   {.hop = hop_}, [this](const Reply& reply) {
                     ++ended;
                     answered += reply.kind == Reply::Kind::kResponse ? 1 : 0;
                     if (left_ > 0) SendOne();
                   });
  }

  asio::io_context loop_{1};
  Endpoint endpoint_;
  const Hop hop_;
  const std::string host_;
  uint64_t left_ = 0;
  uint64_t sent_ = 0;
  std::string uri_, to_, call_id_;
};

nlohmann::json Answered(uint64_t requests, uint64_t window) {
  Responder responder;
  responder.Start();
  Sender sender(Config(), responder.port());
  sender.Run(requests / 10, window);
  const Stopwatch watch;
  sender.Run(requests, window);
  const double cpu_us = watch.cpu() * 1e6 / static_cast<double>(requests);
  const double rate = static_cast<double>(requests) / watch.wall();
  DROVER_CHECK(sender.answered == sender.ended);
  std::printf("answered: %.2f us CPU a transaction, %.0f/s, %.0f MB, %llu sent again\n", cpu_us,
              rate, static_cast<double>(sender.octets()) / 1e6,
              static_cast<unsigned long long>(sender.counters().client.sent_again));
  return {{"name", "sip_transaction"},
          {"value", cpu_us},
          {"unit", "us"},
          {"better", "lower"},
          {"rate", rate}};
}

nlohmann::json Unanswered(uint64_t requests) {
  const Responder silent;
  Endpoint::Config config = Config();
  config.timers.t1 = kUnansweredT1;
  config.timers.t2 = 8 * kUnansweredT1;
  config.udp_queue = 200'000;
  Sender sender(config, silent.port());
  const Stopwatch watch;
  sender.Run(requests, requests);
  const double cpu_us = watch.cpu() * 1e6 / static_cast<double>(requests);
  DROVER_CHECK(sender.answered == 0);
  const double datagrams =
      static_cast<double>(sender.counters().datagrams_out) / static_cast<double>(requests);
  std::printf("unanswered, %llu under way: %.2f us CPU each, %.2f datagrams each, %.0f MB\n",
              static_cast<unsigned long long>(requests), cpu_us, datagrams,
              static_cast<double>(sender.octets()) / 1e6);
  return {{"name", "sip_unanswered_" + std::to_string(requests)},
          {"value", cpu_us},
          {"unit", "us"},
          {"better", "lower"},
          {"datagrams", datagrams}};
}

int Run(const std::string& out, uint64_t messages, uint64_t window) {
  nlohmann::json figures = nlohmann::json::array();
  figures.push_back(Answered(messages, window));
  for (const uint64_t requests : {1'000, 10'000, 100'000}) figures.push_back(Unanswered(requests));
  return testing::Write(out, figures);
}

}  // namespace
}  // namespace drover::sip

int main(int argc, char** argv) {
  std::string out;
  uint64_t messages = 300'000;
  uint64_t window = 200;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--out") == 0) out = argv[i + 1];
    if (std::strcmp(argv[i], "--messages") == 0) messages = std::strtoull(argv[i + 1], nullptr, 10);
    if (std::strcmp(argv[i], "--window") == 0) window = std::strtoull(argv[i + 1], nullptr, 10);
  }
  if (argc % 2 == 0 || messages < 10 || window < 1) {
    std::cerr << "usage: bench_sip_transactions [--out FILE] [--messages N] [--window N]\n";
    return 2;
  }
  return drover::sip::Run(out, messages, window);
}
