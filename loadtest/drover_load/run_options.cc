#include "loadtest/drover_load/run_options.h"

#include <fstream>

#include "loadtest/gateway/habits.h"
#include "loadtest/report/threshold.h"

namespace drover::load {
namespace {

Result<std::string> FirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line) || line.empty()) {
    return InvalidArgument("--enrolment-password-file: nothing to read in " + path);
  }
  return line;
}

Result<void> ApplyNumbers(const RunOptions& options, scenario::Scenario& scenario) {
  if (!options.devices.empty()) {
    DROVER_TRY(scenario.devices, scenario::ParseCount(options.devices));
  }
  if (!options.duration.empty()) {
    if (!scenario.arrivals.steps.empty()) {
      return InvalidArgument("--duration: the steps of this scenario say how long the run is");
    }
    DROVER_TRY(scenario.duration, scenario::ParseDuration(options.duration));
  }
  if (!options.rate.empty()) {
    DROVER_TRY(const double rate, scenario::ParseRate(options.rate));
    if (rate <= 0) return InvalidArgument("--rate must be above 0");
    scenario.arrivals.storm = scenario::Duration{0};
    scenario.arrivals.rates = {{scenario::Duration{0}, rate}};
  }
  if (!options.settle.empty()) {
    DROVER_TRY(scenario.timing.settle, scenario::ParseDuration(options.settle));
  }
  if (!options.concurrency.empty()) {
    DROVER_TRY(scenario.transport.concurrency, scenario::ParseCount(options.concurrency));
  }
  if (scenario.transport.concurrency == 0) {
    return InvalidArgument("concurrency must be 1 or more");
  }
  return {};
}

Result<void> CheckTogether(const RunOptions& options, const scenario::Scenario& scenario) {
  if (!scenario.thresholds.empty()) DROVER_TRY(report::ParseThresholds(scenario.thresholds));
  if (options.closed > 0 && !scenario.arrivals.steps.empty()) {
    return InvalidArgument(
        "--closed: this scenario has steps of its rate, which is the open model");
  }
  if (!options.local && options.endpoints.context.empty() && options.endpoints.tree.empty()) {
    return InvalidArgument(
        "say which Drover: --local for one of its own, --context FILE, or --tree, --operations and "
        "--ingress");
  }
  if (options.prepare_only && options.no_prepare) {
    return InvalidArgument("--prepare-only and --no-prepare leave nothing to do: take one of them");
  }
  if (options.prepare_only && options.local) {
    return InvalidArgument("--local ends its cluster: what is prepared there would be lost");
  }
  if (scenario.sms && !options.local && options.smsc.empty()) {
    return InvalidArgument(
        "terminals are reached by SMS in this scenario: say --smsc, the URL of the simulated SMSC "
        "(drover-smsc --http), or --local");
  }
  if (scenario.gateways) {
    const std::string& mix = scenario.gateways->mix;
    const auto parsed = gwsim::ParseMix(mix.empty() ? gwsim::DefaultMix() : std::string_view(mix));
    if (!parsed) return InvalidArgument("gateways.mix: " + parsed.error().message);
    if (!options.local && options.gateways.empty()) {
      return InvalidArgument(
          "this scenario has gateways: say --gateways, the URL that they ask, or --local");
    }
  }
  const bool registers = scenario.population.work.Of(fleet::Work::kRegistration) > 0;
  if (registers && scenario.population.enrolment_password.empty()) {
    return InvalidArgument(
        "terminals register themselves in this scenario: say --enrolment-password-file, with the "
        "password that session has in its own");
  }
  return {};
}

}  // namespace

Result<scenario::Scenario> ScenarioOf(const RunOptions& options) {
  DROVER_TRY(scenario::Scenario scenario, scenario::ReadScenario(options.scenario));
  DROVER_TRY(ApplyNumbers(options, scenario));
  if (!options.thresholds.empty()) scenario.thresholds = options.thresholds;
  if (options.tls || options.endpoints.ingress.starts_with("https://")) {
    scenario.transport.tls = true;
  }
  if (options.no_resumption) scenario.transport.resumption = false;
  if (options.keep_alive) scenario.transport.keep_alive = true;
  if (!options.enrolment_password_file.empty()) {
    DROVER_TRY(scenario.population.enrolment_password, FirstLine(options.enrolment_password_file));
  }
  DROVER_TRY(CheckTogether(options, scenario));
  return scenario;
}

}  // namespace drover::load
