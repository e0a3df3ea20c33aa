#include "services/sip/handlers/registrar.h"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/address.hpp>

#include "libs/base/bytes.h"
#include "libs/service/log.h"
#include "services/sip/core/times.h"

namespace drover::gateways {
namespace {

constexpr std::chrono::seconds kTimeout{8};
constexpr size_t kMostSources = 100'000;
constexpr char kAllow[] = "NOTIFY, OPTIONS, REGISTER";

std::string AddressOf(const sip::Hop& hop) {
  const asio::ip::address_v6 v6(hop.address);
  if (!hop.is_ipv4()) return v6.to_string();
  return asio::ip::make_address_v4(asio::ip::v4_mapped, v6).to_string();
}

std::string HostPortOf(const std::string& host, uint16_t port) {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::optional<std::string> UserOf(std::string_view text) {
  sip::Uri uri;
  return sip::ParseUri(text, uri) ? sip::Unescape(uri.user) : std::nullopt;
}

// An address of its own: with the user name that it proves, or of the SIP URI that it told over
// HTTP.
bool MayRegister(const std::string& aor, const std::string& user, const std::string& told) {
  const auto of = UserOf(aor);
  return of && (*of == user || of == UserOf(told));
}

void Respond(sip::Incoming& incoming, uint16_t status) {
  const sip::FieldOut allow{"Allow", kAllow};
  sip::ResponseOut out;
  out.status = status;
  out.fields = {&allow, 1};
  (void)incoming.Respond(out);
}

void Respond(sip::Incoming& incoming, const sip::RegisterReply& reply) {
  std::vector<sip::FieldOut> fields;
  for (const auto& [name, value] : reply.fields) fields.push_back({name, value});
  sip::ResponseOut out;
  out.status = reply.status;
  out.fields = fields;
  (void)incoming.Respond(out);
}

}  // namespace

Registrar::Registrar(asio::io_context& loop, Ports ports, Config config, Clock clock,
                     RandomOctets random, Metrics& metrics)
    : loop_(loop),
      ports_(ports),
      config_(std::move(config)),
      clock_(std::move(clock)),
      random_(std::move(random)),
      metrics_(metrics),
      mint_(config_.nonce_key) {}

uint64_t Registrar::Random() const { return base::ReadBigEndian64(random_(8)); }

// One source that floods us is cut off before anything is kept of its requests.
bool Registrar::Admit(const sip::Message& message, const sip::Hop& source) {
  static_cast<void>(message);
  const int64_t now = ToMillis(clock_()) / 1000;
  if (now != second_ || from_.size() > kMostSources) {
    from_.clear();
    second_ = now;
  }
  return ++from_[AddressOf(source)] <= config_.most_from_one;
}

void Registrar::Handle(sip::Incoming& incoming) {
  const sip::Method method = incoming.message().method();
  // Keep-alives of gateways: OPTIONS, and NOTIFY with Event: keep-alive.
  if (method == sip::Method::kOptions || method == sip::Method::kNotify) {
    return Respond(incoming, 200);
  }
  if (method != sip::Method::kRegister || !config_.enabled) return Respond(incoming, 405);
  auto read = sip::ReadRegister(incoming.message(), config_.settings);
  if (const auto* refusal = std::get_if<sip::RegisterReply>(&read)) {
    metrics_.Register(refusal->status);
    return Respond(incoming, *refusal);
  }
  if (running_ >= config_.most_running) {
    metrics_.Register(503);
    return Respond(incoming, sip::OverloadedReply(Random()));
  }
  ++running_;
  asio::co_spawn(loop_.get_executor(),
                 Serve(incoming.Keep(), std::get<sip::RegisterRequest>(std::move(read))),
                 asio::detached);
}

Process Registrar::Serve(std::shared_ptr<sip::Incoming> incoming, sip::RegisterRequest request) {
  const sip::Hop source = incoming->source();
  Result<sip::RegisterReply> reply = co_await Register(request, source);
  --running_;
  if (!reply) {
    service::Log(service::Level::kWarn, "sip.register_not_served",
                 "a gateway was asked to register again later",
                 {{"code", Name(reply.error().code)}, {"cause", reply.error().message}});
    reply = sip::OverloadedReply(Random());
  }
  metrics_.Register(reply->status);
  Respond(*incoming, *reply);
}

Task<sip::RegisterReply> Registrar::Register(const sip::RegisterRequest& request,
                                             const sip::Hop& source) {
  const Deadline deadline = In(kTimeout);
  const TimePoint now = clock_();
  if (!request.credentials) {
    co_return sip::ChallengeRegister(config_.settings, mint_, now, Random(), false);
  }
  const std::string user = request.credentials->username;
  DROVER_CO_TRY(const std::optional<Gateway> gateway,
                co_await ports_.table.FindBySipUser(user, deadline));
  sip::Account account;
  if (gateway) {
    const Result<std::string> opened = ports_.keys.Open(gateway->record.secrets(), gateway->id);
    v1::Secrets secrets;
    if (!opened || !secrets.ParseFromString(*opened)) {
      co_return Error{Code::kUnavailable, "the gateway's secrets cannot be opened"};
    }
    const std::string& password =
        secrets.sip_password().empty() ? secrets.password() : secrets.sip_password();
    account.ha1 =
        sip::DigestHa1(request.credentials->algorithm, user, config_.settings.realm, password);
    account.may_register = MayRegister(request.aor, user, gateway->record.sip_uri());
  }
  auto refused = sip::Authorize(request, account, config_.settings, mint_, guard_, now, Random());
  if (refused) co_return *std::move(refused);
  std::string aor = request.aor;
  DROVER_CO_TRY(RedisBindings::Read there, co_await ports_.bindings.Load(aor, deadline));
  const std::string address = AddressOf(source);
  const sip::Flow flow{source.transport, {address, source.port}, config_.owner};
  sip::RegisterResult result =
      sip::ApplyRegister(request, std::move(there.bindings), flow, config_.settings, now, Random());
  if (!result.changed) co_return std::move(result.reply);
  // The row first: a binding that Redis has and the row has not would be told twice, not lost.
  DROVER_CO_TRY(co_await Keep(*gateway, request, result.bindings, source, deadline));
  DROVER_CO_TRY(co_await ports_.bindings.Store(aor, result.bindings, std::move(there.as_read), now,
                                               deadline));
  co_return std::move(result.reply);
}

v1::Contact Registrar::ContactOf(const sip::Binding& binding, const sip::Hop& source) const {
  v1::Contact out;
  out.set_uri(binding.contact);
  out.set_registered_by_sip(true);
  out.set_expires_ms(ToMillis(binding.expires));
  for (const std::string& path : binding.path) out.add_routes(path);
  const auto target = sip::TargetOf(binding);
  const bool stream = sip::IsReliable(binding.transport);
  sip::Uri uri;
  const bool behind_nat =
      target && !target->by_route && sip::ParseUri(binding.contact, uri) &&
      (uri.host_port.address() != target->host || uri.host_port.port != target->port);
  if (!binding.path.empty() || !(stream || behind_nat)) return out;
  std::string transport(sip::Name(binding.transport));
  std::transform(transport.begin(), transport.end(), transport.begin(), ::tolower);
  out.set_transport(transport);
  out.set_source(HostPortOf(binding.source_address, binding.source_port));
  out.set_owner(config_.owner);
  if (stream) out.set_flow(source.flow);
  return out;
}

// The gateway's row takes the binding that was registered last.
Task<void> Registrar::Keep(const Gateway& known, const sip::RegisterRequest& request,
                           const std::vector<sip::Binding>& bindings, const sip::Hop& source,
                           Deadline deadline) {
  gateway::Actions actions;
  bool left = false;
  const auto decide = [&](Gateway& gateway, Telling& telling) {
    if (left) ports_.triggers.NotLeft(actions);
    const TimePoint now = clock_();
    v1::Record& record = gateway.record;
    if (!request.user_agent.empty()) {
      record.set_user_agent(TextOf(request.user_agent, kMostUserAgent));
    }
    const gateway::Profile& profile = ports_.models.ProfileOf(record);
    if (bindings.empty()) {
      record.clear_contact();
      actions = Happen(gateway, profile.rules, gateway::BindingLost{}, now, telling);
      Note(gateway, now, "unregistered");
    } else {
      const auto last = std::max_element(
          bindings.begin(), bindings.end(),
          [](const sip::Binding& a, const sip::Binding& b) { return a.registered < b.registered; });
      *record.mutable_contact() = ContactOf(*last, source);
      if (record.sip_uri().empty()) record.set_sip_uri(request.aor);
      Note(gateway, now, "registered-sip", last->contact);
      actions = Happen(gateway, profile.rules, gateway::Registered{}, now, telling);
    }
    ports_.triggers.Admit(gateway, actions, now, telling);
    left = true;
    return true;
  };
  std::string id = known.id;
  std::optional<Gateway> base = known;
  const Result<Gateway> changed =
      co_await ports_.store.Change(std::move(id), decide, deadline, std::move(base));
  if (!changed) {
    if (left) ports_.triggers.NotLeft(actions);
    co_return changed.error();
  }
  ports_.triggers.Left(*changed, actions);
  co_return Result<void>();
}

}  // namespace drover::gateways
