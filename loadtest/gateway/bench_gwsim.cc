// bench_gwsim [COUNT] [SERVER LOGIN: none|sha256]: what simulated gateways cost. All of them
// register, are told to ask by a NOTIFY over UDP, get parameters and tell the result, as fast as it
// goes; the request server is the one of the tests, in the same process and on the same loop.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>

#include "loadtest/gateway/report.h"
#include "loadtest/gateway/testing/request_server.h"

namespace drover::gwsim {
namespace {

constexpr uint32_t kAtATime = 200;  // NOTIFYs and requests under way.

double CpuSeconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

size_t ResidentOctets() {
  std::ifstream file("/proc/self/statm");
  size_t pages = 0, resident = 0;
  file >> pages >> resident;
  return resident * 4096;
}

class Bench {
 public:
  Bench(uint32_t count, testing::RequestServer::Login login)
      : count_(count), server_(loop_, {.count = count}, login), port_(loop_, [](auto, auto&) {}) {}

  int Run() {
    if (!server_.Listen() || !port_.Open("127.0.0.1:0")) return 1;
    SimulatorOptions options;
    options.population.count = count_;
    options.mix = ParseMix("plain").value();
    options.servers = {server_.url()};
    options.register_over = std::chrono::milliseconds(0);
    const size_t before = ResidentOctets();
    Simulator simulator(loop_, options);
    simulator_ = &simulator;
    if (!simulator.Listen()) return 1;
    simulator.Start();
    Measure("register", [&] { return simulator.counts().registered == count_; });
    std::printf("resident octets a gateway: %zu, of its state: %zu\n",
                (ResidentOctets() - before) / count_, simulator.StateOctets() / count_);
    server_.registers = {};
    server_.registers.shrink_to_fit();
    Measure("NOTIFY, request, result", [&] {
      TellMore();
      return simulator.counts().results == count_;
    });
    std::fputs(TextReport(simulator).c_str(), stdout);
    return 0;
  }

 private:
  template <typename Done>
  void Measure(const char* what, const Done& done) {
    const double cpu = CpuSeconds();
    const auto begun = std::chrono::steady_clock::now();
    while (!done()) loop_.run_one();
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begun;
    std::printf("%s: %.1f us of CPU a gateway, server included; %.0f a second\n", what,
                (CpuSeconds() - cpu) / count_ * 1e6, count_ / wall.count());
  }

  void TellMore() {
    const uint64_t results = simulator_->counts().results;
    while (told_ < count_ && told_ - results < kAtATime) {
      server_.work.push_back({.params = {{"ssid", "home"}, {"channel", "6"}}});
      const std::string uri = simulator_->SipUri(told_);
      const std::string number = std::to_string(++told_);
      const auto to = ParseUdpAddress(uri.substr(uri.find('@') + 1));
      port_.Send("NOTIFY " + uri + " SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bK" +
                     number + "\r\nTo: <" + uri +
                     ">\r\nFrom: <sip:dm@drover.example>;tag=1\r\nCall-ID: " + number +
                     "@drover\r\nCSeq: 1 NOTIFY\r\nMax-Forwards: 70\r\nEvent: resync\r\n"
                     "Subscription-State: active;expires=1000\r\nContent-Length: 0\r\n\r\n",
                 *to);
    }
  }

  uint32_t count_;
  asio::io_context loop_{1};
  testing::RequestServer server_;
  UdpPort port_;
  Simulator* simulator_ = nullptr;
  uint32_t told_ = 0;
};

}  // namespace
}  // namespace drover::gwsim

int main(int argc, char** argv) {
  using Login = drover::gwsim::testing::RequestServer::Login;
  const auto count = static_cast<uint32_t>(argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 100'000);
  const bool login = argc > 2 && std::strcmp(argv[2], "sha256") == 0;
  return drover::gwsim::Bench(count, login ? Login::kSha256 : Login::kNone).Run();
}
