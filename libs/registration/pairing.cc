#include "libs/registration/pairing.h"

#include <algorithm>
#include <array>

#include "libs/dmtree/device_id.h"
#include "libs/registration/fields.h"
#include "libs/registration/msisdn.h"

namespace drover::registration {
namespace {

bool Differ(const std::string& a, const std::string& b) {
  return !a.empty() && !b.empty() && a != b;
}
bool OtherSim(const Facts& a, const Facts& b) {
  return Differ(a.imsi, b.imsi) || Differ(a.msisdn, b.msisdn);
}
bool SameSim(const Facts& a, const Facts& b) {
  const bool one =
      (!a.imsi.empty() && a.imsi == b.imsi) || (!a.msisdn.empty() && a.msisdn == b.msisdn);
  return one && !OtherSim(a, b);
}
bool OtherSoftware(const Facts& a, const Facts& b) {
  return Differ(a.software_version, b.software_version) || Differ(a.svn, b.svn);
}
bool Disagree(const Facts& a, const Facts& b) {
  return OtherSim(a, b) || OtherSoftware(a, b) || Differ(a.manufacturer, b.manufacturer) ||
         Differ(a.model, b.model);
}

// What merging learned: `into` had not known it.
struct Merge {
  Facts& into;
  bool newer;
  Source source;
  bool learned = false;

