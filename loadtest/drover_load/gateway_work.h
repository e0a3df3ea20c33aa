// What is to be done on each gateway of a run, drawn from the seed, and whether what became of it
// is right. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "drover/operations/v1/operations.pb.h"
#include "loadtest/gateway/habits.h"
#include "loadtest/scenario/scenario.h"

namespace drover::load {

using scenario::GatewayWork;

// The gateways of a seed: another seed's have other serial numbers.
gwsim::Population GatewaysOf(uint64_t seed, uint64_t count);
GatewayWork GatewayWorkOf(const scenario::Gateways& gateways, uint64_t seed, uint32_t number);
// "gw-config": what its operation is called behind the run's label.
std::string GatewayLabel(GatewayWork work);
// What the parameter of its operation is set to, unlike any other gateway's.
inline constexpr char kGatewayParam[] = "LoadValue";
std::string GatewayValue(const gwsim::Population& population, uint32_t number);
// Not of kNone.
void AddGatewayOperation(GatewayWork work, const gwsim::Population& population, uint32_t number,
                         const std::string& run_label,
                         operations::v1::SubmitOperationsRequest& request);

// Whether such a gateway hears NOTIFYs, asks, does this and tells at once what came of it: then its
// operation has to succeed. registrar: it can register by SIP.
bool FinishesWork(const gwsim::Habits& habits, GatewayWork work, bool registrar);

// What a gateway did.
struct GatewayDone {
  uint32_t params = 0;   // Times that parameters were set.
  uint32_t reboots = 0;  // That a response asked for.
  uint32_t others = 0;   // Files, and what failed.
  std::string value;     // Of kGatewayParam.
};
enum class GatewayMatch : uint8_t {
  kRight,
  kLost,        // Succeeded, and not carried out.
  kDoubled,     // Carried out more than once.
  kDifferent,   // Carried out otherwise, or failed to operations and was carried out.
  kUnfinished,  // Neither done nor succeeded.
};
std::string_view Name(GatewayMatch match);  // "lost"
GatewayMatch MatchGateway(GatewayWork work, operations::v1::State state, const GatewayDone& done,
                          std::string_view wanted_value);

}  // namespace drover::load
