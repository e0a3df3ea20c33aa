#include "services/sip/core/gateway.h"

#include <algorithm>

#include "libs/base/bytes.h"
#include "libs/base/timestamp.h"
#include "services/sip/core/times.h"

namespace drover::gateways {
namespace {

using events::v1::WakeupResult;

constexpr size_t kMostDetail = 160;

google::protobuf::Timestamp ToProto(TimePoint time) {
  google::protobuf::Timestamp out;
  base::SetTimestamp(time, out);
  return out;
}

WakeupResult::Outcome OutcomeOf(gateway::Outcome outcome) {
  switch (outcome) {
    case gateway::Outcome::kDelivered:
      return WakeupResult::DELIVERED;
    case gateway::Outcome::kExpired:
      return WakeupResult::EXPIRED;
    case gateway::Outcome::kFailed:
    case gateway::Outcome::kWithdrawn:
      break;
  }
  return WakeupResult::FAILED;
}

// Replaces what is known by what is told; says whether that changed it.
bool Take(const std::string& told, std::string* known) {
  if (told.empty() || told == *known) return false;
  *known = told;
  return true;
}

void ReportWakeups(Gateway& gateway, const gateway::Report& report, TimePoint now,
                   Telling& telling) {
  for (const std::string& event_id : gateway.record.wakeups()) {
    const WakeupResult result =
        ResultOf(event_id, gateway.id, OutcomeOf(report.outcome),
                 report.outcome == gateway::Outcome::kDelivered ? "" : InWords(report.cause), now);
    telling.Add(kWakeupResultsTopic, gateway.id, result.SerializeAsString());
  }
  gateway.record.clear_wakeups();
}

void NoteEnd(Gateway& gateway, gateway::Closed closed, TimePoint now) {
  switch (closed) {
    case gateway::Closed::kNo:
      return;
    case gateway::Closed::kDone:
      return Note(gateway, now, "closed", "done");
    case gateway::Closed::kFailed:
      return Note(gateway, now, "closed", "failed");
    case gateway::Closed::kUnknown:
      return Note(gateway, now, "closed", "no result came");
  }
}

}  // namespace

void Telling::Add(const char* topic, const std::string& key, const std::string& payload) {
  events::v1::OutboxBatch::Record& record = *outbox.add_records();
  record.set_topic(topic);
  record.set_key(key);
  record.set_payload(payload);
}

Gateway NewGateway(std::string id, std::string_view random, TimePoint now) {
  Gateway out;
  out.id = std::move(id);
  out.trigger = gateway::NewTrigger(base::ReadBigEndian64(random), now);
  return out;
}

std::string TextOf(std::string_view octets, size_t most) {
  std::string out;
  while (!octets.empty() && out.size() < most) {
    const size_t good = base::Utf8Prefix(octets);
    out.append(octets.substr(0, good));
    octets.remove_prefix(good);
    if (octets.empty()) break;
    out.append(1, '?');
    octets.remove_prefix(1);
  }
  if (out.size() > most) out.resize(base::Utf8Prefix(std::string_view(out).substr(0, most)));
  return out;
}

void Note(Gateway& gateway, TimePoint now, const char* what, std::string detail) {
  auto& steps = *gateway.record.mutable_steps();
  detail = TextOf(detail, kMostDetail);
  const bool again = !steps.empty() && steps[steps.size() - 1].what() == what &&
                     steps[steps.size() - 1].detail() == detail;
  if (!again && steps.size() >= kMostSteps) steps.DeleteSubrange(0, steps.size() - kMostSteps + 1);
  v1::Step& step = again ? steps[steps.size() - 1] : *steps.Add();
  *step.mutable_at() = ToProto(now);
  step.set_what(what);
  step.set_detail(std::move(detail));
}

gateway::Actions Happen(Gateway& gateway, const gateway::TriggerRules& rules,
                        const gateway::Event& event, TimePoint now, Telling& telling) {
  gateway::Step step = gateway::Next(rules, gateway.trigger, event, now);
  gateway.trigger = step.trigger;
  if (step.actions.report) ReportWakeups(gateway, *step.actions.report, now, telling);
  if (step.actions.drop_contact) gateway.record.clear_contact();
  NoteEnd(gateway, step.actions.closed, now);
  return step.actions;
}

bool AddWakeup(Gateway& gateway, const std::string& event_id) {
  const auto& known = gateway.record.wakeups();
  if (std::find(known.begin(), known.end(), event_id) != known.end()) return false;
  gateway.record.add_wakeups(event_id);
  return true;
}

WakeupResult ResultOf(const std::string& event_id, const std::string& device_id,
                      WakeupResult::Outcome outcome, std::string cause, TimePoint now) {
  WakeupResult result;
  result.set_event_id(event_id);
  result.set_device_id(device_id);
  result.set_outcome(outcome);
  result.set_cause(std::move(cause));
  *result.mutable_at() = ToProto(now);
  return result;
}

std::string InWords(gateway::Cause cause) {
  using gateway::Cause;
  switch (cause) {
    case Cause::kNone:
      return "";
    case Cause::kUnreachable:
      return "the gateway does not answer SIP; it is tried again, and when it registers";
    case Cause::kNoRequest:
      return "the gateway accepted the NOTIFY and did not ask";
    case Cause::kNoResult:
      return "the gateway got its response and told no result";
    case Cause::kBadResult:
      return "the gateway told a failure";
    case Cause::kForbidden:
      return "the gateway refuses our credentials (403); set them: drover gateway credentials";
    case Cause::kBadMessage:
      return "the gateway does not understand the NOTIFY (4xx); look at its vendor profile";
    case Cause::kUnsupported:
      return "the gateway takes no NOTIFY (405, 501); it is served when it asks by itself";
    case Cause::kBadEvent:
      return "the gateway knows none of the profile's events (481, 489); set its model's profile";
    case Cause::kRefused:
      return "the gateway refuses for good (6xx)";
    case Cause::kGone:
      return "the gateway's contact is dead (404, 410, 604); it has to register again";
    case Cause::kConfiguration:
      return "a loop, too many hops or too large (482, 483, 513): look at routes and proxies";
    case Cause::kBusy:
      return "the gateway is busy (480, 486, 600)";
    case Cause::kOverloaded:
      return "its next hop is overloaded (503)";
    case Cause::kServerFault:
      return "the gateway or a proxy failed (5xx)";
    case Cause::kGivenUp:
      return "given up after too many attempts";
    case Cause::kExpired:
      return "expired before the gateway could be told";
    case Cause::kWithdrawn:
      return "there is no more work";
  }
  return "";
}

bool Learn(Gateway& gateway, const gateway::BasicInformation& told) {
  v1::Record& record = gateway.record;
  bool changed = Take(told.vendor, record.mutable_vendor());
  changed |= Take(told.model, record.mutable_model());
  changed |= Take(told.ip, record.mutable_ip());
  changed |= Take(told.sip_uri, record.mutable_sip_uri());
  changed |= Take(told.file_version, record.mutable_file_version());
  changed |= Take(told.file_name, record.mutable_file_name());
  changed |= Take(told.upgrade_server, record.mutable_upgrade_server());
  if (told.in_call) record.set_in_call(*told.in_call);
  if (told.protocol) {
    changed |= Take(std::string(gateway::Name(*told.protocol)), record.mutable_protocol());
  }
  return changed;
}

void TellRegistered(const Gateway& gateway, const char* reason, TimePoint now, Telling& telling) {
  events::v1::DeviceRegistered event;
  event.set_event_id(gateway.id + "/" + reason + "/" +
                     std::to_string(now.time_since_epoch().count()));
  event.set_device_id(gateway.id);
  event.set_manufacturer(gateway.record.vendor());
  event.set_model(gateway.record.model());
  event.set_firmware_version(gateway.record.file_version());
  *event.mutable_at() = ToProto(now);
  event.set_reason(reason);
  telling.Add(kRegistrationsTopic, gateway.id, event.SerializeAsString());
}

v1::Gateway Shown(const Gateway& gateway, const std::string& profile, const std::string& target,
                  bool steps, const std::string& call_host) {
  const v1::Record& record = gateway.record;
  v1::Gateway out;
  out.set_id(gateway.id);
  out.set_vendor(record.vendor());
  out.set_model(record.model());
  out.set_profile(profile);
  out.set_ip(record.ip());
  out.set_sip_uri(record.sip_uri());
  out.set_file_version(record.file_version());
  out.set_file_name(record.file_name());
  out.set_upgrade_server(record.upgrade_server());
  out.set_protocol(record.protocol());
  out.set_user_agent(record.user_agent());
  const gateway::Trigger& trigger = gateway.trigger;
  out.set_state(std::string(gateway::Name(trigger.state)));
  const gateway::Cause why =
      trigger.blocked != gateway::Cause::kNone ? trigger.blocked : trigger.cause;
  out.set_cause(InWords(why));
  *out.mutable_since() = ToProto(trigger.since);
  const TimePoint due = gateway::Due(trigger);
  if (due != gateway::kNever) *out.mutable_due() = ToProto(due);
  if (record.registered_ms() != 0) {
    *out.mutable_registered_at() = ToProto(FromMillis(record.registered_ms()));
  }
  out.set_registrations(record.registrations());
  out.set_call_id(gateway::CallId(trigger, call_host));
  out.set_cseq(trigger.cseq);
  out.set_target_version(target);
  if (steps) *out.mutable_steps() = record.steps();
  if (record.has_contact()) out.set_contact(ContactInWords(record.contact()));
  out.set_in_call(record.in_call());
  return out;
}

std::string ContactInWords(const v1::Contact& contact) {
  const std::string& where = contact.source().empty() ? contact.uri() : contact.source();
  return contact.transport().empty() ? where : contact.transport() + ":" + where;
}

}  // namespace drover::gateways
