#include "loadtest/drover_load/gateway_work.h"

#include <cstdio>

#include "loadtest/drover_load/run_prepare.h"
#include "loadtest/fleet/draw.h"

namespace drover::load {
namespace {

namespace v1 = operations::v1;

constexpr uint64_t kSeeds = 10'000;
constexpr uint64_t kWorkPurpose = 4000;  // Behind those of loadtest/gateway/identity.h.

uint32_t TimesDone(GatewayWork work, const GatewayDone& done) {
  if (work == GatewayWork::kConfig) return done.params;
  return work == GatewayWork::kReboot ? done.reboots : 0;
}

}  // namespace

gwsim::Population GatewaysOf(uint64_t seed, uint64_t count) {
  char digits[8];
  std::snprintf(digits, sizeof digits, "%04u", static_cast<unsigned>(seed % kSeeds));
  return {.seed = seed,
          .count = static_cast<uint32_t>(count),
          .serial_prefix = "00D09E-L" + std::string(digits) + "-",
          .user_prefix = "69" + std::string(digits)};
}

GatewayWork GatewayWorkOf(const scenario::Gateways& gateways, uint64_t seed, uint32_t number) {
  const uint64_t purpose = fleet::Mixed(fleet::Mixed(seed) ^ kWorkPurpose);
  return gateways.work.Pick(fleet::Mixed(purpose ^ number));
}

std::string GatewayLabel(GatewayWork work) {
  return "gw-" + std::string(fleet::NameIn(scenario::kGatewayWorkNames, work));
}

std::string GatewayValue(const gwsim::Population& population, uint32_t number) {
  return "value-of-" + gwsim::Serial(population, number);
}

void AddGatewayOperation(GatewayWork work, const gwsim::Population& population, uint32_t number,
                         const std::string& run_label, v1::SubmitOperationsRequest& request) {
  v1::NewOperation& wanted = *request.add_operations();
  wanted.set_device_id(gwsim::Serial(population, number));
  wanted.set_label(LabelOf(run_label, GatewayLabel(work)));
  wanted.set_unchecked(true);
  v1::Command& command = *wanted.add_commands();
  if (work == GatewayWork::kConfig) {
    command.set_verb(v1::REPLACE);
    command.set_target(std::string("./Gateway/Config/") + kGatewayParam);
    command.set_format("chr");
    command.set_data(GatewayValue(population, number));
    command.set_has_data(true);
  } else if (work == GatewayWork::kReboot) {
    command.set_verb(v1::EXEC);
    command.set_target("./Gateway/Reboot");
  } else {
    command.set_verb(v1::GET);
    command.set_target("./DevDetail/FwV");
  }
}

bool FinishesWork(const gwsim::Habits& habits, GatewayWork work, bool registrar) {
  const bool hears = !habits.silent && !habits.events.empty() && habits.loss == 0;
  const bool found = registrar || !habits.private_contact;
  const bool steady = habits.restart_every.count() == 0 && !habits.forgets;
  const bool may = work != GatewayWork::kReboot || !habits.in_call;
  return hears && found && steady && may && habits.posts_result;
}

std::string_view Name(GatewayMatch match) {
  switch (match) {
    case GatewayMatch::kRight:
      return "right";
    case GatewayMatch::kLost:
      return "lost";
    case GatewayMatch::kDoubled:
      return "doubled";
    case GatewayMatch::kDifferent:
      return "different";
    case GatewayMatch::kUnfinished:
      break;
  }
  return "unfinished";
}

GatewayMatch MatchGateway(GatewayWork work, v1::State state, const GatewayDone& done,
                          std::string_view wanted_value) {
  const uint32_t times = TimesDone(work, done);
  const uint32_t beside = done.params + done.reboots + done.others - times;
  if (times > 1) return GatewayMatch::kDoubled;
  if (beside > 0) return GatewayMatch::kDifferent;
  const bool ended_badly = state == v1::FAILED || state == v1::EXPIRED || state == v1::CANCELLED;
  if (ended_badly && times > 0) return GatewayMatch::kDifferent;
  if (state != v1::SUCCEEDED) return GatewayMatch::kUnfinished;
  if (work == GatewayWork::kRead) return GatewayMatch::kRight;
  if (times == 0) return GatewayMatch::kLost;
  const bool other = work == GatewayWork::kConfig && done.value != wanted_value;
  return other ? GatewayMatch::kDifferent : GatewayMatch::kRight;
}

}  // namespace drover::load
