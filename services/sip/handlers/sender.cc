#include "services/sip/handlers/sender.h"

#include <algorithm>
#include <cstdlib>

#include <boost/asio/ip/address.hpp>

#include "libs/base/bytes.h"

namespace drover::gateways {
namespace {

using gateway::NotifyAnswered;
using gateway::NotifyOutcome;

constexpr std::chrono::seconds kFullRetry{5};  // When too many of ours wait.

std::string Bracketed(const std::string& uri) { return "<" + uri + ">"; }

std::string TargetOf(const v1::Record& record) {
  if (!record.redirect().empty()) return record.redirect();
  return record.contact().uri().empty() ? record.sip_uri() : record.contact().uri();
}

// The NAT's address, or the flow, that the gateway registered from.
std::optional<sip::Hop> HopOf(const v1::Record& record) {
  const v1::Contact& contact = record.contact();
  if (contact.source().empty() || !record.redirect().empty() || contact.routes_size() > 0) {
    return std::nullopt;
  }
  const size_t colon = contact.source().rfind(':');
  boost::system::error_code bad;
  std::string host = contact.source().substr(0, colon);
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  const auto address = asio::ip::make_address(host, bad);
  if (bad || colon == std::string::npos) return std::nullopt;
  sip::Hop hop;
  const auto v6 = address.is_v6() ? address.to_v6()
                                  : asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4());
  hop.address = v6.to_bytes();
  hop.port = static_cast<uint16_t>(std::strtoul(contact.source().c_str() + colon + 1, nullptr, 10));
  hop.transport = sip::TransportOf(contact.transport());
  hop.flow = static_cast<uint32_t>(contact.flow());
  return hop;
}

std::chrono::seconds RetryAfterOf(const sip::Message& response) {
  const auto value = response.Find(sip::HeaderId::kRetryAfter);
  sip::RetryAfter after;
  if (!value || !sip::ParseRetryAfter(*value, after)) return std::chrono::seconds(0);
  return std::chrono::seconds(after.seconds);
}

// The Contact that a 3xx names first.
std::string MovedTo(const sip::Message& response) {
  sip::Message::Elements contacts(response, sip::HeaderId::kContact);
  std::string_view element;
  sip::Contact contact;
  if (!contacts.Next(element) || !sip::ParseContact(element, contact) || contact.all) return {};
  return std::string(contact.address.uri);
}

std::string HostOf(const std::string& uri) {
  sip::Uri parsed;
  return sip::ParseUri(uri, parsed) ? std::string(parsed.host_port.host) : std::string();
}

}  // namespace

std::string Notified::class_name() const {
  if (status == 0) return std::string(gateway::Name(answer.outcome));
  return std::to_string(status / 100) + "xx";
}

// What is built into a request; it owns what the builder views.
struct Sender::Message {
  std::string uri, from, from_tag, to, call_id, event, subscription_state, content_type, body;
  std::vector<std::string> routes;
  uint32_t cseq = 1;
};

Sender::Sender(sip::Endpoint& endpoint, const dmauth::SealKeys& keys, Config config,
               RandomOctets random, Metrics& metrics)
    : endpoint_(endpoint),
      keys_(keys),
      config_(std::move(config)),
      random_(std::move(random)),
      metrics_(metrics) {}

sip::Login Sender::LoginOf(const Gateway& gateway) const {
  const Result<std::string> opened = keys_.Open(gateway.record.secrets(), gateway.id);
  v1::Secrets secrets;
  if (!opened || !secrets.ParseFromString(*opened)) return {gateway.id, ""};
  return {secrets.sip_user().empty() ? gateway.id : secrets.sip_user(),
          secrets.sip_password().empty() ? secrets.password() : secrets.sip_password()};
}

void Sender::Transmit(const Message& message, const sip::Endpoint::SendOptions& options,
                      sip::DigestClient& digest, sip::OnReply on_reply) {
  const std::string cnonce = base::Hex(random_(12));
  const auto credentials = digest.Fields("NOTIFY", message.uri, message.body, cnonce);
  std::vector<sip::FieldOut> more;
  for (const auto& field : credentials) more.push_back({field.name, field.value});
  std::vector<std::string_view> routes(message.routes.begin(), message.routes.end());
  sip::RequestOut out;
  out.uri = message.uri;
  out.routes = routes;
  out.from = message.from;
  out.from_tag = message.from_tag;
  out.to = message.to;
  out.call_id = message.call_id;
  out.cseq = message.cseq;
  std::string contact = config_.contact;
  if (contact.empty()) contact = endpoint_.host_port(sip::Transport::kUdp);
  if (contact.empty()) contact = endpoint_.host_port(sip::Transport::kTcp);
  contact = "<sip:dm@" + contact + ">";
  out.contact = contact;
  out.event = message.event;
  out.subscription_state = message.subscription_state;
  out.user_agent = config_.user_agent;
  out.more = more;
  out.content_type = message.content_type;
  out.body = message.body;
  endpoint_.Send(out, options, std::move(on_reply));
}

bool Sender::MayMove(const std::string& from, const std::string& to) const {
  const std::string host = HostOf(to);
  if (host.empty()) return false;
  const auto& allowed = config_.redirect_hosts;
  return host == HostOf(from) || std::find(allowed.begin(), allowed.end(), host) != allowed.end();
}

