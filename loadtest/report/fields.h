// The counts of a run by their names in summary.json: written, read and added up from one list
// each.
#pragma once
#include <array>
#include <cstdint>

#include "loadtest/report/run_record.h"

namespace drover::report {

template <typename Owner>
struct CountField {
  const char* name;
  uint64_t Owner::*member;
};

// "sessions"
inline constexpr std::array<CountField<Totals>, 10> kSessionCounts{{
    {"due", &Totals::due},
    {"started", &Totals::started},
    {"late_starts", &Totals::late_starts},
    {"not_started", &Totals::not_started},
    {"good", &Totals::good},
    {"good_in_time", &Totals::good_in_time},
    {"failed", &Totals::failed},
    {"refused", &Totals::refused},
    {"given_up", &Totals::given_up},
    {"turned_away", &Totals::turned_away},
}};

// "exchanges"
inline constexpr std::array<CountField<Totals>, 7> kExchangeCounts{{
    {"total", &Totals::exchanges},
    {"retries", &Totals::retries},
    {"connections", &Totals::connections},
    {"tls_handshakes_full", &Totals::handshakes_full},
    {"tls_handshakes_resumed", &Totals::handshakes_resumed},
    {"sent_bytes", &Totals::sent_octets},
    {"received_bytes", &Totals::received_octets},
}};

// "ledgers"
inline constexpr std::array<CountField<Ledgers>, 5> kLedgerCounts{{
    {"terminals", &Ledgers::terminals},
    {"operations", &Ledgers::operations},
    {"lost", &Ledgers::lost},
    {"doubled", &Ledgers::doubled},
    {"different", &Ledgers::different},
}};

// "sms"
inline constexpr std::array<CountField<Sms>, 11> kSmsCounts{{
    {"registrations", &Sms::registrations},
    {"repeated", &Sms::repeated},
    {"confirmed", &Sms::confirmed},
    {"unconfirmed", &Sms::unconfirmed},
    {"submitted", &Sms::submitted},
    {"notifications", &Sms::notifications},
    {"accepted", &Sms::accepted},
    {"never_woken", &Sms::never_woken},
    {"messages", &Sms::messages},
    {"missed", &Sms::missed},
    {"twice", &Sms::twice},
}};

struct SmsLatency {
  const char* name;
  const char* meaning;
  Histogram Sms::*member;
};
inline constexpr std::array<SmsLatency, 4> kSmsLatencies{{
    {"registration", "registration to confirmation", &Sms::confirmed_latency},
    {"notified", "operation to notification", &Sms::notified_latency},
    {"opened", "notification to session", &Sms::opened_latency},
    {"woken", "operation to session", &Sms::woken_latency},
}};

// "gateways"
inline constexpr std::array<CountField<Gateways>, 12> kGatewayCounts{{
    {"gateways", &Gateways::gateways},
    {"registered", &Gateways::registered},
    {"submitted", &Gateways::submitted},
    {"told", &Gateways::told},
    {"asked", &Gateways::asked},
    {"carried_out", &Gateways::carried_out},
    {"compared", &Gateways::compared},
    {"lost", &Gateways::lost},
    {"doubled", &Gateways::doubled},
    {"different", &Gateways::different},
    {"unfinished", &Gateways::unfinished},
    {"excused", &Gateways::excused},
}};

struct GatewayLatency {
  const char* name;
  const char* meaning;
  Histogram Gateways::*member;
};
inline constexpr std::array<GatewayLatency, 3> kGatewayLatencies{{
    {"gateway_told", "gateways: operation to NOTIFY", &Gateways::told_latency},
    {"gateway_asked", "gateways: NOTIFY to response", &Gateways::asked_latency},
    {"gateway_done", "gateways: operation to its end", &Gateways::done_latency},
}};

// "steps"
inline constexpr std::array<CountField<Step>, 4> kStepCounts{{
    {"due", &Step::due},
    {"good", &Step::good},
    {"refused", &Step::refused},
    {"failed", &Step::failed},
}};

template <typename Owner, size_t kSize>
void AddCounts(const std::array<CountField<Owner>, kSize>& fields, const Owner& from, Owner& to) {
  for (const CountField<Owner>& field : fields) to.*field.member += from.*field.member;
}

}  // namespace drover::report
