#include "services/sip/handlers/gateways.h"

#include <map>

#include "libs/async/suspend.h"
#include "libs/dmtree/device_id.h"
#include "libs/sip/uri.h"

namespace drover::gateways {
namespace {

constexpr int kMostAtOnce = 1000;
constexpr int kUsualPage = 500;
constexpr size_t kMostText = 64;
constexpr size_t kMostSecret = 255;
constexpr size_t kMostBody = 1000;
constexpr std::chrono::seconds kNotifyTime{35};  // Above Timer F.

Result<void> CheckText(const std::string& value, size_t most, const char* name) {
  if (value.size() > most) {
    return InvalidArgument(std::string(name) + ": at most " + std::to_string(most) + " octets");
  }
  for (const char c : value) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      return InvalidArgument(std::string(name) + ": no control characters");
    }
  }
  return {};
}

Result<void> Check(const v1::NewGateway& given) {
  if (given.id().empty()) return InvalidArgument("id: is missing");
  if (given.password().empty()) return InvalidArgument("password: is missing");
  DROVER_TRY(CheckText(given.id(), kMostText, "id"));
  DROVER_TRY(CheckText(given.password(), kMostSecret, "password"));
  DROVER_TRY(CheckText(given.sip_user(), kMostText, "sip_user"));
  DROVER_TRY(CheckText(given.sip_password(), kMostSecret, "sip_password"));
  DROVER_TRY(CheckText(given.vendor(), kMostText, "vendor"));
  DROVER_TRY(CheckText(given.model(), kMostText, "model"));
  sip::Uri uri;
  const bool is_sip = given.sip_uri().empty() ||
                      (sip::ParseUri(given.sip_uri(), uri) &&
                       (uri.scheme == sip::Scheme::kSip || uri.scheme == sip::Scheme::kSips));
  if (!is_sip) return InvalidArgument("sip_uri: as in sip:line1@192.0.2.7:5060");
  return {};
}

v1::Secrets SecretsOf(const v1::NewGateway& given) {
  v1::Secrets out;
  out.set_password(given.password());
  out.set_sip_user(given.sip_user());
  out.set_sip_password(given.sip_password());
  return out;
}

bool Same(const v1::Secrets& a, const v1::Secrets& b) {
  return a.password() == b.password() && a.sip_user() == b.sip_user() &&
         a.sip_password() == b.sip_password();
}

}  // namespace

GatewayMethods::GatewayMethods(Ports ports, std::string call_host, Clock clock, RandomOctets random)
    : ports_(ports),
      call_host_(std::move(call_host)),
      clock_(std::move(clock)),
      random_(std::move(random)) {}

v1::Gateway GatewayMethods::Show(const Gateway& gateway, bool steps) const {
  const v1::Model* const model = ports_.models.ModelOf(gateway.record);
  return Shown(gateway, ports_.models.ProfileOf(gateway.record).name,
               model == nullptr ? "" : model->target_version(), steps, call_host_);
}

Task<v1::EnrolGatewaysResponse> GatewayMethods::Enrol(v1::EnrolGatewaysRequest request,
                                                      Deadline deadline) {
  if (request.gateways().empty() || request.gateways_size() > kMostAtOnce) {
    co_return InvalidArgument("gateways: 1 to 1000");
  }
  tree::v1::EnrolDevicesRequest devices;
  for (v1::NewGateway& given : *request.mutable_gateways()) {
    const Result<void> checked = Check(given);
    const Result<DeviceId> id = dmtree::NormaliseDeviceId(given.id());
    if (!checked || !id) {
      const Error& why = checked ? id.error() : checked.error();
      co_return Error{why.code, "gateway \"" + given.id() + "\": " + why.message};
    }
    given.set_id(id->value());
    tree::v1::NewDevice& device = *devices.add_devices();
    device.set_id(given.id());
    device.set_password(given.password());
    device.set_manufacturer(given.vendor());
    device.set_model(given.model());
    device.set_bearer(kBearer);
  }
  DROVER_CO_TRY(co_await ports_.tree.Enrol(std::move(devices), deadline));
  co_return co_await EnrolHere(request, deadline);
}

