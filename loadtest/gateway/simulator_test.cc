// Simulated gateways on their sockets: a request server and a sender of NOTIFYs on the other side.
#include "loadtest/gateway/simulator.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include "libs/http/testing/loop_thread.h"
#include "libs/http/testing/raw_client.h"
#include "loadtest/gateway/admin.h"
#include "loadtest/gateway/checksum.h"
#include "loadtest/gateway/report.h"
#include "loadtest/gateway/testing/request_server.h"

namespace drover::gwsim {
namespace {

using std::chrono::milliseconds;
using testing::RequestServer;
using Login = testing::RequestServer::Login;

// Sends NOTIFYs and waits for their responses; nothing is sent again.
class Sender {
 public:
  Sender() : socket_(::socket(AF_INET, SOCK_DGRAM, 0)) {
    const timeval patience{10, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~Sender() { ::close(socket_); }

  // The response, or what came of it in 10 s: nothing.
  std::string Notify(const std::string& uri, const std::string& event,
                     const std::string& more = "") {
    ++cseq_;
    Send(uri, "NOTIFY " + uri + " SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bK" +
                  std::to_string(cseq_) + "\r\nTo: <" + uri +
                  ">\r\nFrom: <sip:dm@drover.example>;tag=1\r\nCall-ID: call@drover\r\nCSeq: " +
                  std::to_string(cseq_) + " NOTIFY\r\nMax-Forwards: 70\r\nEvent: " + event +
                  "\r\nSubscription-State: active;expires=1000\r\n" + more +
                  "Content-Length: 0\r\n\r\n");
    return Receive();
  }
  void Send(const std::string& uri, const std::string& octets) {
    const std::string place = uri.substr(uri.find('@') + 1);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<uint16_t>(std::stoi(place.substr(place.find(':') + 1))));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::sendto(socket_, octets.data(), octets.size(), 0, reinterpret_cast<sockaddr*>(&to), sizeof to);
  }
  std::string Receive() {
    char buffer[4096];
    const ssize_t got = ::recv(socket_, buffer, sizeof buffer, 0);
    return got > 0 ? std::string(buffer, static_cast<size_t>(got)) : "";
  }

 private:
  int socket_;
  int cseq_ = 0;
};

class GatewaySimulatorTest : public ::testing::Test {
 protected:
  void TearDown() override {
    EndSimulator();
    loop_.Do([this] { server_.reset(); });
    loop_.Stop();
  }
  void EndSimulator() {
    if (simulator_ == nullptr) return;
    std::promise<void> stopped;
    loop_.Do([&] {
      admin_->Stop();
      simulator_->Stop([&] { stopped.set_value(); });
    });
    stopped.get_future().wait();
    loop_.Do([this] {
      admin_.reset();
      simulator_.reset();
    });
  }

  void Start(std::string_view mix, uint32_t count = 1, Login login = Login::kNone,
             SimulatorOptions options = {}) {
    loop_.Do([&] {
      options.population.count = count;
      options.mix = ParseMix(mix).value();
      options.register_over = milliseconds(0);
      options.restart_time = milliseconds(20);
      options.retry_after = milliseconds(20);
      options.piece_octets = 1000;
      server_ = std::make_unique<RequestServer>(loop_.loop, options.population, login);
      ASSERT_TRUE(server_->Listen());
      options.servers = {server_->url()};
      simulator_ = std::make_unique<Simulator>(loop_.loop, options);
      admin_ = std::make_unique<Admin>(loop_.loop, "127.0.0.1:0", *simulator_);
      ASSERT_TRUE(simulator_->Listen());
      ASSERT_TRUE(admin_->Listen());
      simulator_->Start();
    });
    Until([this, count] { return simulator_->counts().registered == count; });
  }
  // Looks on the loop until it holds; a minute at most.
  template <typename Condition>
  void Until(Condition condition) {
    const Deadline end = In(std::chrono::seconds(60));
    while (!loop_.Do(condition)) {
      ASSERT_LT(std::chrono::steady_clock::now(), end)
          << loop_.Do([this] { return TextReport(*simulator_); });
      std::this_thread::yield();
    }
  }
  std::string Uri(uint32_t number = 0) {
    return loop_.Do([this, number] { return simulator_->SipUri(number); });
  }
  void Give(gateway::Response response) {
    loop_.Do([&] { server_->work.push_back(std::move(response)); });
  }
  void UntilResults(size_t count) {
    Until([this, count] { return server_->results.size() >= count; });
  }
  static std::string SumOf(std::string_view octets) {
    Sha256 sum;
    sum.Add(octets);
    return sum.Hex();
  }
  std::string Get(const std::string& path) {
    const std::string address = loop_.Do([this] { return admin_->address(); });
    http::testing::RawClient client(address);
    client.Send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto response = client.Receive();
    return response ? response->body : "";
  }
  int Post(const std::string& path) {
    const std::string address = loop_.Do([this] { return admin_->address(); });
    http::testing::RawClient client(address);
    client.Send(http::testing::Post(path, ""));
    const auto response = client.Receive();
    return response ? response->status : 0;
  }

