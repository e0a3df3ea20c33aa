#include <algorithm>

#include "libs/sip/builder.h"
#include "loadtest/gateway/simulator.h"

namespace drover::gwsim {

std::optional<uint32_t> Simulator::Addressee(const sip::Message& message) const {
  if (const auto number = NumberOfSipUser(options_.population, message.uri().user)) return number;
  sip::Uri to;
  if (!sip::ParseUri(message.to().uri, to)) return std::nullopt;
  return NumberOfSipUser(options_.population, to.user);
}

bool Simulator::Loses(uint32_t number, uint64_t turn) {
  const double loss = HabitsOf(At(number)).loss;
  if (loss <= 0 || Chance(options_.population, number, Purpose::kLoss, turn) >= loss) return false;
  ++counts_.lost_datagrams;
  return true;
}

void Simulator::OnDatagram(size_t port, std::string_view octets, const UdpPort::Endpoint& source) {
  if (sip::IsKeepAlive(octets)) return;
  auto refusal = sip::Parse(octets, sip::Arrival::kDatagram, message_);
  if (refusal && octets.starts_with("NOTIFY")) {
    scratch_ = CleanedOfPrint(octets);
    const auto clean = sip::Parse(scratch_, sip::Arrival::kDatagram, message_);
    const auto number = clean ? std::nullopt : Addressee(message_);
    if (number && HabitsOf(At(*number)).printed_form) refusal.reset();
    // What answers is what came, not what it would have been.
    if (refusal) refusal = sip::Parse(octets, sip::Arrival::kDatagram, message_);
  }
  if (refusal) {
    ++voice_counts_.malformed;
    if (!sip::CanBeAnswered(message_)) return;
    std::string answer;
    const std::string host = source.address().to_string();
    sip::AppendResponse(message_, {host, source.port()}, {.status = refusal->status}, answer);
    ports_[port]->Send(answer, source);
    return;
  }
  if (message_.is_request()) return OnRequest(port, message_, source);
  const auto bound = registrations_.Take(message_, std::chrono::steady_clock::now());
  if (bound && At(bound->number).running) {
    // Anew at half of the time that was granted: with the next registration over HTTP.
    const auto half = std::chrono::seconds(std::max(1U, bound->expires_s / 2));
    if (half < options_.interval) RegisterIn(bound->number, half);
  }
}

VoiceAnswer Simulator::Judge(uint32_t number, const sip::Message& message) {
  Gateway& gateway = At(number);
  const auto login = [this, number] {
    return VoiceLogin{Serial(options_.population, number),
                      SipPassword(options_.population, number)};
  };
  return VoiceModule(HabitsOf(gateway), guard_, voice_counts_)
      .Take(message, login, SystemNow(), gateway.voice);
}

sip::ResponseOut Simulator::ResponseOf(const VoiceAnswer& answer,
                                       std::vector<sip::FieldOut>& fields, std::string& tag) const {
  tag = "gw" + std::to_string(voice_counts_.requests);
  if (!answer.challenge.empty()) fields.push_back({"WWW-Authenticate", answer.challenge});
  if (!answer.allow_events.empty()) fields.push_back({"Allow-Events", answer.allow_events});
  if (answer.status == 405) fields.push_back({"Allow", "NOTIFY, OPTIONS, INVITE, ACK"});
  return {.status = answer.status, .to_tag = tag, .fields = fields};
}

void Simulator::OnRequest(size_t port, const sip::Message& message,
                          const UdpPort::Endpoint& source) {
  if (message.method() == sip::Method::kAck) return;
  const auto number = Addressee(message);
  VoiceAnswer answer{.status = 404};
  if (number) {
    const Gateway& gateway = At(*number);
    const Habits& habits = HabitsOf(gateway);
    if (!gateway.running || habits.silent || Loses(*number, ++losses_)) return;
    answer = Judge(*number, message);
  } else {
    ++counts_.unknown_users;
  }
  std::vector<sip::FieldOut> fields;
  std::string tag, octets;
  const std::string host = source.address().to_string();
  const sip::ResponseOut response = ResponseOf(answer, fields, tag);
  sip::AppendResponse(message, {host, source.port()}, response, octets);
  const auto wait = number ? HabitsOf(At(*number)).answer_after : std::chrono::milliseconds(0);
  if (number && wait.count() > 0) {
    replies_[++last_reply_] = {port, source, std::move(octets), answer.asks, *number};
    return After(wait, last_reply_, What::kReply);
  }
  if (!number || !Loses(*number, ++losses_)) ports_[port]->Send(octets, source);
  if (answer.asks) Told(*number);
}

void Simulator::OnIncoming(sip::Incoming& incoming) {
  const auto number = Addressee(incoming.message());
  VoiceAnswer answer{.status = 404};
  if (number) {
    const Gateway& gateway = At(*number);
    if (!gateway.running || HabitsOf(gateway).silent) {
      answer.status = 503;
    } else {
      answer = Judge(*number, incoming.message());
    }
  } else {
    ++counts_.unknown_users;
  }
  std::vector<sip::FieldOut> fields;
  std::string tag;
  incoming.Respond(ResponseOf(answer, fields, tag));
  if (answer.asks) Told(*number);
}

void Simulator::Told(uint32_t number) {
  if (on_told) on_told(number);
  if (HabitsOf(At(number)).restarts_on_event) {
    At(number).wants_ask = true;
    return GoDown(number);
  }
  AskIn(number);
}

void Simulator::SipRegister(uint32_t number) {
  if (options_.registrar.empty() || ports_.empty()) return;
  const auto& local = ports_[PortOf(number)]->local();
  Registrations::Line line;
  line.aor = "sip:" + SipUser(options_.population, number) + "@" + options_.sip_domain;
  line.registrar = "sip:" + options_.sip_domain;
  line.contact = SipUri(number);
  line.sent_by = local.address().to_string() + ":" + std::to_string(local.port());
  line.user_agent = HabitsOf(At(number)).user_agent;
  line.login = {Serial(options_.population, number), SipPassword(options_.population, number)};
  registrations_.Begin(number, std::move(line), std::chrono::steady_clock::now());
  Arm();
}

}  // namespace drover::gwsim