  void Text(std::string& own, const std::string& said) {
    if (said.empty() || own == said) return;
    if (own.empty()) {
      learned = true;
    } else if (!newer) {
      return;
    }
    own = said;
  }
  void List(std::vector<std::string>& own, const std::vector<std::string>& said) const {
    if (!said.empty() && (own.empty() || newer)) own = said;
  }
  void Sim(const Facts& said) {
    if (newer && OtherSim(into, said)) {
      into.imsi = said.imsi;
      into.msisdn = said.msisdn;
    } else if (newer || SameSim(into, said)) {
      Text(into.imsi, said.imsi);
      Text(into.msisdn, said.msisdn);
    }
  }
  void All(const Facts& said) {
    Sim(said);
    Text(into.manufacturer, said.manufacturer);
    Text(into.model, said.model);
    Text(into.software_version, said.software_version);
    Text(into.svn, said.svn);
    // A feed knows one IMEI of a terminal that may have told all of them.
    if (source == Source::kSms || into.imeis.empty()) List(into.imeis, said.imeis);
    List(into.apns, said.apns);
  }
};

void Stamp(Pairing& pairing, const Observation& observation) {
  pairing.at = observation.at;
  pairing.source = observation.source;
  pairing.via = observation.via;
}

Decision First(const Observation& observation) {
  Decision decision;
  decision.confirm = observation.source == Source::kSms;
  decision.registered = decision.write = decision.history = true;
  decision.next = {.device = observation.device,
                   .facts = observation.facts,
                   .registered_at = observation.at,
                   .published_at = observation.at};
  Stamp(decision.next, observation);
  return decision;
}

Decision Unchanged(const Pairing& stored) {
  Decision decision;
  decision.next = stored;
  return decision;
}

Decision WithoutSim(const Pairing& stored, const Observation& observation) {
  Decision decision = Unchanged(stored);
  decision.next.facts.imsi.clear();
  decision.next.facts.msisdn.clear();
  Stamp(decision.next, observation);
  decision.next.published_at = observation.at;
  decision.sim_changed = decision.write = decision.history = true;
  return decision;
}

Decision Removed(const Pairing* stored, const Observation& observation) {
  if (stored == nullptr) return {};
  if (observation.at < stored->at) {
    Decision decision = Unchanged(*stored);
    decision.stale = true;
    return decision;
  }
  return SameSim(stored->facts, observation.facts) ? WithoutSim(*stored, observation)
                                                   : Unchanged(*stored);
}

}  // namespace

Decision Decide(const Pairing* stored, const Observation& observation, const PairingRules& rules) {
  if (observation.removed) return Removed(stored, observation);
  if (stored == nullptr) return First(observation);
  const Facts& said = observation.facts;
  Decision decision = Unchanged(*stored);
  Pairing& next = decision.next;
  decision.confirm = observation.source == Source::kSms;
  decision.stale = observation.at < stored->at;
  decision.conflict = observation.source != stored->source && Disagree(stored->facts, said);
  Merge merge{next.facts, !decision.stale, observation.source};
  merge.All(said);
  if (!decision.stale) {
    decision.sim_changed = OtherSim(stored->facts, said);
    decision.sw_changed = OtherSoftware(stored->facts, said);
    Stamp(next, observation);
  }
  const bool again = observation.source == Source::kSms && !decision.stale &&
                     observation.at - stored->published_at >= rules.dedup_window;
  decision.history = next.facts != stored->facts;
  decision.registered = !decision.sim_changed && !decision.sw_changed && (merge.learned || again);
  if (decision.publish()) next.published_at = std::max(next.published_at, observation.at);
  decision.write =
      next != *stored;  // Also if only its time is new: what comes late is judged by it.
  decision.repeat = !decision.history && !decision.publish() && !decision.stale;
  return decision;
}

Decision Displace(const Pairing& other, const Observation& observation) {
  const auto& imeis = observation.facts.imeis;
  const bool same_device = std::ranges::any_of(imeis, [&](const std::string& imei) {
    const auto id = dmtree::NormaliseDeviceId("IMEI:" + imei);
    return id && *id == other.device;
  });
  const bool moved = !same_device && other.device != observation.device && !observation.removed &&
                     observation.at >= other.at && SameSim(other.facts, observation.facts);
  return moved ? WithoutSim(other, observation) : Unchanged(other);
}

Result<Observation> FromSms(const Registration& registration, std::string msisdn, TimePoint at,
                            std::string via) {
  Observation observation;
  DROVER_TRY(observation.device, KeyOf(registration));
  observation.facts = {.imeis = registration.imeis,
                       .imsi = registration.imsi,
                       .msisdn = std::move(msisdn),
                       .manufacturer = registration.manufacturer,
                       .model = registration.model,
                       .software_version = registration.software_version};
  observation.at = at;
  observation.source = Source::kSms;
  observation.via = std::move(via);
  return observation;
}

std::optional<FeedEvent> FeedEventOf(std::string_view name) {
  static constexpr std::array<std::string_view, 5> kNames{"seen", "imeisv_changed", "apns_changed",
                                                          "imsi_changed", "removed"};
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<FeedEvent>(found - kNames.begin());
}

Result<Observation> FromFeed(const FeedRecord& record) {
  Observation observation;
  observation.removed = record.event == FeedEvent::kRemoved;
  if (!record.imeisv.empty() || !observation.removed) {
    if (record.imeisv.size() < 14 || record.imeisv.size() > 16 || !AllDigits(record.imeisv)) {
      return InvalidArgument("imeisv: expected 14 to 16 digits");
    }
    DROVER_TRY(observation.device, dmtree::NormaliseDeviceId("IMEI:" + record.imeisv));
    observation.facts.imeis = {observation.device.value().substr(5)};
    if (record.imeisv.size() == 16) observation.facts.svn = record.imeisv.substr(14);
  }
  if (!record.imsi.empty() && (record.imsi.size() > 15 || !AllDigits(record.imsi))) {
    return InvalidArgument("imsi: expected up to 15 digits");
  }
  if (!record.msisdn.empty()) {
    const auto msisdn = NormaliseMsisdn({.digits = record.msisdn, .ton = 1}, {});
    if (!msisdn) return InvalidArgument("msisdn: " + msisdn.error().message);
    observation.facts.msisdn = *msisdn;
  }
  if (record.imsi.empty() && record.msisdn.empty()) {
    return InvalidArgument("imsi and msisdn are both missing");
  }
  observation.facts.imsi = record.imsi;
  observation.facts.apns = record.apns;
  observation.at = record.ts;
  observation.source = Source::kFeed;
  observation.via = record.source;
  return observation;
}

}  // namespace drover::registration