Notified Sender::Read(const sip::Reply& reply, sip::DigestClient& digest, const std::string& uri,
                      const gateway::Profile& profile) const {
  using Kind = sip::Reply::Kind;
  Notified out;
  NotifyAnswered& answer = out.answer;
  if (reply.kind != Kind::kResponse) {
    out.reason = reply.why.empty() ? std::string(sip::Name(reply.kind)) : std::string(reply.why);
    answer.outcome = NotifyOutcome::kUnreachable;
    if (reply.kind == Kind::kHeld) {
      answer.outcome = NotifyOutcome::kOverloaded;
      answer.retry_after = std::chrono::ceil<std::chrono::seconds>(reply.hold);
    } else if (reply.kind == Kind::kRefused) {
      answer.outcome = NotifyOutcome::kBusy;
      answer.retry_after = kFullRetry;
    }
    return out;
  }
  const sip::Message& response = *reply.response;
  out.status = response.status();
  out.reason = response.reason();
  answer.retry_after = RetryAfterOf(response);
  answer.outcome = gateway::OutcomeOf(out.status, response.Has(sip::HeaderId::kRetryAfter));
  if (out.status == 401 || out.status == 407) {
    const auto challenge = sip::TopmostChallenge(response);
    answer.proxy = out.status == 407;
    answer.stale = challenge && challenge->stale;
    const auto next = digest.Challenged(response);
    answer.outcome = next == sip::DigestClient::Next::kAnswer ? NotifyOutcome::kChallenged
                                                              : NotifyOutcome::kForbidden;
  } else if (answer.outcome == NotifyOutcome::kMoved) {
    out.redirect = MovedTo(response);
    if (!MayMove(uri, out.redirect)) answer.outcome = NotifyOutcome::kRefused;
  } else if (const auto allowed = response.Find(sip::HeaderId::kAllowEvents)) {
    answer.allowed = gateway::AllowedEvents(profile, *allowed);
  }
  return out;
}

void Sender::Send(const Gateway& gateway, const gateway::Send& send,
                  const gateway::Profile& profile, Done done) {
  const gateway::EventChoice& event = profile.events[send.event % profile.events.size()];
  Message message;
  message.uri = TargetOf(gateway.record);
  message.to = Bracketed(gateway.record.sip_uri().empty() ? message.uri : gateway.record.sip_uri());
  message.from = profile.from_equals_to ? message.to : Bracketed(config_.from);
  message.from_tag = gateway::FromTag(gateway.trigger);
  message.call_id = gateway::CallId(gateway.trigger, config_.host);
  message.cseq = send.cseq;
  message.event = gateway::EventHeader(event);
  message.subscription_state = "active;expires=" + std::to_string(profile.notify_expires.count());
  message.content_type = event.content_type;
  message.body = event.body;
  message.routes.assign(gateway.record.contact().routes().begin(),
                        gateway.record.contact().routes().end());
  const std::string id = gateway.id;
  if (send.kind != gateway::SendKind::kCredentials) flights_.erase(id);
  const auto [place, added] = flights_.try_emplace(id, Flight{sip::DigestClient(LoginOf(gateway))});
  Flight& flight = place->second;
  flight.cseq = send.cseq;
  const auto on_reply = [this, id, cseq = send.cseq, uri = message.uri, type = event.type, &profile,
                         done = std::move(done)](const sip::Reply& reply) {
    const auto there = flights_.find(id);
    if (there == flights_.end() || there->second.cseq != cseq) return;  // A newer one has left.
    Notified notified = Read(reply, there->second.digest, uri, profile);
    notified.cseq = cseq;
    metrics_.Notify(type, notified.class_name());
    if (notified.answer.outcome != NotifyOutcome::kChallenged) flights_.erase(there);
    done(std::move(notified));
  };
  Transmit(message, {.hop = HopOf(gateway.record)}, flight.digest, on_reply);
}

void Sender::SendOrdinary(const Gateway& gateway, const gateway::Profile& profile,
                          Ordinary ordinary, Deadline deadline, Done done) {
  struct Call {
    Message message;
    sip::Endpoint::SendOptions options;
    sip::DigestClient digest;
    Done done;
  };
  auto call =
      std::make_shared<Call>(Call{{}, {}, sip::DigestClient(LoginOf(gateway)), std::move(done)});
  Message& message = call->message;
  message.uri = TargetOf(gateway.record);
  message.to = Bracketed(gateway.record.sip_uri().empty() ? message.uri : gateway.record.sip_uri());
  message.from = profile.from_equals_to ? message.to : Bracketed(config_.from);
  message.from_tag = base::Hex(random_(8));
  message.call_id = base::Hex(random_(12)) + "@" + config_.host;
  message.event = ordinary.event;
  message.subscription_state = ordinary.subscription_state;
  message.content_type = ordinary.content_type;
  message.body = ordinary.body;
  message.routes.assign(gateway.record.contact().routes().begin(),
                        gateway.record.contact().routes().end());
  call->options.hop = HopOf(gateway.record);
  call->options.deadline = deadline;
  // Answers challenges until it is refused or done.
  struct Again {
    static void Send(Sender* self, std::shared_ptr<Call> call, const gateway::Profile* profile) {
      auto on_reply = [self, call, profile](const sip::Reply& reply) {
        Notified notified = self->Read(reply, call->digest, call->message.uri, *profile);
        if (notified.answer.outcome == NotifyOutcome::kChallenged) {
          ++call->message.cseq;
          return Send(self, call, profile);
        }
        self->metrics_.Voice(notified.class_name());
        call->done(std::move(notified));
      };
      self->Transmit(call->message, call->options, call->digest, std::move(on_reply));
    }
  };
  Again::Send(this, std::move(call), &profile);
}

}  // namespace drover::gateways
