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