  http::testing::LoopThread loop_;
  std::unique_ptr<RequestServer> server_;
  std::unique_ptr<Simulator> simulator_;
  std::unique_ptr<Admin> admin_;
  Sender sender_;
};

TEST_F(GatewaySimulatorTest, A1RegistersIsToldAsksRebootsAndTellsTheResult) {
  Start("plain");
  Give({.reboot = true});
  EXPECT_EQ(sender_.Notify(Uri(), "resync").substr(0, 15), "SIP/2.0 200 OK\r");
  UntilResults(1);
  loop_.Do([this] {
    ASSERT_EQ(server_->requests.size(), 1u);
    EXPECT_EQ(server_->requests[0].header.serial, "00D09E-GW0000000");
    EXPECT_EQ(server_->requests[0].information.file_version,
              FirstVersion(simulator_->population(), 0));
    EXPECT_EQ(server_->registers.size(), 2u);  // Once more after the reboot.
    EXPECT_EQ(server_->registers[0].information.sip_uri, simulator_->SipUri(0));
    EXPECT_EQ(server_->results[0].action, "reboot");
    EXPECT_EQ(server_->results[0].status, gateway::Status::kSuccess);
    EXPECT_EQ(server_->results[0].header.msgid, server_->requests[0].header.msgid);
    EXPECT_EQ(simulator_->ledger().counts.reboots, 1u);
  });
}

TEST_F(GatewaySimulatorTest, A8FetchesAFileInRangesChecksItAndRunsItsVersion) {
  Start("lossy", 1, Login::kSha256);
  std::string firmware;
  for (int i = 0; i < 4321; ++i) firmware.push_back(static_cast<char>(i * 7));
  loop_.Do([&] { server_->files["fw.bin"] = firmware; });
  Give({.params = {{"ssid", "home"}},
        .files = {{.name = "fw.bin",
                   .version = "2.0",
                   .size_octets = firmware.size(),
                   .sha256 = SumOf(firmware)}}});
  loop_.Do([this] { simulator_->Ask(0); });
  UntilResults(1);
  loop_.Do([this] {
    EXPECT_EQ(server_->results[0].status, gateway::Status::kSuccess) << server_->results[0].detail;
    EXPECT_EQ(server_->results[0].file_version, "2.0");
    EXPECT_EQ(server_->ranges, 5u);
    EXPECT_EQ(server_->registers.back().information.file_version, "2.0");
    EXPECT_EQ(simulator_->Params(0), (std::vector<gateway::Param>{{"ssid", "home"}}));
    EXPECT_EQ(simulator_->ledger().counts.file_octets, 4321u);
  });
}

TEST_F(GatewaySimulatorTest, AFileThatIsNotTheOneToldIsARefusalAndNothingFollows) {
  Start("plain");
  loop_.Do([this] { server_->files["c"] = "octets"; });
  for (const char* name : {"c", "missing"}) {
    Give(
        {.reboot = true,
         .files = {{.type = gateway::FileType::kConfig, .name = name, .sha256 = SumOf("others")}}});
  }
  for (size_t i = 1; i <= 2; ++i) {
    loop_.Do([this] { simulator_->Ask(0); });
    UntilResults(i);
  }
  loop_.Do([this] {
    EXPECT_EQ(server_->results[0].status, gateway::Status::kError);
    EXPECT_EQ(server_->results[0].detail, "file: sha256 is not the one that was told");
    EXPECT_EQ(server_->results[1].detail, "file: answered 404 no such file");
    EXPECT_EQ(simulator_->counts().restarts, 0u);
  });
}

TEST_F(GatewaySimulatorTest, A17AVoiceNotifyIsCountedAndNoRequestFollows) {
  Start("plain");
  EXPECT_EQ(sender_.Notify(Uri(), "message-summary").substr(0, 15), "SIP/2.0 200 OK\r");
  EXPECT_EQ(sender_.Notify(Uri(), "resync2").substr(0, 11), "SIP/2.0 489");
  EXPECT_EQ(sender_.Notify(Uri(), "resync").substr(0, 15), "SIP/2.0 200 OK\r");
  Until([this] { return server_->requests.size() == 1; });
  const auto json = nlohmann::json::parse(Get("/gateways/00D09E-GW0000000"));
  EXPECT_EQ(json["voice"], 1);
  EXPECT_EQ(json["told"], 1);
}

TEST_F(GatewaySimulatorTest, LogsInAsItIsAskedTo) {
  for (const Login login : {Login::kBasic, Login::kMd5, Login::kSha256}) {
    EndSimulator();
    Start("plain", 3, login);
    Until([this] { return simulator_->counts().open_visits == 0; });
    EXPECT_EQ(loop_.Do([this] { return server_->unauthorized; }), 3u);
  }
}

TEST_F(GatewaySimulatorTest, WhoIsInACallRefusesToReboot) {
  Start("talking");
  Give({.reboot = true});
  loop_.Do([this] { simulator_->Ask(0); });
  UntilResults(1);
  loop_.Do([this] { EXPECT_EQ(server_->results[0].status, gateway::Status::kBusy); });
  EXPECT_EQ(Post("/gateways/00D09E-GW0000000/hangup"), 202);
  Give({.reboot = true});
  EXPECT_EQ(Post("/gateways/00D09E-GW0000000/ask"), 202);
  UntilResults(2);
  loop_.Do([this] {
    EXPECT_EQ(server_->results[1].status, gateway::Status::kSuccess);
    EXPECT_EQ(server_->requests[0].information.in_call, true);
    EXPECT_EQ(server_->requests[1].information.in_call, false);
  });
}

TEST_F(GatewaySimulatorTest, ARequestThatIsPutOffIsTheSameWhenItComesAgain) {
  Start("plain");
  loop_.Do([this] { server_->refusals = {503, 500}; });
  loop_.Do([this] { simulator_->Ask(0); });
  Until([this] { return server_->requests.size() >= 3; });
  loop_.Do([this] {
    EXPECT_EQ(server_->requests[1].header.msgid, server_->requests[0].header.msgid);
    EXPECT_EQ(simulator_->counts().busy_answers, 1u);
    EXPECT_EQ(simulator_->counts().refused_visits, 1u);
  });
}

TEST_F(GatewaySimulatorTest, WhoPostsNoResultRegistersWithTheNewVersion) {
  Start("mute");
  loop_.Do([this] { server_->files["v"] = "firmware"; });
  Give({.files = {{.name = "v", .version = "9"}}});
  loop_.Do([this] { simulator_->Ask(0); });
  Until([this] { return server_->registers.size() == 2; });
  loop_.Do([this] {
    EXPECT_EQ(server_->registers[1].information.file_version, "9");
    EXPECT_TRUE(server_->results.empty());
  });
}

TEST_F(GatewaySimulatorTest, WhoRestartsWhenToldAsksWhenItIsBack) {
  Start("obihai");
  Give({.params = {{"a", "b"}}});
  EXPECT_EQ(sender_.Notify(Uri(), "resync").substr(0, 15), "SIP/2.0 200 OK\r");
  UntilResults(1);
  loop_.Do([this] {
    EXPECT_EQ(server_->registers.size(), 2u);
    EXPECT_EQ(simulator_->Find(0)->restarts, 1);
  });
}

TEST_F(GatewaySimulatorTest, BareOnesTellNothingAndCloseTheirHeaderAsHead) {
  Start("bare");
  loop_.Do([this] { simulator_->Ask(0); });
  Until([this] { return server_->requests.size() == 1; });
  loop_.Do([this] {
    EXPECT_EQ(server_->requests[0].information, gateway::BasicInformation{});
    EXPECT_EQ(server_->slips, 2u);
  });
}

TEST_F(GatewaySimulatorTest, TheSampleNotifyIsTakenAsPrintedByWhoIsLenientAlone) {
  for (const bool lenient : {true, false}) {
    EndSimulator();
    Start(lenient ? "lenient" : "plain");
    const std::string uri = Uri();
    sender_.Send(uri,
                 "NOTIFY sip: 69600000000@10.40.41.36:5060 SIP/2.0\r\n"
                 "Via: SIP/2.0/UDP 10.40.41.36:5060; branch=z9hG4bK28934a78291f2991;rport\r\n"
                 "To: 69600<sip: 69600000000@10.40.41.36; user=phone>\r\n"
                 "From: <sip:69601@10.40.41.36;user=phone>; tag=6a073cca507b5e6a-65ab43b5\r\n"
                 "Call-ID: 720910328-2276810532@10.40.41.36\r\nCSeq: 14872 NOTIFY\r\n"
                 "Max-Forwards: 70\r\nEvent: resync\r\n"
                 "Subscription-State: active; expires=1000\r\n"
                 "Contact: <sip: b@atlanta.example.com>\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(sender_.Receive().substr(8, 3), lenient ? "200" : "400");
  }
}

TEST_F(GatewaySimulatorTest, A20BehindANatItRegistersBySipFromItsOwnSocket) {
  const int registrar = ::socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in local{};
  local.sin_family = AF_INET;
  local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof local;
  ASSERT_EQ(::bind(registrar, reinterpret_cast<sockaddr*>(&local), size), 0);
  ::getsockname(registrar, reinterpret_cast<sockaddr*>(&local), &size);
  SimulatorOptions options;
  options.registrar = "127.0.0.1:" + std::to_string(ntohs(local.sin_port));
  Start("nat", 1, Login::kNone, options);
  const timeval patience{10, 0};
  ::setsockopt(registrar, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  char buffer[4096];
  sockaddr_in source{};
  const ssize_t got =
      ::recvfrom(registrar, buffer, sizeof buffer, 0, reinterpret_cast<sockaddr*>(&source), &size);
  ::close(registrar);
  ASSERT_GT(got, 0);
  const std::string request(buffer, static_cast<size_t>(got));
  EXPECT_EQ(request.substr(0, 9), "REGISTER ");
  EXPECT_NE(request.find("Contact: <sip:69600000000@10.0.0.0:5060>\r\n"), std::string::npos);
  const std::string seen = "sip:69600000000@127.0.0.1:" + std::to_string(ntohs(source.sin_port));
  EXPECT_EQ(sender_.Notify(seen, "resync").substr(0, 11), "SIP/2.0 200");
  Until([this] { return server_->requests.size() == 1; });
}

TEST_F(GatewaySimulatorTest, A19OverTcpItIsToldAsWell) {
  SimulatorOptions options;
  options.transport = SipTransport::kTcp;
  Start("plain", 1, Login::kNone, options);
  const std::string address = loop_.Do([this] { return simulator_->sip_address(); });
  EXPECT_EQ(Uri(), "sip:69600000000@" + address + ";transport=tcp");
  http::testing::RawClient client(address);
  client.Send("NOTIFY " + Uri() +
              " SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bK1\r\nTo: <" + Uri() +
              ">\r\nFrom: <sip:dm@drover.example>;tag=1\r\nCall-ID: c\r\nCSeq: 1 NOTIFY\r\n"
              "Max-Forwards: 70\r\nEvent: resync\r\nSubscription-State: active;expires=1000\r\n"
              "Content-Length: 0\r\n\r\n");
  Until([this] { return server_->requests.size() == 1; });
}

TEST_F(GatewaySimulatorTest, ExecutionsAreToldAsTheyCome) {
  Start("plain", 2);
  Give({.params = {{"a", "b"}}});
  loop_.Do([this] { simulator_->Ask(1); });
  const std::string line = Get("/executions?after=0&wait=20000");
  const auto json = nlohmann::json::parse(line.substr(0, line.find('\n')));
  EXPECT_EQ(json["serial"], "00D09E-GW0000001");
  EXPECT_EQ(json["step"], "config");
  EXPECT_EQ(json["good"], true);
  UntilResults(1);
  const auto ledger = nlohmann::json::parse(Get("/ledger"));
  EXPECT_EQ(ledger["configs"], 1);
  EXPECT_EQ(ledger["gateways"], 2);
  EXPECT_NE(Get("/report").find("plain       2"), std::string::npos) << Get("/report");
  EXPECT_NE(Get("/metrics").find("drover_gwsim_results_total 1\n"), std::string::npos);
  EXPECT_EQ(Get("/gateways?after=1").find("{\"habits\":\"plain\""), 0u) << Get("/gateways");
  EXPECT_EQ(Post("/gateways/nobody/ask"), 404);
}

TEST_F(GatewaySimulatorTest, ManyGatewaysShareOneSocketAndTakeLittleRoomEach) {
  Start("plain", 2000);
  for (int i = 0; i < 100; ++i) {
    const std::string response = sender_.Notify(Uri(static_cast<uint32_t>(i * 20)), "resync");
    ASSERT_EQ(response.substr(0, 11), "SIP/2.0 200");
  }
  Until([this] { return server_->requests.size() == 100; });
  loop_.Do([this] { EXPECT_LT(simulator_->StateOctets() / 2000, 256u); });
}

}  // namespace
}  // namespace drover::gwsim