Task<v1::EnrolGatewaysResponse> GatewayMethods::EnrolHere(const v1::EnrolGatewaysRequest& request,
                                                          Deadline deadline) {
  std::vector<std::string> ids;
  for (const v1::NewGateway& given : request.gateways()) ids.push_back(given.id());
  DROVER_CO_TRY(std::vector<Gateway> known, co_await ports_.table.Read(std::move(ids), deadline));
  std::map<std::string, Gateway> there;
  for (Gateway& gateway : known) there.emplace(gateway.id, std::move(gateway));
  std::vector<Write> writes;
  for (const v1::NewGateway& given : request.gateways()) {
    const auto place = there.find(given.id());
    if (place == there.end()) {
      writes.push_back({Made(given), Telling()});
      there.emplace(given.id(), writes.back().gateway);
      continue;
    }
    DROVER_CO_TRY(SameSecrets(place->second, given));
  }
  DROVER_CO_TRY(const std::vector<bool> written, co_await ports_.table.Write(writes, deadline));
  for (size_t i = 0; i < written.size(); ++i) {
    if (!written[i])
      co_return Aborted("a gateway was enrolled by somebody else meanwhile; try again");
  }
  v1::EnrolGatewaysResponse response;
  for (const v1::NewGateway& given : request.gateways()) {
    *response.add_gateways() = Show(there.at(given.id()), false);
  }
  co_return response;
}

Result<void> GatewayMethods::SameSecrets(const Gateway& gateway,
                                         const v1::NewGateway& given) const {
  if (gateway.version == 0)
    return InvalidArgument("gateway \"" + given.id() + "\": it is there twice");
  DROVER_TRY(const std::string opened, ports_.keys.Open(gateway.record.secrets(), gateway.id));
  v1::Secrets there;
  if (there.ParseFromString(opened) && Same(there, SecretsOf(given))) return {};
  return Error{Code::kAlreadyExists,
               "gateway \"" + given.id() +
                   "\" is there with other credentials; set them: drover gateway credentials"};
}

Gateway GatewayMethods::Made(const v1::NewGateway& given) {
  const TimePoint now = clock_();
  Gateway gateway = NewGateway(given.id(), random_(8), now);
  gateway.record.set_secrets(
      ports_.keys.Seal(SecretsOf(given).SerializeAsString(), given.id(), random_));
  if (given.sip_user() != given.id()) gateway.record.set_sip_user(given.sip_user());
  gateway.record.set_vendor(given.vendor());
  gateway.record.set_model(given.model());
  gateway.record.set_sip_uri(given.sip_uri());
  if (given.sip_uri().empty()) return gateway;
  // An operator says where it is: that counts as its first registration.
  gateway.record.mutable_contact()->set_uri(given.sip_uri());
  Telling none;
  const gateway::Profile& profile = ports_.models.ProfileOf(gateway.record);
  (void)Happen(gateway, profile.rules, gateway::Registered{}, now, none);
  return gateway;
}

Task<v1::Gateway> GatewayMethods::Get(v1::GetGatewayRequest request, Deadline deadline) {
  std::string id = request.id();
  DROVER_CO_TRY(const std::optional<Gateway> gateway,
                co_await ports_.store.Read(std::move(id), deadline));
  if (!gateway) co_return NotFound("no gateway \"" + request.id() + "\"");
  co_return Show(*gateway, true);
}

Task<v1::ListGatewaysResponse> GatewayMethods::List(v1::ListGatewaysRequest request,
                                                    Deadline deadline) {
  PgGateways::Filter filter;
  for (const std::string& state : request.states()) {
    std::optional<int16_t> number;
    for (int i = 0; i <= static_cast<int>(gateway::State::kFailed); ++i) {
      if (gateway::Name(static_cast<gateway::State>(i)) == state) number = static_cast<int16_t>(i);
    }
    if (!number) {
      co_return InvalidArgument(
          "states: idle, pending, sent, acked, answered, unreachable, done, failed");
    }
    filter.states.push_back(*number);
  }
  filter.vendor = request.vendor();
  filter.model = request.model();
  filter.after = request.page_token();
  filter.most = request.page_size() == 0 ? kUsualPage : request.page_size();
  if (filter.most < 1 || filter.most > kMostAtOnce)
    co_return InvalidArgument("page_size: 1 to 1000");
  DROVER_CO_TRY(const std::vector<Gateway> found, co_await ports_.table.List(filter, deadline));
  v1::ListGatewaysResponse response;
  for (const Gateway& gateway : found) *response.add_gateways() = Show(gateway, false);
  if (found.size() == static_cast<size_t>(filter.most)) {
    response.set_next_page_token(found.back().id);
  }
  co_return response;
}

Task<Gateway> GatewayMethods::Change(std::string id, Store::Decide decide, Deadline deadline) {
  co_return co_await ports_.store.Change(std::move(id), std::move(decide), deadline);
}

