#include "loadtest/scenario/scenario.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "loadtest/fleet/plan.h"

namespace drover::scenario {
namespace {

using fleet::Work;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::StartsWith;

TEST(AScenario, IsReadWhole) {
  const Result<Scenario> read = ParseScenario(R"(
name: everything
description: one of each
devices: 100k
duration: 10m
first-contact: true
arrivals:
  process: constant
  rate: [[0s, 1000/s], [60s, 2k/s]]
  ramps: true
terminals:
  encoding: {wbxml: 80%, xml: 20%}
  version: {1.2: 90%, 1.1.2: 10%}
  authentication: hmac
  server-authentication: {md5: 50%, none: 50%}
  quirks: {slow: 1%, drop-after-send: 2%}
sessions: {poll: 40%, get-replace: 60%}
nodes: {read: ./DevDetail/OEM, large-octets: 20k}
faults: {lost-response: 1%, power-loss: 0.5%}
connection: {keep-alive: true, tls: true, resumption: false, concurrency: 500}
timing: {answer-timeout: 5s, attempts: 2, come-back: 1s, settle: 5m}
thresholds: p99<50ms
expected: [refusals]
)",
                                              "load/e.yaml");
  ASSERT_TRUE(read) << read.error();
  const Scenario& scenario = *read;
  EXPECT_EQ(scenario.name, "everything");
  EXPECT_EQ(scenario.devices, 100'000U);
  EXPECT_EQ(scenario.duration, minutes(10));
  EXPECT_EQ(scenario.arrivals.process, Process::kConstant);
  EXPECT_EQ(scenario.arrivals.rates,
            (std::vector<RatePoint>{{seconds(0), 1000}, {seconds(60), 2000}}));
  EXPECT_TRUE(scenario.arrivals.ramps);
  EXPECT_DOUBLE_EQ(scenario.population.encodings.Of(syncml::Encoding::kXml), 0.2);
  EXPECT_DOUBLE_EQ(scenario.population.versions.Of(terminal::DmVersion::k11), 0.1);
  EXPECT_DOUBLE_EQ(scenario.population.client_schemes.Of(terminal::AuthScheme::kMac), 1);
  EXPECT_DOUBLE_EQ(scenario.population.server_schemes.Of(terminal::AuthScheme::kNone), 0.5);
  EXPECT_EQ(scenario.population.quirks.size(), 2U);
  EXPECT_DOUBLE_EQ(scenario.population.work.Of(Work::kGetReplace), 0.6);
  EXPECT_EQ(scenario.population.read_uri, "./DevDetail/OEM");
  EXPECT_EQ(scenario.population.large_octets, 20'000U);
  EXPECT_EQ(scenario.faults.size(), 2U);
  EXPECT_TRUE(scenario.transport.keep_alive && scenario.transport.tls);
  EXPECT_FALSE(scenario.transport.resumption);
  EXPECT_EQ(scenario.transport.concurrency, 500U);
  EXPECT_EQ(scenario.timing.answer_timeout, seconds(5));
  EXPECT_EQ(scenario.timing.attempts, 2U);
  EXPECT_EQ(scenario.timing.settle, minutes(5));
  EXPECT_TRUE(scenario.first_contact);
  EXPECT_EQ(scenario.thresholds, "p99<50ms");
  EXPECT_TRUE(scenario.expected.refusals);
  EXPECT_TRUE(scenario.expected.failures);  // There are faults.
}

TEST(AScenario, NeedsNothingButAMapping) {
  const Result<Scenario> read = ParseScenario("devices: 5\n", "folder/small.yaml");
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->name, "small");
  EXPECT_DOUBLE_EQ(read->population.work.Of(Work::kPoll), 1);
}

TEST(AScenario, HasStepsInMultiplesOfItsRateOrRatesOfTheirOwn) {
  const Result<Scenario> read = ParseScenario(
      "arrivals: {rate: 1k/s, steps: [{rate: 0.5x, for: 30s}, {rate: 3000/s, for: 1m}]}", "f.yaml");
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->arrivals.steps, (std::vector<RateStep>{{.times = 0.5, .length = seconds(30)},
                                                         {.per_s = 3000, .length = minutes(1)}}));
  EXPECT_FALSE(read->expected.failures);
}

struct Mistake {
  const char* text;
  const char* place;
  const char* advice;
};

TEST(AMistake, IsNamedWithItsLineItsKeyAndWhatToDo) {
  for (const Mistake& mistake : std::initializer_list<Mistake>{
           {"devices: many", "f.yaml:1: devices:", "100k"},
           {"devices: 0", "f.yaml:1: ", "1 or more"},
           {"name: a\ndevice: 5", "f.yaml:2: device:", "write one of name, description, devices"},
           {"devices: 5\ndevices: 6", "f.yaml:2: devices:", "stands twice"},
           {"devices:\n", "f.yaml:1: devices:", "give it one"},
           {"devices: [5]", "f.yaml:1: devices:", "one value"},
           {"- a\n- b", "f.yaml:1: ", "mapping"},
           {"duration: 10", "f.yaml:1: duration:", "10m"},
           {"a: [", "f.yaml:", "not YAML"},
           {"arrivals:\n  rate: 100", "f.yaml:2: arrivals.rate:", "3000/s"},
           {"arrivals:\n  process: random", "f.yaml:2: arrivals.process:", "poisson, constant"},
           {"arrivals:\n  rate: [[5s, 10/s]]", "f.yaml:2: arrivals.rate:", "first rate"},
           {"arrivals:\n  rate: [[0s, 10/s, 3]]", "f.yaml:2: arrivals.rate:", "[time, rate]"},
           {"arrivals:\n  rate: 5/s\n  storm: 60s", "f.yaml:2: arrivals:", "storm"},
           {"arrivals:\n  steps: [{rate: 2x}]", "f.yaml:2: arrivals.steps:", "for: 60s"},
           {"arrivals:\n  steps: [{rate: x, for: 1s}]", "f.yaml:2: arrivals.steps", "0.5x or 2x"},
           {"arrivals:\n  storm: 60s\n  steps: [{rate: 2x, for: 1s}]",
            "f.yaml:2: arrivals:", "steps stand alone"},
           {"duration: 5m\narrivals:\n  steps: [{rate: 2x, for: 1s}]",
            "f.yaml:1: ", "leave duration out"},
           {"expected: [miracles]", "f.yaml:1: expected", "refusals, failures"},
           {"terminals:\n  encoding: {xml: 50%}", "f.yaml:2: terminals.encoding:", "100%"},
           {"terminals:\n  encoding: json", "f.yaml:2: terminals.encoding:", "wbxml, xml"},
           {"terminals:\n  version: {1.4: 100%}", "f.yaml:2: terminals.version.1.4:", "1.1.2"},
           {"terminals:\n  quirks: {tired: 1%}",
            "f.yaml:2: terminals.quirks.tired:", "drover-load quirks"},
           {"terminals:\n  quirks: {slow: 1}", "f.yaml:2: terminals.quirks.slow:", "12.5%"},
           {"sessions: {poll: 50%, sleep: 50%}", "f.yaml:1: sessions.sleep:", "get-replace"},
           {"nodes: {read: ./A, write: ./A}", "f.yaml:1: nodes:", "different"},
           {"nodes: {large-octets: 1M}", "f.yaml:1: nodes:", "200k"},
           {"faults: {lost-response: 60%, drop: 60%}", "f.yaml:1: faults:", "below 100%"},
           {"faults: {fire: 1%}", "f.yaml:1: faults.fire:", "power-loss"},
           {"connection: {tls: maybe}", "f.yaml:1: connection.tls:", "true or false"},
           {"sms: {registrations: 0/s}", "f.yaml:1: sms:", "500/s"},
           {"sms: {attempts: 0}", "f.yaml:1: sms:", "1 or more"},
           {"sms:\n  bearer: x", "f.yaml:2: sms.bearer:", "register, registrations"},
           {"gateways: {count: 0}", "f.yaml:1: gateways:", "1 to 10M"},
           {"gateways: {rate: 0/s}", "f.yaml:1: gateways:", "100/s"},
           {"gateways: {operations: dance}", "f.yaml:1: gateways.operations:", "config, reboot"},
           {"gateways:\n  mix: {plain: 1}", "f.yaml:2: gateways.mix.plain:", "12.5%"},
           {"cluster: {wakeup-rate: 5}", "f.yaml:1: cluster.wakeup-rate:", "push.wakeup-rate"},
           {"timing: {attempts: 0}", "f.yaml:1: timing:", "1 or more"},
           {"timing: {update-min: 5s, update-max: 1s}", "f.yaml:1: timing:", "less"},
       }) {
    const Result<Scenario> read = ParseScenario(mistake.text, "f.yaml");
    ASSERT_FALSE(read) << mistake.text;
    EXPECT_THAT(read.error().message, StartsWith(mistake.place)) << mistake.text;
    EXPECT_THAT(read.error().message, HasSubstr(mistake.advice)) << mistake.text;
  }
}

TEST(AScenarioOverSms, SaysHowTerminalsRegisterAndWhatItsClusterIsToldOf) {
  const auto none = ParseScenario("devices: 5", "f.yaml");
  ASSERT_TRUE(none) << none.error();
  EXPECT_FALSE(none->sms);
  const auto plain = ParseScenario("sms: {}", "f.yaml");
  ASSERT_TRUE(plain) << plain.error();
  EXPECT_EQ(plain->sms, Sms{});
  const auto all = ParseScenario(
      "sms: {register: false, registrations: 50/s, confirm-within: 2s, attempts: 9}\n"
      "cluster: {push.wakeup-rate: 5000, smsc.loss: 5%}",
      "f.yaml");
  ASSERT_TRUE(all) << all.error();
  EXPECT_EQ(all->sms, (Sms{.registers = false,
                           .registrations_per_s = 50,
                           .confirm_within = std::chrono::seconds(2),
                           .registration_attempts = 9}));
  ASSERT_EQ(all->cluster.size(), 2U);
  EXPECT_EQ(all->cluster[1], (std::pair<std::string, std::string>{"smsc.loss", "5%"}));
}

TEST(AScenarioWithGateways, SaysHowManyAndWhatTheyDo) {
  const auto plain = ParseScenario("gateways: {}", "f.yaml");
  ASSERT_TRUE(plain) << plain.error();
  ASSERT_TRUE(plain->gateways);
  EXPECT_EQ(plain->gateways->count, 1000U);
  EXPECT_EQ(plain->gateways->mix, "") << "the simulator's own";
  EXPECT_EQ(plain->gateways->work.Of(GatewayWork::kConfig), 1);
  const auto all = ParseScenario(
      "gateways:\n  count: 2k\n  rate: 50/s\n  register-over: 3s\n"
      "  mix: {plain: 62.5%, silent: 37.5%}\n  operations: {config: 75%, reboot: 25%}\n",
      "f.yaml");
  ASSERT_TRUE(all) << all.error();
  EXPECT_EQ(all->gateways->count, 2000U);
  EXPECT_EQ(all->gateways->rate_per_s, 50);
  EXPECT_EQ(all->gateways->register_over, std::chrono::seconds(3));
  EXPECT_EQ(all->gateways->mix, "plain=62.5,silent=37.5");
  EXPECT_EQ(all->gateways->work.Of(GatewayWork::kReboot), 0.25);
  EXPECT_EQ(ParseScenario("gateways: {mix: 'plain=1,snom=2'}", "f.yaml")->gateways->mix,
            "plain=1,snom=2");
}

TEST(AFile, ThatIsNotThereIsNamed) {
  const Result<Scenario> read = ReadScenario("/nowhere/at/all.yaml");
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("/nowhere/at/all.yaml"));
}

