// Voice home gateways by the hundred thousand in one process: docs/gateway-simulator.md.
//
// Each is a row of a table: what its SIP side remembers, the version it runs, counts. Sockets are
// shared, times lie in one heap, and only a gateway that is just speaking over HTTP has a
// coroutine. One loop, one thread.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "libs/async/task.h"
#include "libs/gateway/message.h"
#include "libs/sip/link/endpoint.h"
#include "loadtest/gateway/habits.h"
#include "loadtest/gateway/identity.h"
#include "loadtest/gateway/registrations.h"
#include "loadtest/gateway/udp_port.h"
#include "loadtest/gateway/voice.h"
#include "loadtest/gateway/web_line.h"
#include "loadtest/gateway/work.h"

namespace drover::gwsim {

enum class SipTransport : uint8_t { kUdp, kTcp, kTls };

struct SimulatorOptions {
  Population population;
  Mix mix;
  std::vector<std::string> servers;  // URLs of the request server; a gateway keeps to one of them.
  std::string sip_listen = "127.0.0.1:0";
  uint32_t sip_sockets = 1;  // UDP; those after the first have any free port.
  SipTransport transport = SipTransport::kUdp;
  sip::TlsServer tls;     // Of kTls.
  std::string registrar;  // "127.0.0.1:5060", for gateways that register by SIP; UDP.
  std::string sip_domain = "gateways.example";      // Of their addresses of record.
  std::string agreed_path = "/gw/v1/file/";         // Where files are if a response does not say.
  std::chrono::milliseconds register_over{10'000};  // First registrations are spread over.
  std::chrono::milliseconds interval{3'600'000};    // Between registrations, unless told.
  std::chrono::milliseconds restart_time{2'000};
  std::chrono::milliseconds retry_after{
      5'000};                        // A request that failed; doubled up to 16 times it.
  size_t visits = 1000;              // Gateways that speak over HTTP at a time; others wait.
  size_t piece_octets = 256 * 1024;  // Of a file, a request.
  size_t keep = 200'000;             // Executions.
  Web::Options web;
};

struct Gateway {
  VoiceState voice;
  std::string version;
  uint64_t last_work = 0;      // ContentHash of the last response that was carried out.
  uint32_t messages = 0;       // Message ids given out.
  uint16_t register_turn = 0;  // Which of its timers for registering counts.
  uint16_t requests = 0;       // Answered with 200.
  uint16_t works = 0;          // Responses carried out.
  uint16_t results = 0;        // Taken by the server.
  uint16_t restarts = 0;
  uint8_t part = 0;      // Of the mix.
  uint8_t failures = 0;  // Of visits, one after the other.
  bool running = true;
  bool registered = false;  // The server has answered 200 since it started.
  bool in_call = false;
  bool visiting = false;
  bool wants_register = false;  // Once the visit is over.
  bool wants_ask = false;
};

struct SimulatorCounts {
  uint64_t registrations = 0;  // Answered with 200.
  uint64_t requests = 0;
  uint64_t results = 0;
  uint64_t restarts = 0;
  uint64_t failed_visits = 0;
  uint64_t refused_visits = 0;  // Answered with another status.
  uint64_t busy_answers = 0;    // 503, 429 to a request: asked again when told.
  uint64_t bad_responses = 0;   // That could not be read.
  uint64_t lost_datagrams = 0;  // By habit.
  uint64_t unknown_users = 0;   // Requests for nobody of ours.
  size_t registered = 0;        // Gateways.
  size_t waiting_visits = 0;
  size_t open_visits = 0;
};

class Simulator {
 public:
  Simulator(asio::io_context& loop, SimulatorOptions options);
  ~Simulator();
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  // Opens the sockets. kUnavailable: an address is taken; kInvalidArgument: an option.
  Result<void> Listen();
  // Gateways begin to register.
  void Start();
  // Nothing begins any more; open connections are closed, and when the last visit is over done is
  // called. Before that it must not be destroyed, unless the loop runs no more.
  void Stop(std::function<void()> done = nullptr);

  std::string sip_address() const;            // Of the first socket.
  std::string SipUri(uint32_t number) const;  // What a gateway calls its address.

  // What an operator may do to one. False: none of the population, or it is not running.
  bool Register(uint32_t number);
  bool Ask(uint32_t number);  // By itself, without a NOTIFY.
  bool Restart(uint32_t number);
  bool SetCall(uint32_t number, bool in_call);

  const Gateway* Find(uint32_t number) const;
  const Habits& HabitsOf(const Gateway& gateway) const {
    return *options_.mix.parts[gateway.part].habits;
  }
  // Parameters that it was given, the last 64.
  std::vector<gateway::Param> Params(uint32_t number) const;
  const Population& population() const { return options_.population; }
  const SimulatorOptions& options() const { return options_; }
  WorkLedger& ledger() { return ledger_; }
  const WorkLedger& ledger() const { return ledger_; }
  const VoiceCounts& voice_counts() const { return voice_counts_; }
  const Web::Counts& web_counts() const { return web_->counts; }
  const RegistrationCounts& sip_counts() const { return registrations_.counts; }
  SimulatorCounts counts() const;
  size_t StateOctets() const;  // Of all gateways: table, timers, parameters.

  // A gateway was told to ask (a NOTIFY accepted), and has its response.
  std::function<void(uint32_t number)> on_told;
  std::function<void(uint32_t number)> on_answered;

 private:
  using Time = std::chrono::steady_clock::time_point;
  enum class What : uint8_t { kRegister, kAsk, kBack, kRestart, kReply };
  struct Timed {
    Time at;
    uint32_t number = 0;  // Or of a reply.
    uint16_t turn = 0;
    What what = What::kRegister;
    bool operator<(const Timed& other) const { return at > other.at; }
  };
  enum class Errand : uint8_t { kRegister, kAsk, kTell };
  struct Reply {  // That a slow gateway still has to send.
    size_t port = 0;
    UdpPort::Endpoint to;
    std::string octets;
    bool asks = false;
    uint32_t number = 0;
  };

  // --- simulator.cc: the population and its times.
  Gateway& At(uint32_t number) { return gateways_[number - options_.population.first]; }
  const Gateway& At(uint32_t number) const { return gateways_[number - options_.population.first]; }
  void After(Time::duration wait, uint32_t number, What what, uint16_t turn = 0);
  void Arm();
  void Fire();
  void Due(const Timed& timed);
  void RegisterIn(uint32_t number, Time::duration wait);
  void AskIn(uint32_t number);
  void GoDown(uint32_t number);
  void ComeBack(uint32_t number);
  void Want(uint32_t number, Errand errand);
  void OpenVisits();
  void VisitOver(uint32_t number);

  // --- simulator_voice.cc: SIP.
  void OnDatagram(size_t port, std::string_view octets, const UdpPort::Endpoint& source);
  void OnRequest(size_t port, const sip::Message& message, const UdpPort::Endpoint& source);
  void OnIncoming(sip::Incoming& incoming);
  std::optional<uint32_t> Addressee(const sip::Message& message) const;
  VoiceAnswer Judge(uint32_t number, const sip::Message& message);
  bool Loses(uint32_t number, uint64_t turn);
  sip::ResponseOut ResponseOf(const VoiceAnswer& answer, std::vector<sip::FieldOut>& fields,
                              std::string& tag) const;
  void Told(uint32_t number);
  void SipRegister(uint32_t number);
  size_t PortOf(uint32_t number) const;

  // --- simulator_visit.cc: HTTP.
  Process Visit(uint32_t number, Errand errand);
  Task<void> DoErrand(uint32_t number, Errand errand, WebLine& line);
  Task<void> DoRegister(uint32_t number, WebLine& line);
  Task<void> DoAsk(uint32_t number, WebLine& line);
  Task<void> DoTell(uint32_t number, WebLine& line);
  Task<void> TakeResponse(uint32_t number, WebLine& line, std::string_view body);
  Task<void> CarryOut(uint32_t number, WebLine& line, const gateway::Response& response);
  Task<void> Fetch(uint32_t number, WebLine& line, const gateway::File& file);
  Task<void> FetchFrom(WebLine& line, std::string path, const gateway::File& file, bool break_off);
  void TakeParams(uint32_t number, const gateway::Response& response);
  void TakeFile(uint32_t number, const gateway::Response& response, const gateway::File& file,
                const Result<void>& fetched);
  void Note(uint32_t number, const gateway::Response& response, StepKind kind, bool good,
            std::string what);
  gateway::BasicInformation InformationOf(uint32_t number, bool with_sip_uri) const;
  gateway::Header NewHeader(uint32_t number, Errand errand);
  std::string Xml(uint32_t number, const gateway::Message& message) const;
  void Failed(uint32_t number, Errand errand, uint32_t retry_after_s);

  asio::io_context& loop_;
  SimulatorOptions options_;
  std::vector<Gateway> gateways_;
  WorkLedger ledger_;
  VoiceCounts voice_counts_;
  SimulatorCounts counts_;
  VoiceGuard guard_;
  const std::shared_ptr<Web> web_;  // Of the visits too, which may outlive this.
  std::vector<std::shared_ptr<const WebServer>> servers_;
  std::vector<std::unique_ptr<UdpPort>> ports_;
  std::unique_ptr<sip::Endpoint> endpoint_;  // TCP and TLS.
  Registrations registrations_;
  sip::Message message_;  // The one being read: too large for the stack of every datagram.
  std::string scratch_;
  std::priority_queue<Timed> times_;
  Timer timer_;
  Time armed_ = Time::max();
  std::deque<std::pair<uint32_t, Errand>> waiting_;
  std::unordered_map<uint32_t, gateway::WorkResult> to_tell_;  // Results after a restart.
  std::unordered_map<uint32_t, std::string> open_ask_;  // Message ids of requests without answer.
  std::unordered_map<uint32_t, std::vector<gateway::Param>> params_;
  std::unordered_map<uint32_t, Reply> replies_;
  uint32_t last_reply_ = 0;
  uint64_t losses_ = 0;
  bool running_ = false;
  std::function<void()> on_stopped_;
  const std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace drover::gwsim
