// bench_pap: what reading a push submission costs: the multipart body, its PAP document, its
// address; beside pugixml's bare parse of the document.
#include <benchmark/benchmark.h>
#include <pugixml.hpp>

#include "libs/base/check.h"
#include "libs/pap/address.h"
#include "libs/pap/multipart.h"
#include "libs/pap/reader.h"
#include "libs/pap/timestamp.h"
#include "libs/pap/writer.h"

namespace drover::pap {
namespace {

constexpr char kType[] = "multipart/related; boundary=asdlfkjiurwghasf; type=\"application/xml\"";

std::string Control() {
  std::string xml;
  Write(
      {.product_name = "initiator",
       .message = PushMessage{.push_id = "9fjeo39jf084@pi.com",
                              .deliver_before = ParseTimestamp("2026-11-28T06:45:00Z").value(),
                              .ppg_notify_requested_to = "http://pi.com/notify",
                              .addresses = {"WAPPUSH=+8613800138000/TYPE=PLMN@ppg.carrier.com"},
                              .quality_of_service = QualityOfService{.priority = Priority::kHigh}}},
      xml);
  return xml;
}

std::string Body() {
  std::string body;
  WriteSubmission("asdlfkjiurwghasf", Control(),
                  {{"Content-Type", "application/vnd.syncml.notification"},
                   {"X-Wap-Application-Id", "x-wap-application:syncml.dm"}},
                  std::string(32, 'n'), body);
  return body;
}

void ReadPushSubmission(benchmark::State& state) {
  const std::string body = Body();
  for (auto _ : state) {
    const auto submission = ReadSubmission(kType, body);
    DROVER_CHECK(submission.has_value());
    const Reading reading = Read(submission->control);
    DROVER_CHECK(reading.document.has_value());
    const auto& push = std::get<PushMessage>(reading.document->message);
    benchmark::DoNotOptimize(ParseAddress(push.addresses[0], false));
  }
}
BENCHMARK(ReadPushSubmission);

void ReadDocument(benchmark::State& state) {
  const std::string xml = Control();
  for (auto _ : state) benchmark::DoNotOptimize(Read(xml));
}
BENCHMARK(ReadDocument);

void PugixmlBareParse(benchmark::State& state) {
  const std::string xml = Control();
  for (auto _ : state) {
    pugi::xml_document document;
    benchmark::DoNotOptimize(document.load_buffer(xml.data(), xml.size()).status);
  }
}
BENCHMARK(PugixmlBareParse);

void WritePushResponse(benchmark::State& state) {
  const Document document{.product_name = "Drover",
                          .message = PushResponse{.push_id = "9fjeo39jf084@pi.com",
                                                  .code = StatusCode::kAcceptedForProcessing,
                                                  .desc = "accepted for processing"}};
  for (auto _ : state) {
    std::string xml;
    Write(document, xml);
    benchmark::DoNotOptimize(xml);
  }
}
BENCHMARK(WritePushResponse);

}  // namespace
}  // namespace drover::pap

BENCHMARK_MAIN();
