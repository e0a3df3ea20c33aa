#include "services/push/handlers/registrations.h"

#include "libs/dmtree/device_id.h"
#include "services/push/core/job.h"
#include "services/push/core/times.h"
#include "services/push/handlers/addressed.h"

namespace drover::push {
namespace {

using registration::Pairing;

constexpr int kMostHistory = 100;

v1::Registration ToProto(const Pairing& pairing) {
  v1::Registration out;
  out.set_device_id(pairing.device.value());
  out.set_imsi(pairing.facts.imsi);
  out.set_msisdn(pairing.facts.msisdn);
  out.set_manufacturer(pairing.facts.manufacturer);
  out.set_model(pairing.facts.model);
  out.set_software_version(pairing.facts.software_version);
  out.set_source(pairing.via);
  *out.mutable_first_at() = push::ToProto(pairing.registered_at);
  *out.mutable_at() = push::ToProto(pairing.at);
  return out;
}

v1::Pairing ToProto(const PairingChange& change) {
  v1::Pairing out;
  *out.mutable_at() = push::ToProto(change.at);
  out.set_event(change.event);
  out.set_imsi(change.imsi);
  out.set_msisdn(change.msisdn);
  out.set_manufacturer(change.manufacturer);
  out.set_model(change.model);
  out.set_software_version(change.software_version);
  out.set_source(change.via);
  return out;
}

}  // namespace

Registrations::Registrations(PgRegistrations& table, Registrar& registrar, outbox::Relay& relay,
                             Clock clock)
    : table_(table), registrar_(registrar), relay_(relay), clock_(std::move(clock)) {}

Task<v1::Registration> Registrations::Get(v1::GetRegistrationRequest request, Deadline deadline) {
  DROVER_CO_TRY(const Addressed wanted, Normalise(request.of()));
  DROVER_CO_TRY(const std::vector<Pairing> found, co_await FindAddressed(table_, wanted, deadline));
  if (found.empty()) co_return NotFound("nothing has registered there");
  const std::string device = found.front().device.value();
  v1::Registration out = ToProto(found.front());
  DROVER_CO_TRY(const auto history, co_await table_.History(device, kMostHistory, deadline));
  for (const PairingChange& change : history) *out.add_history() = ToProto(change);
  co_return out;
}

Task<v1::ListRegistrationsResponse> Registrations::List(v1::ListRegistrationsRequest request,
                                                        Deadline deadline) {
  constexpr uint32_t kDefault = 100, kMost = 1000;
  if (request.page_size() > kMost) co_return InvalidArgument("page_size: at most 1000");
  const int most = static_cast<int>(request.page_size() == 0 ? kDefault : request.page_size());
  TimePoint since{};
  if (request.has_since()) since = clock_() - std::chrono::seconds(request.since().seconds());
  DROVER_CO_TRY(const auto found,
                co_await table_.List(request.page_token(), since, most, deadline));
  v1::ListRegistrationsResponse response;
  for (const Pairing& pairing : found) *response.add_registrations() = ToProto(pairing);
  if (static_cast<int>(found.size()) == most) {
    response.set_next_page_token(found.back().device.value());
  }
  co_return response;
}

Task<v1::Registration> Registrations::Record(v1::RecordPairingRequest request, Deadline deadline) {
  registration::Observation observation;
  DROVER_CO_TRY(observation.device, dmtree::NormaliseDeviceId(request.device_id()));
  DROVER_CO_TRY(observation.facts.msisdn, Msisdn(request.msisdn()));
  observation.facts.imsi = request.imsi();
  observation.at = clock_();
  observation.source = registration::Source::kFeed;
  observation.via = "operator";
  DROVER_CO_TRY(const Pairing pairing,
                co_await registrar_.Record(std::move(observation), deadline));
  relay_.Wake();
  co_return ToProto(pairing);
}

}  // namespace drover::push
