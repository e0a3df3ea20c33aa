// Every metric of the push service. Labels are enums and names of SMSCs and profiles, never numbers
// of terminals. What each means: docs/push.md.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include "libs/dispatch/scheduler.h"
#include "libs/smpp/command.h"

namespace drover::push {

class Metrics {
 public:
  explicit Metrics(prometheus::Registry& registry)
      : wakeups_(
            Counter(registry, "drover_push_wakeups_total",
                    "Wake-ups by what became of them at once: job, failed, expired, ignored.")),
        accepted_(Counter(registry, "drover_push_pushes_accepted_total", "Pushes accepted.")),
        ended_(Counter(registry, "drover_push_groups_ended_total",
                       "Groups of segments that ended, by their end.")),
        orphans_(Counter(registry, "drover_push_groups_ended_in_part_total",
                         "Groups not delivered of which some segments were.")),
        segments_(Counter(registry, "drover_push_segments_sent_total",
                          "submit_sm sent; again: the SMSC may have had it already.")),
        answers_(Counter(registry, "drover_push_segment_answers_total",
                         "Responses to submit_sm by command_status.")),
        throttled_(Counter(registry, "drover_push_throttled_total",
                           "Times that an SMSC wanted us to slow down.")),
        unbuildable_(Counter(registry, "drover_push_segments_unbuildable_total",
                             "Segments whose content could not be made into a PDU.")),
        unmatched_(registry, "drover_push_receipts_unmatched_total",
                   "Receipts for messages that nobody waits for."),
        clashes_avoided_(registry, "drover_push_reference_clashes_avoided_total",
                         "Reference numbers passed over because a terminal may still hold parts "
                         "under them."),
        inbound_(Counter(registry, "drover_push_inbound_total",
                         "What SMSCs sent: receipt, registration, alert, message, malformed.")),
        registrations_(Counter(registry, "drover_push_registrations_total",
                               "Registrations by profile and outcome.")),
        binds_(registry, "drover_push_binds", "Binds that stand."),
        pending_(registry, "drover_push_groups", "Groups that have not ended."),
        in_flight_(registry, "drover_push_segments_in_flight", "submit_sm without response."),
        lanes_(registry, "drover_push_lanes", "Numbers with a group of theirs."),
        journal_(registry, "drover_push_journal_octets_waiting",
                 "Octets of journal that PostgreSQL does not have yet."),
        active_(registry, "drover_push_active", "1 while this process is the one that sends."),
        failures_(Counter(registry, "drover_push_background_failures_total",
                          "Turns of background work that failed and will be repeated.")),
        relayed_(Counter(registry, "drover_push_outbox_relayed_total",
                         "Events that the brokers have acknowledged.")) {
    for (CounterFamily* family : {&accepted_, &orphans_, &throttled_, &unbuildable_, &relayed_}) {
      family->Add({});
    }
  }

  void Wakeup(const char* outcome) { wakeups_.Add({{"outcome", outcome}}).Increment(); }
  void Accepted(size_t count) { accepted_.Add({}).Increment(static_cast<double>(count)); }
  void Ended(std::string_view state, bool in_part) {
    Cached(ended_, ended_by_state_, "state", state).Increment();
    if (in_part) orphans_.Add({}).Increment();
  }
  void Sent(bool again) { Cached(segments_, sent_, "again", again ? "true" : "false").Increment(); }
  void Answered(smpp::CommandStatus status) {
    Cached(answers_, answers_by_status_, "status", smpp::Name(status)).Increment();
  }
  void Throttled() { throttled_.Add({}).Increment(); }
  void Unbuildable() { unbuildable_.Add({}).Increment(); }
  void Inbound(std::string_view kind) {
    Cached(inbound_, inbound_by_kind_, "kind", kind).Increment();
  }
  void Registration(std::string_view profile, std::string_view outcome) {
    registrations_.Add({{"profile", std::string(profile)}, {"outcome", std::string(outcome)}})
        .Increment();
  }
  void Bind(const std::string& smsc, int change) { binds_.Of("smsc", smsc).Increment(change); }
  void Look(const dispatch::Counters& now, uint64_t journal_octets) {
    pending_.value.Set(static_cast<double>(now.pending));
    in_flight_.value.Set(static_cast<double>(now.in_flight));
    lanes_.value.Set(static_cast<double>(now.lanes));
    unmatched_.Reach(now.receipts_unmatched);
    clashes_avoided_.Reach(now.ref_clashes_avoided);
    journal_.value.Set(static_cast<double>(journal_octets));
  }
  void Active(bool active) { active_.value.Set(active ? 1 : 0); }
  void Failed(const char* what) { failures_.Add({{"work", what}}).Increment(); }
  void Relayed(size_t records) { relayed_.Add({}).Increment(static_cast<double>(records)); }

 private:
  using CounterFamily = prometheus::Family<prometheus::Counter>;
  using Counters = std::map<std::string_view, prometheus::Counter*>;

  struct GaugeFamily {
    GaugeFamily(prometheus::Registry& registry, const char* name, const char* help)
        : family(prometheus::BuildGauge().Name(name).Help(help).Register(registry)) {}
    prometheus::Gauge& Of(const char* label, const std::string& value) {
      return family.Add({{label, value}});
    }
    prometheus::Family<prometheus::Gauge>& family;
  };
  struct OneGauge : GaugeFamily {
    OneGauge(prometheus::Registry& registry, const char* name, const char* help)
        : GaugeFamily(registry, name, help), value(family.Add({})) {}
    prometheus::Gauge& value;
  };
  // Of what the scheduler counts itself.
  struct Counted {
    Counted(prometheus::Registry& registry, const char* name, const char* help)
        : value(Counter(registry, name, help).Add({})) {}
    void Reach(uint64_t count) { value.Increment(static_cast<double>(count) - value.Value()); }
    prometheus::Counter& value;
  };
  static CounterFamily& Counter(prometheus::Registry& registry, const char* name,
                                const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
  }
  // To look a counter up by its labels costs a microsecond. values: of static life.
  static prometheus::Counter& Cached(CounterFamily& family, Counters& known, const char* label,
                                     std::string_view value) {
    prometheus::Counter*& counter = known[value];
    if (counter == nullptr) counter = &family.Add({{label, std::string(value)}});
    return *counter;
  }

  CounterFamily& wakeups_;
  CounterFamily& accepted_;
  CounterFamily& ended_;
  CounterFamily& orphans_;
  CounterFamily& segments_;
  CounterFamily& answers_;
  CounterFamily& throttled_;
  CounterFamily& unbuildable_;
  Counted unmatched_, clashes_avoided_;
  CounterFamily& inbound_;
  CounterFamily& registrations_;
  GaugeFamily binds_;
  OneGauge pending_, in_flight_, lanes_, journal_, active_;
  CounterFamily& failures_;
  CounterFamily& relayed_;
  Counters ended_by_state_, sent_, answers_by_status_, inbound_by_kind_;
};

}  // namespace drover::push
