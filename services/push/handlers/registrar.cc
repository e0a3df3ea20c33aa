#include "services/push/handlers/registrar.h"

#include <map>
#include <set>

#include "libs/registration/confirmation.h"
#include "libs/registration/grammar.h"
#include "libs/registration/msisdn.h"
#include "libs/registration/pairing.h"
#include "services/push/core/job.h"
#include "services/push/core/times.h"

namespace drover::push {
namespace {

using registration::Observation;
using registration::Pairing;

constexpr char kRegistrationsTopic[] = "drover.registrations";

registration::MobileOriginated View(const TerminalMessage& message) {
  registration::MobileOriginated view;
  view.source = message.source;
  view.destination = message.destination;
  view.destination_port = message.destination_port;
  view.source_port = message.source_port;
  view.data_coding = message.data_coding;
  view.octets = message.octets;
  return view;
}

const char* EventOf(const registration::Decision& decision) {
  if (decision.registered) return "registered";
  return decision.sim_changed ? "sim-changed" : "software-changed";
}

PairingChange ChangeOf(const Pairing& pairing, const char* event) {
  return {pairing.device.value(),
          pairing.at,
          event,
          pairing.facts.msisdn,
          pairing.facts.imsi,
          pairing.facts.manufacturer,
          pairing.facts.model,
          pairing.facts.software_version,
          pairing.via};
}

void Tell(const Pairing& pairing, const char* reason, events::v1::OutboxBatch& outbox) {
  events::v1::DeviceRegistered event;
  const auto micros =
      std::chrono::duration_cast<std::chrono::microseconds>(pairing.at.time_since_epoch());
  event.set_event_id(pairing.device.value() + "/" + reason + "/" + std::to_string(micros.count()));
  event.set_device_id(pairing.device.value());
  event.set_manufacturer(registration::Shown(pairing.facts.manufacturer));
  event.set_model(registration::Shown(pairing.facts.model));
  event.set_software_version(registration::Shown(pairing.facts.software_version));
  *event.mutable_at() = ToProto(pairing.at);
  event.set_reason(reason);
  event.set_msisdn(pairing.facts.msisdn);
  event.set_imsi(pairing.facts.imsi);
  events::v1::OutboxBatch::Record& record = *outbox.add_records();
  record.set_topic(kRegistrationsTopic);
  record.set_key(pairing.device.value());
  record.set_payload(event.SerializeAsString());
}

StoredDeadLetter DeadLetterOf(const TerminalMessage& message, std::string reason) {
  return {message.received_at,        message.smsc,      message.source.digits,
          message.destination.digits, std::move(reason), message.octets};
}

}  // namespace

// What is decided together: the pairings as they are by now, and what they become.
struct Registrar::Batch {
  struct Said {
    const TerminalMessage* message = nullptr;
    registration::Registration registration;
    Observation observation;
  };
  std::vector<Said> said;
  std::vector<Observation> observed;
  std::map<DeviceId, Pairing> pairings;
  std::set<DeviceId> changed;
  PgRegistrations::Change change;

