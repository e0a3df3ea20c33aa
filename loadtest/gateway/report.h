// What a simulation has come to, as text and as JSON.
#pragma once
#include <string>

#include "loadtest/gateway/simulator.h"

namespace drover::gwsim {

// A screen for people.
std::string TextReport(const Simulator& simulator);
// Counts, one object.
std::string LedgerJson(const Simulator& simulator);
// One gateway: who it is, its logins, what it did.
std::string GatewayJson(const Simulator& simulator, uint32_t number);
// A line of JSON.
std::string ExecutionJson(const Simulator& simulator, const Execution& execution);
// Of the admin port's /metrics.
std::string MetricsText(const Simulator& simulator);

}  // namespace drover::gwsim
