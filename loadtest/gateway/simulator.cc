#include "loadtest/gateway/simulator.h"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "libs/base/bytes.h"
#include "loadtest/fleet/draw.h"

namespace drover::gwsim {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr milliseconds kLongestPause{100};  // Between ticks while registrations by SIP are open.

// Not secret: a simulation is to be the same for the same seed.
std::function<std::string()> SeededOctets(uint64_t seed) {
  return [state = seed]() mutable { return base::Hex(base::BigEndian64(fleet::Mixed(++state))); };
}

}  // namespace

Simulator::Simulator(asio::io_context& loop, SimulatorOptions options)
    : loop_(loop),
      options_(std::move(options)),
      ledger_(options_.keep),
      guard_("nonces of simulated gateways " + std::to_string(options_.population.seed)),
      web_(std::make_shared<Web>(loop, options_.web, SeededOctets(options_.population.seed))),
      registrations_([this](uint32_t number, std::string_view octets) {
        const auto to = ParseUdpAddress(options_.registrar);
        if (to && !ports_.empty()) ports_[PortOf(number)]->Send(octets, *to);
      }),
      timer_(loop.get_executor()) {
  gateways_.resize(options_.population.count);
  for (uint32_t i = 0; i < options_.population.count; ++i) {
    const uint32_t number = options_.population.first + i;
    Gateway& gateway = gateways_[i];
    gateway.part = static_cast<uint8_t>(PartOf(options_.mix, options_.population, number));
    gateway.version = FirstVersion(options_.population, number);
    gateway.in_call = HabitsOf(gateway).in_call;
  }
}

Simulator::~Simulator() {
  running_ = false;
  timer_.cancel();
}

Result<void> Simulator::Listen() {
  if (options_.mix.parts.empty() || options_.mix.parts.size() > 255) {
    return InvalidArgument("a mix has 1 to 255 parts");
  }
  for (const std::string& server : options_.servers) {
    DROVER_TRY(auto found, web_->Find(server));
    servers_.push_back(std::move(found));
  }
  if (!options_.registrar.empty()) DROVER_TRY(ParseUdpAddress(options_.registrar));
  if (options_.transport != SipTransport::kUdp) {
    sip::Endpoint::Config config;
    const bool tls = options_.transport == SipTransport::kTls;
    (tls ? config.tls_listen : config.tcp_listen) = options_.sip_listen;
    if (tls) config.tls_server = options_.tls;
    config.tls_client.reset();
    endpoint_ =
        std::make_unique<sip::Endpoint>(loop_, config, [next = uint64_t{0}](size_t octets) mutable {
          std::string random;
          while (random.size() < octets) random += base::BigEndian64(fleet::Mixed(++next));
          return random.substr(0, octets);
        });
    endpoint_->SetOnRequest([this](sip::Incoming& incoming) { OnIncoming(incoming); });
    return endpoint_->Open();
  }
  DROVER_TRY(ParseUdpAddress(options_.sip_listen));
  for (uint32_t i = 0; i < std::max(options_.sip_sockets, 1U); ++i) {
    auto port = std::make_unique<UdpPort>(
        loop_, [this, i](std::string_view octets, const UdpPort::Endpoint& source) {
          OnDatagram(i, octets, source);
        });
    const std::string any = options_.sip_listen.substr(0, options_.sip_listen.rfind(':')) + ":0";
    DROVER_TRY(port->Open(i == 0 ? options_.sip_listen : any));
    ports_.push_back(std::move(port));
  }
  return {};
}

void Simulator::Start() {
  running_ = true;
  const Population& population = options_.population;
  const auto spread = duration_cast<microseconds>(options_.register_over);
  for (uint32_t i = 0; i < population.count; ++i) {
    const uint32_t number = population.first + i;
    const double share = Chance(population, number, Purpose::kRegister);
    RegisterIn(number,
               microseconds(static_cast<int64_t>(static_cast<double>(spread.count()) * share)));
    const auto every = HabitsOf(At(number)).restart_every;
    if (every.count() == 0) continue;
    After(every +
              duration_cast<Time::duration>(every * Chance(population, number, Purpose::kRestart)),
          number, What::kRestart);
  }
}