Task<v1::Gateway> GatewayMethods::SetCredentials(v1::SetCredentialsRequest request,
                                                 Deadline deadline) {
  for (const std::string* text :
       {&request.password(), &request.sip_user(), &request.sip_password()}) {
    DROVER_CO_TRY(CheckText(*text, kMostSecret, "credentials"));
  }
  Result<void> opened;
  gateway::Actions actions;
  const auto decide = [&](Gateway& gateway, Telling& telling) {
    const Result<std::string> octets = ports_.keys.Open(gateway.record.secrets(), gateway.id);
    v1::Secrets secrets;
    if (!octets || !secrets.ParseFromString(*octets)) {
      opened = FailedPrecondition("its secrets cannot be opened; look at --seal-key-file");
      return false;
    }
    if (!request.password().empty()) secrets.set_password(request.password());
    if (!request.sip_user().empty()) {
      secrets.set_sip_user(request.sip_user());
      gateway.record.set_sip_user(request.sip_user() == gateway.id ? "" : request.sip_user());
    }
    if (!request.sip_password().empty()) secrets.set_sip_password(request.sip_password());
    gateway.record.set_secrets(ports_.keys.Seal(secrets.SerializeAsString(), gateway.id, random_));
    const gateway::Profile& profile = ports_.models.ProfileOf(gateway.record);
    actions = Happen(gateway, profile.rules, gateway::Unblocked{}, clock_(), telling);
    return true;
  };
  DROVER_CO_TRY(const Gateway changed, co_await Change(request.id(), decide, deadline));
  DROVER_CO_TRY(opened);
  ports_.triggers.Left(changed, actions);
  co_return Show(changed, true);
}

Task<v1::Gateway> GatewayMethods::Trigger(v1::TriggerGatewayRequest request, Deadline deadline) {
  gateway::Actions actions;
  const auto decide = [&](Gateway& gateway, Telling& telling) {
    const gateway::Profile& profile = ports_.models.ProfileOf(gateway.record);
    const TimePoint now = clock_();
    Note(gateway, now, "work", "asked for by an operator");
    (void)Happen(gateway, profile.rules, gateway::Unblocked{}, now, telling);
    actions = Happen(gateway, profile.rules, gateway::WorkQueued{}, now, telling);
    return true;
  };
  DROVER_CO_TRY(const Gateway changed, co_await Change(request.id(), decide, deadline));
  ports_.triggers.Left(changed, actions);
  co_return Show(changed, true);
}

Task<v1::SendNotifyResponse> GatewayMethods::SendNotify(v1::SendNotifyRequest request,
                                                        Deadline deadline) {
  if (request.event().empty()) co_return InvalidArgument("event: is missing");
  DROVER_CO_TRY(CheckText(request.event(), kMostText, "event"));
  DROVER_CO_TRY(CheckText(request.subscription_state(), kMostText, "subscription_state"));
  if (request.body().size() > kMostBody) co_return InvalidArgument("body: at most 1000 octets");
  std::string id = request.id();
  DROVER_CO_TRY(const std::optional<Gateway> gateway,
                co_await ports_.store.Read(std::move(id), deadline));
  if (!gateway) co_return NotFound("no gateway \"" + request.id() + "\"");
  if (!gateway->record.has_contact()) {
    co_return FailedPrecondition("no address of it is known: it has not registered");
  }
  const gateway::Profile& profile = ports_.models.ProfileOf(gateway->record);
  for (const gateway::EventChoice& choice : profile.events) {
    if (gateway::EventType(request.event()) == choice.type) {
      co_return InvalidArgument("event: " + choice.type + " triggers; use drover gateway trigger");
    }
  }
  Task<Notified> sending = Suspend<Notified>([&](Resumer<Notified> resumer) {
    auto kept = std::make_shared<Resumer<Notified>>(std::move(resumer));
    const Deadline until = std::min(deadline, In(kNotifyTime));
    const std::string state =
        request.subscription_state().empty() ? "active" : request.subscription_state();
    ports_.sender.SendOrdinary(
        *gateway, profile, {request.event(), request.content_type(), request.body(), state}, until,
        [kept](Notified notified) { kept->Set(std::move(notified)); });
  });
  DROVER_CO_TRY(const Notified notified, co_await std::move(sending));
  v1::SendNotifyResponse response;
  response.set_status(static_cast<uint32_t>(notified.status));
  response.set_reason(notified.reason);
  co_return response;
}

Task<v1::Model> GatewayMethods::SetModel(v1::SetModelRequest request, Deadline deadline) {
  co_return co_await ports_.models.Set(std::move(*request.mutable_model()), deadline);
}

Task<v1::ListModelsResponse> GatewayMethods::ListModels(v1::ListModelsRequest request,
                                                        Deadline deadline) {
  static_cast<void>(request);
  DROVER_CO_TRY(co_await ports_.models.Load(deadline));
  v1::ListModelsResponse response;
  for (v1::Model& model : ports_.models.All()) *response.add_models() = std::move(model);
  co_return response;
}

Task<v1::DeleteModelResponse> GatewayMethods::DeleteModel(v1::DeleteModelRequest request,
                                                          Deadline deadline) {
  DROVER_CO_TRY(co_await ports_.models.Delete(request.vendor(), request.model(), deadline));
  co_return v1::DeleteModelResponse();
}

}  // namespace drover::gateways
