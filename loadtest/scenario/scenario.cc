#include "loadtest/scenario/scenario.h"

#include <fstream>
#include <sstream>

#include "loadtest/scenario/reader.h"

namespace drover::scenario {
namespace {

using fleet::Population;
using fleet::Work;
using syncml::Encoding;
using terminal::AuthScheme;
using terminal::DmVersion;

using fleet::Named;

constexpr std::array<Named<Encoding>, 2> kEncodings{
    {{"wbxml", Encoding::kWbxml}, {"xml", Encoding::kXml}}};
constexpr std::array<Named<DmVersion>, 3> kVersions{
    {{"1.1.2", DmVersion::k11}, {"1.2", DmVersion::k12}, {"1.3", DmVersion::k13}}};
constexpr std::array<Named<AuthScheme>, 4> kSchemes{{{"none", AuthScheme::kNone},
                                                     {"basic", AuthScheme::kBasic},
                                                     {"md5", AuthScheme::kMd5},
                                                     {"hmac", AuthScheme::kMac}}};
constexpr std::array<Named<Process>, 2> kProcesses{
    {{"poisson", Process::kPoisson}, {"constant", Process::kConstant}}};
constexpr std::array<Named<bool Expected::*>, 2> kExpected{
    {{"refusals", &Expected::refusals}, {"failures", &Expected::failures}}};

// What a key's value goes into.
template <typename T>
auto Into(T& field, Result<T> (*parse)(std::string_view)) {
  return [&field, parse](const Reader& value) -> Result<void> {
    DROVER_TRY(field, value.As(parse));
    return {};
  };
}
auto IntoText(std::string& field) {
  return [&field](const Reader& value) -> Result<void> {
    DROVER_TRY(field, value.Text());
    return {};
  };
}
auto IntoFlag(bool& field) {
  return [&field](const Reader& value) -> Result<void> {
    DROVER_TRY(field, value.Flag());
    return {};
  };
}
template <typename T, size_t kSize>
auto IntoShares(fleet::Shares<T>& field, const std::array<Named<T>, kSize>& names) {
  return [&field, &names](const Reader& value) -> Result<void> {
    DROVER_TRY(field, SharesOf(value, names));
    return {};
  };
}

Result<void> ReadRates(const Reader& value, ArrivalShape& shape) {
  if (value.is_scalar()) {
    DROVER_TRY(const double rate, value.As(ParseRate));
    shape.rates = {{Duration{0}, rate}};
  } else {
    shape.rates.clear();
    DROVER_TRY(const std::vector<Reader> items, value.Items());
    for (const Reader& item : items) {
      DROVER_TRY(const std::vector<Reader> pair, item.Items());
      if (pair.size() != 2) return item.Bad("should be [time, rate], such as [60s, 2000/s]");
      RatePoint& point = shape.rates.emplace_back();
      DROVER_TRY(point.at, pair[0].As(ParseDuration));
      DROVER_TRY(point.per_s, pair[1].As(ParseRate));
    }
  }
  const Result<void> checked = Check(shape.rates);
  return checked ? Result<void>() : value.Bad(checked.error().message);
}

Result<void> ReadStepRate(const Reader& value, RateStep& step) {
  DROVER_TRY(const std::string text, value.Text());
  if (text.ends_with('x')) {
    DROVER_TRY(step.times, value.As(ParseTimes));
  } else {
    DROVER_TRY(step.per_s, value.As(ParseRate));
  }
  return {};
}

Result<void> ReadSteps(const Reader& value, ArrivalShape& shape) {
  DROVER_TRY(const std::vector<Reader> items, value.Items());
  for (const Reader& item : items) {
    RateStep& step = shape.steps.emplace_back();
    DROVER_TRY(item.Map({{"rate", [&step](const Reader& rate) { return ReadStepRate(rate, step); }},
                         {"for", Into(step.length, ParseDuration)}}));
    if (step.length.count() > 0 && step.per_s + step.times > 0) continue;
    return item.Bad("a step has a rate above 0 and a length: {rate: 2x, for: 60s}");
  }
  return {};
}

Result<void> ReadArrivals(const Reader& value, ArrivalShape& shape) {
  bool has_rate = false;
  DROVER_TRY(value.Map({{"process",
                         [&shape](const Reader& process) -> Result<void> {
                           DROVER_TRY(const std::string name, process.Text());
                           DROVER_TRY(shape.process, OneOf(process, kProcesses, name));
                           return {};
                         }},
                        {"rate",
                         [&](const Reader& rate) {
                           has_rate = true;
                           return ReadRates(rate, shape);
                         }},
                        {"steps", [&](const Reader& steps) { return ReadSteps(steps, shape); }},
                        {"ramps", IntoFlag(shape.ramps)},
                        {"storm", Into(shape.storm, ParseDuration)}}));
  if (has_rate && shape.storm.count() > 0) {
    return value.Bad("a storm has no rate: every terminal returns once within its time");
  }
  if (!shape.steps.empty() && (shape.storm.count() > 0 || shape.rates.size() > 1)) {
    return value.Bad("steps stand alone: beside them there is one rate, which 2x is twice of");
  }
  return {};
}

Result<void> ReadQuirks(const Reader& value, Population& population) {
  DROVER_TRY(const auto entries, value.Entries());
  for (const auto& [name, entry] : entries) {
    terminal::Quirk quirk{};
    bool found = false;
    for (const terminal::QuirkInfo& info : terminal::AllQuirks()) {
      if (info.name != name) continue;
      quirk = info.quirk;
      found = true;
    }
    if (!found) return entry.Bad("there is no such quirk: `drover-load quirks` lists them");
    DROVER_TRY(const double share, entry.As(ParseShare));
    population.quirks.emplace_back(quirk, share);
  }
  return {};
}

Result<void> ReadTerminals(const Reader& value, Population& population) {
  return value.Map(
      {{"encoding", IntoShares(population.encodings, kEncodings)},
       {"version", IntoShares(population.versions, kVersions)},
       {"authentication", IntoShares(population.client_schemes, kSchemes)},
       {"server-authentication", IntoShares(population.server_schemes, kSchemes)},
       {"quirks", [&](const Reader& quirks) { return ReadQuirks(quirks, population); }}});
}

Result<void> ReadNodes(const Reader& value, Population& population) {
  uint64_t octets = population.large_octets;
  DROVER_TRY(value.Map({{"read", IntoText(population.read_uri)},
                        {"write", IntoText(population.write_uri)},
                        {"large", IntoText(population.large_uri)},
                        {"large-octets", Into(octets, ParseCount)}}));
  if (octets < 1000 || octets > 200'000) return value.Bad("large-octets should be 1k to 200k");
  population.large_octets = static_cast<uint32_t>(octets);
  if (population.read_uri == population.write_uri) {
    return value.Bad("read and write should be different nodes: else what is read is not known");
  }
  return {};
}

Result<void> ReadFaults(const Reader& value, Faults& faults) {
  double sum = 0;
  DROVER_TRY(faults, PartsOf(value, kFaultNames, sum));
  if (sum > 1) return value.Bad("a session suffers one fault at most: keep the sum below 100%");
  return {};
}

Result<void> ReadTransport(const Reader& value, Transport& transport) {
  return value.Map({{"keep-alive", IntoFlag(transport.keep_alive)},
                    {"tls", IntoFlag(transport.tls)},
                    {"resumption", IntoFlag(transport.resumption)},
                    {"concurrency", Into(transport.concurrency, ParseCount)}});
}

Result<void> ReadTiming(const Reader& value, Timing& timing) {
  DROVER_TRY(value.Map({{"answer-timeout", Into(timing.answer_timeout, ParseDuration)},
                        {"attempts", Into(timing.attempts, ParseCount)},
                        {"retry-pause", Into(timing.retry_pause, ParseDuration)},
                        {"come-back", Into(timing.come_back, ParseDuration)},
                        {"returns", Into(timing.returns, ParseCount)},
                        {"update-min", Into(timing.update_min, ParseDuration)},
                        {"update-max", Into(timing.update_max, ParseDuration)},
                        {"settle", Into(timing.settle, ParseDuration)}}));
  if (timing.attempts == 0) return value.Bad("attempts should be 1 or more");
  if (timing.update_max < timing.update_min) {
    return value.Bad("update-max should not be less than update-min");
  }
  return {};
}

Result<void> ReadSms(const Reader& value, std::optional<Sms>& sms) {
  Sms& into = sms.emplace();
  DROVER_TRY(value.Map({{"register", IntoFlag(into.registers)},
                        {"registrations", Into(into.registrations_per_s, ParseRate)},
                        {"confirm-within", Into(into.confirm_within, ParseDuration)},
                        {"attempts", Into(into.registration_attempts, ParseCount)}}));
  if (into.registrations_per_s <= 0) return value.Bad("registrations should be above 0: 500/s");
  if (into.registration_attempts == 0) return value.Bad("attempts should be 1 or more");
  return {};
}

// {plain: 60%, silent: 40%}, a single word, or as drover-gwsim takes it.
Result<void> ReadMix(const Reader& value, std::string& mix) {
  if (value.is_scalar()) {
    DROVER_TRY(mix, value.Text());
    return {};
  }
  DROVER_TRY(const auto entries, value.Entries());
  for (const auto& [name, entry] : entries) {
    DROVER_TRY(const double share, entry.As(ParseShare));
    char weight[32];
    std::snprintf(weight, sizeof weight, "%.6g", share * 100);
    mix += (mix.empty() ? "" : ",") + name + "=" + weight;
  }
  return {};
}

Result<void> ReadGateways(const Reader& value, std::optional<Gateways>& gateways) {
  constexpr uint64_t kMost = 10'000'000;  // What seven digits tell apart.
  Gateways& into = gateways.emplace();
  DROVER_TRY(value.Map({{"count", Into(into.count, ParseCount)},
                        {"mix", [&](const Reader& mix) { return ReadMix(mix, into.mix); }},
                        {"operations", IntoShares(into.work, kGatewayWorkNames)},
                        {"rate", Into(into.rate_per_s, ParseRate)},
                        {"register-over", Into(into.register_over, ParseDuration)}}));
  if (into.count == 0 || into.count > kMost) return value.Bad("count should be 1 to 10M");
  if (into.rate_per_s <= 0) return value.Bad("rate should be above 0: 100/s");
  return {};
}

Result<void> ReadCluster(const Reader& value, Scenario& scenario) {
  DROVER_TRY(const auto entries, value.Entries());
  for (const auto& [flag, entry] : entries) {
    const size_t dot = flag.find('.');
    if (dot == std::string::npos || dot == 0 || dot + 1 == flag.size()) {
      return entry.Bad("flags of services are written as push.wakeup-rate: 2000");
    }
    DROVER_TRY(std::string text, entry.Text());
    scenario.cluster.emplace_back(flag, std::move(text));
  }
  return {};
}

Result<void> ReadExpected(const Reader& value, Expected& expected) {
  DROVER_TRY(const std::vector<Reader> items, value.Items());
  for (const Reader& item : items) {
    DROVER_TRY(const std::string name, item.Text());
    DROVER_TRY(const auto field, OneOf(item, kExpected, name));
    expected.*field = true;
  }
  return {};
}

Result<void> ReadTop(const Reader& top, Scenario& scenario) {
  DROVER_TRY(top.Map(
      {{"name", IntoText(scenario.name)},
       {"description", IntoText(scenario.description)},
       {"devices", Into(scenario.devices, ParseCount)},
       {"duration", Into(scenario.duration, ParseDuration)},
       {"first-contact", IntoFlag(scenario.first_contact)},
       {"thresholds", IntoText(scenario.thresholds)},
       {"expected", [&](const Reader& value) { return ReadExpected(value, scenario.expected); }},
       {"arrivals", [&](const Reader& value) { return ReadArrivals(value, scenario.arrivals); }},
       {"terminals",
        [&](const Reader& value) { return ReadTerminals(value, scenario.population); }},
       {"sessions", IntoShares(scenario.population.work, fleet::kWorkNames)},
       {"nodes", [&](const Reader& value) { return ReadNodes(value, scenario.population); }},
       {"faults", [&](const Reader& value) { return ReadFaults(value, scenario.faults); }},
       {"connection",
        [&](const Reader& value) { return ReadTransport(value, scenario.transport); }},
       {"timing", [&](const Reader& value) { return ReadTiming(value, scenario.timing); }},
       {"sms", [&](const Reader& value) { return ReadSms(value, scenario.sms); }},
       {"gateways", [&](const Reader& value) { return ReadGateways(value, scenario.gateways); }},
       {"cluster", [&](const Reader& value) { return ReadCluster(value, scenario); }}}));
  if (scenario.devices == 0) return top.Bad("devices should be 1 or more");
  if (scenario.duration.count() > 0 && !scenario.arrivals.steps.empty()) {
    return top.Bad("steps say how long the run is: leave duration out");
  }
  if (!scenario.faults.empty()) scenario.expected.failures = true;
  return {};
}

std::string StemOf(const std::string& file) {
  const size_t slash = file.rfind('/');
  const std::string name = slash == std::string::npos ? file : file.substr(slash + 1);
  return name.substr(0, name.rfind('.'));
}

}  // namespace

Result<Scenario> ParseScenario(std::string_view text, const std::string& file) {
  Scenario scenario;
  scenario.name = StemOf(file);
  scenario.text = text;
  try {
    const YAML::Node root = YAML::Load(scenario.text);
    DROVER_TRY(ReadTop(Reader(root, file, ""), scenario));
  } catch (const YAML::Exception& error) {
    const std::string line = std::to_string(error.mark.line + 1);
    return InvalidArgument(file + ":" + line + ": not YAML: " + error.msg);
  }
  return scenario;
}

Result<Scenario> ReadScenario(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return NotFound("cannot read the scenario " + path);
  return ParseScenario(text.str(), path);
}

}  // namespace drover::scenario
