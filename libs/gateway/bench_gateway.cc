// bench_gateway: what reading and writing a message costs, and a step of the state machine.
#include <benchmark/benchmark.h>

#include "libs/base/check.h"
#include "libs/gateway/message_xml.h"
#include "libs/gateway/trigger.h"

namespace drover::gateway {
namespace {

Register Registration() {
  return {.header = {.serial = "00D09E-4711", .msgid = "r-1"},
          .information = {.vendor = "ACME",
                          .model = "H260",
                          .ip = "10.40.41.36",
                          .sip_uri = "sip:69600@10.40.41.36:5060",
                          .file_version = "2.0.1",
                          .file_name = "h260ver",
                          .upgrade_server = "files.example",
                          .protocol = Protocol::kHttps}};
}

void ReadRegister(benchmark::State& state) {
  std::string xml;
  Write(Registration(), xml, {.emit_head_slip = state.range(0) != 0});
  for (auto _ : state) {
    const auto reading = Read(xml);
    DROVER_CHECK(reading.has_value());
    benchmark::DoNotOptimize(reading->message);
  }
}
BENCHMARK(ReadRegister)->Arg(0)->Arg(1);

void WriteResponse(benchmark::State& state) {
  const Message response = Response{.header = {.serial = "00D09E-4711", .msgid = "m-1"},
                                    .interval_seconds = 3600,
                                    .files = {{.name = "h260ver",
                                               .version = "2.0.2",
                                               .download_method = Protocol::kHttps,
                                               .download_path = "/gw/v1/file/h260ver",
                                               .size_octets = 1 << 20,
                                               .sha256 = std::string(64, 'a')}}};
  std::string xml;
  for (auto _ : state) {
    xml.clear();
    Write(response, xml);
    benchmark::DoNotOptimize(xml.data());
  }
}
BENCHMARK(WriteResponse);

// Work to result: five events.
void Cycle(benchmark::State& state) {
  const TriggerRules rules;
  TimePoint now{std::chrono::hours(500'000)};
  Trigger trigger = Next(rules, NewTrigger(1, now), Registered{}, now).trigger;
  for (auto _ : state) {
    for (const Event& event : {Event(WorkQueued{}), Event(Admitted{}), Event(NotifyAnswered{}),
                               Event(RequestSeen{.gave_work = true}), Event(ResultSeen{})}) {
      trigger = Next(rules, trigger, event, now += std::chrono::milliseconds(1)).trigger;
    }
    DROVER_CHECK(trigger.state == State::kDone);
  }
}
BENCHMARK(Cycle);

void PackAndUnpack(benchmark::State& state) {
  const Trigger trigger = NewTrigger(0x123456789ABCDEF, TimePoint(std::chrono::hours(500'000)));
  for (auto _ : state) benchmark::DoNotOptimize(Unpack(Pack(trigger)));
}
BENCHMARK(PackAndUnpack);

}  // namespace
}  // namespace drover::gateway

BENCHMARK_MAIN();