void Simulator::Stop(std::function<void()> done) {
  running_ = false;
  waiting_.clear();
  timer_.cancel();
  on_stopped_ = std::move(done);
  web_->CloseAll();
  if (counts_.open_visits == 0 && on_stopped_) std::exchange(on_stopped_, nullptr)();
}

std::string Simulator::sip_address() const {
  if (endpoint_ != nullptr) {
    return endpoint_->host_port(options_.transport == SipTransport::kTls ? sip::Transport::kTls
                                                                         : sip::Transport::kTcp);
  }
  if (ports_.empty()) return {};
  const auto& local = ports_.front()->local();
  const std::string address = local.address().to_string();
  return (local.address().is_v6() ? "[" + address + "]" : address) + ":" +
         std::to_string(local.port());
}

std::string Simulator::SipUri(uint32_t number) const {
  const std::string user = SipUser(options_.population, number);
  if (HabitsOf(At(number)).private_contact) {
    return "sip:" + user + "@" + HomeAddress(number) + ":5060";
  }
  if (endpoint_ != nullptr) {
    const bool tls = options_.transport == SipTransport::kTls;
    return "sip:" + user + "@" + sip_address() + (tls ? ";transport=tls" : ";transport=tcp");
  }
  const auto& local = ports_[PortOf(number)]->local();
  const std::string address = local.address().to_string();
  return "sip:" + user + "@" + (local.address().is_v6() ? "[" + address + "]" : address) + ":" +
         std::to_string(local.port());
}

size_t Simulator::PortOf(uint32_t number) const { return number % ports_.size(); }

void Simulator::After(Time::duration wait, uint32_t number, What what, uint16_t turn) {
  times_.push({std::chrono::steady_clock::now() + wait, number, turn, what});
  Arm();
}

void Simulator::Arm() {
  Time at = times_.empty() ? Time::max() : times_.top().at;
  if (registrations_.open() > 0) {
    at = std::min(at, std::chrono::steady_clock::now() + kLongestPause);
  }
  if (at >= armed_ || !running_) return;
  armed_ = at;
  timer_.expires_at(at);
  timer_.async_wait(
      [this, alive = std::weak_ptr(alive_)](const boost::system::error_code& cancelled) {
        if (!cancelled && !alive.expired()) Fire();
      });
}

void Simulator::Fire() {
  armed_ = Time::max();
  const Time now = std::chrono::steady_clock::now();
  while (!times_.empty() && times_.top().at <= now) {
    const Timed timed = times_.top();
    times_.pop();
    Due(timed);
  }
  if (now >= registrations_.next()) registrations_.Tick(now);
  Arm();
}

void Simulator::Due(const Timed& timed) {
  if (timed.what == What::kReply) {
    const auto found = replies_.find(timed.number);
    if (found == replies_.end()) return;
    const Reply reply = std::move(found->second);
    replies_.erase(found);
    ports_[reply.port]->Send(reply.octets, reply.to);
    if (reply.asks) Told(reply.number);
    return;
  }
  const Gateway& gateway = At(timed.number);
  switch (timed.what) {
    case What::kRegister:
      if (gateway.running && timed.turn == gateway.register_turn) {
        Want(timed.number, Errand::kRegister);
      }
      return;
    case What::kAsk:
      if (gateway.running) Want(timed.number, Errand::kAsk);
      return;
    case What::kBack:
      return ComeBack(timed.number);
    case What::kRestart:
      GoDown(timed.number);
      return After(HabitsOf(gateway).restart_every, timed.number, What::kRestart);
    case What::kReply:
      return;
  }
}

// The timer that was set before counts no more.
void Simulator::RegisterIn(uint32_t number, Time::duration wait) {
  After(wait, number, What::kRegister, ++At(number).register_turn);
}