  std::vector<Observation> All() const {
    std::vector<Observation> all = observed;
    for (const Said& one : said) all.push_back(one.observation);
    return all;
  }
};

Registrar::Registrar(const RegistrationSettings& settings, PgRegistrations& table, Clock clock,
                     Metrics& metrics)
    : settings_(settings), table_(table), clock_(std::move(clock)), metrics_(metrics) {}

const registration::Profile* Registrar::ProfileOf(const TerminalMessage& message) const {
  return registration::Select(settings_.profiles, View(message));
}

Task<void> Registrar::Register(const std::vector<TerminalMessage>& messages, Deadline deadline) {
  Batch batch;
  for (const TerminalMessage& message : messages) Add(message, batch);
  DROVER_CO_TRY(co_await Load(batch, deadline));
  for (const Batch::Said& one : batch.said) {
    Decide(one.observation, batch);
    Confirm(*one.message, one.registration, one.observation.facts.msisdn, batch);
  }
  co_return co_await Write(batch, deadline);
}

Task<void> Registrar::Observe(const std::vector<events::v1::SubscriberSeen>& records,
                              Deadline deadline) {
  Batch batch;
  for (const events::v1::SubscriberSeen& seen : records) {
    registration::FeedRecord record;
    record.imsi = seen.imsi();
    record.msisdn = seen.msisdn();
    record.imeisv = seen.imeisv();
    record.apns.assign(seen.apns().begin(), seen.apns().end());
    record.event = registration::FeedEventOf(seen.event()).value_or(registration::FeedEvent::kSeen);
    record.ts = seen.has_at() ? FromProto(seen.at()) : clock_();
    record.source = seen.source();
    Result<Observation> observation = registration::FromFeed(record);
    if (observation) {
      batch.observed.push_back(*std::move(observation));
      continue;
    }
    metrics_.Registration("feed", "unreadable");
    batch.change.dead_letters.push_back({clock_(), seen.source(), seen.msisdn(), "",
                                         observation.error().message, seen.SerializeAsString()});
  }
  DROVER_CO_TRY(co_await Load(batch, deadline));
  for (const Observation& observation : batch.observed) Decide(observation, batch);
  co_return co_await Write(batch, deadline);
}

Task<Pairing> Registrar::Record(Observation observation, Deadline deadline) {
  Batch batch;
  batch.observed.push_back(observation);
  DROVER_CO_TRY(co_await Load(batch, deadline));
  Decide(observation, batch);
  DROVER_CO_TRY(co_await Write(batch, deadline));
  co_return batch.pairings[observation.device];
}

void Registrar::Add(const TerminalMessage& message, Batch& batch) {
  const registration::Profile& profile = *ProfileOf(message);
  registration::Parsed parsed = registration::Parse(profile, message.octets);
  if (const auto* dead = std::get_if<registration::DeadLetter>(&parsed)) {
    metrics_.Registration(profile.name, registration::Name(dead->reason));
    batch.change.dead_letters.push_back(
        DeadLetterOf(message, std::string(registration::Name(dead->reason))));
    return;
  }
  auto& said = std::get<registration::Registration>(parsed);
  Result<std::string> msisdn = registration::NormaliseMsisdn(message.source, settings_.numbering);
  Result<Observation> observation =
      msisdn ? registration::FromSms(said, *std::move(msisdn), message.received_at, profile.name)
             : Result<Observation>(msisdn.error());
  if (!observation) {
    metrics_.Registration(profile.name, "unusable");
    batch.change.dead_letters.push_back(DeadLetterOf(message, observation.error().message));
    return;
  }
  batch.said.push_back({&message, std::move(said), *std::move(observation)});
}

// The terminals themselves, and those that have had their numbers or SIMs so far.
Task<void> Registrar::Load(Batch& batch, Deadline deadline) {
  std::vector<std::string> devices, msisdns, imsis;
  for (const Observation& observation : batch.All()) {
    devices.push_back(observation.device.value());
    if (!observation.facts.msisdn.empty()) msisdns.push_back(observation.facts.msisdn);
    if (!observation.facts.imsi.empty()) imsis.push_back(observation.facts.imsi);
  }
  const auto keep = [&batch](std::vector<Pairing> found) {
    for (Pairing& pairing : found) {
      const DeviceId device = pairing.device;
      batch.pairings.insert_or_assign(device, std::move(pairing));
    }
  };
  if (devices.empty()) co_return Result<void>();
  DROVER_CO_TRY(auto known, co_await table_.Find(By::kDevice, devices, deadline));
  keep(std::move(known));
  if (!msisdns.empty()) {
    DROVER_CO_TRY(auto same, co_await table_.Find(By::kMsisdn, msisdns, deadline));
    keep(std::move(same));
  }
  if (!imsis.empty()) {
    DROVER_CO_TRY(auto same, co_await table_.Find(By::kImsi, imsis, deadline));
    keep(std::move(same));
  }
  co_return Result<void>();
}

void Registrar::Decide(const Observation& observation, Batch& batch) {
  const auto found = batch.pairings.find(observation.device);
  const Pairing* const stored = found == batch.pairings.end() ? nullptr : &found->second;
  const registration::Decision decision =
      registration::Decide(stored, observation, settings_.rules);
  const char* const outcome = decision.publish()  ? EventOf(decision)
                              : decision.conflict ? "conflict"
                              : decision.stale    ? "stale"
                                                  : "repeat";
  metrics_.Registration(observation.via, outcome);
  for (auto& [device, other] : batch.pairings) {
    if (device == observation.device) continue;
    const registration::Decision displaced = registration::Displace(other, observation);
    if (!displaced.write) continue;
    other = displaced.next;
    batch.changed.insert(device);
    PairingChange lost = ChangeOf(other, "sim-lost");
    lost.at = observation.at;
    batch.change.changes.push_back(std::move(lost));
  }
  if (!decision.write || observation.device.empty()) return;
  batch.pairings.insert_or_assign(observation.device, decision.next);
  batch.changed.insert(observation.device);
  if (decision.history) batch.change.changes.push_back(ChangeOf(decision.next, EventOf(decision)));
  if (decision.publish()) Tell(decision.next, EventOf(decision), batch.change.outbox);
}

// In its turn: a network that restarts makes terminals register by the million.
void Registrar::Confirm(const TerminalMessage& message, const registration::Registration& said,
                        const std::string& msisdn, Batch& batch) {
  const registration::Profile& profile = *ProfileOf(message);
  const auto answer = registration::Confirmation(profile, View(message), said, /*accepted=*/true);
  if (!answer) return;
  const TimePoint now = clock_();
  const Result<v1::Job> made =
      ConfirmationJob(*answer, msisdn, message.record_id, message.smsc, now);
  if (!made) return;
  v1::Job job = *made;
  const auto apart = std::chrono::duration_cast<TimePoint::duration>(
      std::chrono::duration<double>(1 / settings_.confirmations_per_second));
  next_confirmation_ = std::max(next_confirmation_ + apart, now);
  if (next_confirmation_ > now + std::chrono::seconds(1)) {
    *job.mutable_deliver_after() = ToProto(next_confirmation_);
    if (answer->validity.count() > 0) {
      *job.mutable_deliver_before() = ToProto(next_confirmation_ + answer->validity);
    }
  }
  v1::PushWork work;
  *work.mutable_job() = std::move(job);
  events::v1::OutboxBatch::Record& record = *batch.change.outbox.add_records();
  record.set_topic(kWorkTopic);
  record.set_key(msisdn);
  record.set_payload(work.SerializeAsString());
}

Task<void> Registrar::Write(Batch& batch, Deadline deadline) {
  for (const DeviceId& device : batch.changed) {
    batch.change.registrations.push_back(batch.pairings[device]);
  }
  co_return co_await table_.Write(batch.change, deadline);
}

}  // namespace drover::push