TEST(TheScenariosThatComeWithIt, AreGoodAndTheirTerminalsHaveTheNodes) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(DROVER_SCENARIOS)) {
    const Result<Scenario> read = ReadScenario(entry.path());
    ASSERT_TRUE(read) << read.error();
    EXPECT_FALSE(read->description.empty()) << entry.path();
    for (const auto& [work, share] : read->population.work.parts()) {
      const terminal::Model model(fleet::SpecOf({.work = work}), {"srv", "http://srv/"});
      const auto plan = fleet::PlanOf({read->population, work, 0, "IMEI:0", model.blueprint()});
      EXPECT_TRUE(plan) << entry.path() << ": " << plan.error();
    }
    ++count;
  }
  EXPECT_GE(count, 5);
}

TEST(ThePageOfTheLoadGenerator, NamesEveryKindOfSessionAndFault) {
  std::ifstream file(DROVER_LOAD_PAGE);
  std::ostringstream text;
  text << file.rdbuf();
  const std::string page = text.str();
  for (int work = 0; work <= static_cast<int>(Work::kRegistration); ++work) {
    const std::string name(fleet::Name(static_cast<Work>(work)));
    EXPECT_THAT(page, HasSubstr("`" + name + "`"));
  }
  for (int fault = 1; fault <= static_cast<int>(Fault::kPowerLoss); ++fault) {
    const std::string name(Name(static_cast<Fault>(fault)));
    EXPECT_THAT(page, HasSubstr("`" + name + "`"));
  }
}

}  // namespace
}  // namespace drover::scenario