void Simulator::AskIn(uint32_t number) {
  const Gateway& gateway = At(number);
  const double share = Chance(options_.population, number, Purpose::kDelay, gateway.voice.told);
  After(duration_cast<Time::duration>(HabitsOf(gateway).ask_within * share), number, What::kAsk);
}

// What it was at is lost; what it has stored stays. Who is on a visit loses it too, at its end.
void Simulator::GoDown(uint32_t number) {
  Gateway& gateway = At(number);
  if (!gateway.running) return;
  gateway.running = false;
  if (std::exchange(gateway.registered, false)) --counts_.registered;
  ++gateway.restarts;
  ++counts_.restarts;
  if (HabitsOf(gateway).forgets) to_tell_.erase(number);
  After(options_.restart_time, number, What::kBack);
}

void Simulator::ComeBack(uint32_t number) {
  Gateway& gateway = At(number);
  gateway.running = true;
  gateway.voice.call = 0;
  gateway.voice.last_branch = 0;
  RegisterIn(number, milliseconds(0));
}

// One visit a gateway at a time.
void Simulator::Want(uint32_t number, Errand errand) {
  if (!running_ || servers_.empty()) return;
  Gateway& gateway = At(number);
  if (gateway.visiting) {
    (errand == Errand::kRegister ? gateway.wants_register : gateway.wants_ask) = true;
    return;
  }
  gateway.visiting = true;
  waiting_.emplace_back(number, errand);
  OpenVisits();
}

void Simulator::OpenVisits() {
  while (!waiting_.empty() && counts_.open_visits < options_.visits) {
    const auto [number, errand] = waiting_.front();
    waiting_.pop_front();
    ++counts_.open_visits;
    asio::co_spawn(loop_, Visit(number, errand), asio::detached);
  }
}

void Simulator::VisitOver(uint32_t number) {
  --counts_.open_visits;
  Gateway& gateway = At(number);
  gateway.visiting = false;
  if (!running_) {
    if (counts_.open_visits == 0 && on_stopped_) std::exchange(on_stopped_, nullptr)();
    return;
  }
  if (!gateway.running) return OpenVisits();  // What it wants it does when it is back.
  const bool registers = std::exchange(gateway.wants_register, false);
  const bool asks = std::exchange(gateway.wants_ask, false);
  if (registers) Want(number, Errand::kRegister);
  if (asks) Want(number, Errand::kAsk);
  OpenVisits();
}

bool Simulator::Register(uint32_t number) {
  if (!options_.population.Holds(number) || !At(number).running) return false;
  RegisterIn(number, milliseconds(0));
  return true;
}

bool Simulator::Ask(uint32_t number) {
  if (!options_.population.Holds(number) || !At(number).running) return false;
  Want(number, Errand::kAsk);
  return true;
}

bool Simulator::Restart(uint32_t number) {
  if (!options_.population.Holds(number) || !At(number).running) return false;
  GoDown(number);
  return true;
}

bool Simulator::SetCall(uint32_t number, bool in_call) {
  if (!options_.population.Holds(number)) return false;
  At(number).in_call = in_call;
  return true;
}

const Gateway* Simulator::Find(uint32_t number) const {
  return options_.population.Holds(number) ? &At(number) : nullptr;
}

std::vector<gateway::Param> Simulator::Params(uint32_t number) const {
  const auto found = params_.find(number);
  return found == params_.end() ? std::vector<gateway::Param>() : found->second;
}

SimulatorCounts Simulator::counts() const {
  SimulatorCounts counts = counts_;
  counts.waiting_visits = waiting_.size();
  return counts;
}

size_t Simulator::StateOctets() const {
  size_t octets = gateways_.capacity() * sizeof(Gateway) + times_.size() * sizeof(Timed);
  for (const auto& [number, params] : params_) {
    octets += 64 + params.capacity() * sizeof(gateway::Param);
  }
  return octets + to_tell_.size() * (64 + sizeof(gateway::WorkResult));
}

}  // namespace drover::gwsim
