// bench_push_content: what it costs to make the short messages of a push, from its values to the
// user data of every segment.
#include <benchmark/benchmark.h>

#include "libs/base/check.h"
#include "libs/sms/reassembly.h"
#include "libs/sms/segments.h"
#include "libs/wap/bootstrap_push.h"
#include "libs/wap/notification_push.h"
#include "libs/wap/si_sl.h"
#include "libs/wap/testing/vectors.h"

namespace drover::wap {
namespace {

const sms::Layout kPush{.coding = sms::Coding::kOctets,
                        .ports = sms::Ports{sms::kPushPort, sms::kPushSourcePort}};

// All segments, one after the other into one buffer.
void AppendAll(std::string content, std::string& user_data) {
  const sms::Plan plan = sms::Plan::Make(std::move(content), kPush).value();
  for (size_t k = 1; k <= plan.count(); ++k) {
    user_data.clear();
    plan.AppendSegment(k, 0x1234, user_data);
    benchmark::DoNotOptimize(user_data.data());
  }
}

void Notification(benchmark::State& state) {
  const std::string package(32, 'p');
  std::string user_data;
  for (auto _ : state) {
    std::string push;
    AppendNotificationPush(1, package, push);
    AppendAll(std::move(push), user_data);
  }
}
BENCHMARK(Notification);

void ServiceIndicationFromXml(benchmark::State& state) {
  std::string user_data;
  for (auto _ : state) {
    const auto si = ToBinary("text/vnd.wap.si",
                             "<si><indication href=\"http://example.com/a\" "
                             "action=\"signal-high\">Update ready</indication></si>");
    std::string push;
    const Push pdu{.content_type = {.media = si.value()->media, .charset = kCharsetUtf8},
                   .application_id = Name{kApplicationWml, {}},
                   .data = si.value()->octets};
    DROVER_CHECK(AppendPush(pdu, push).has_value());
    AppendAll(std::move(push), user_data);
  }
}
BENCHMARK(ServiceIndicationFromXml);

// Three segments: the document, its MAC, the push, the cuts.
void BootstrapOfThreeSegments(benchmark::State& state) {
  const ProvisioningDocument account = testing::BootstrapVectorDocument();
  std::string user_data;
  for (auto _ : state) {
    const std::string document =
        EncodeProvisioning(account, testing::kBootstrapVectorStyle).value();
    AppendAll(EncodeBootstrapPush(1, BootstrapProfile::kClientProvisioning, document,
                                  BootstrapSecurity{Sec::kUserPin, {}, "1234"})
                  .value(),
              user_data);
  }
}
BENCHMARK(BootstrapOfThreeSegments);

void ReassemblyOfThreeSegments(benchmark::State& state) {
  const sms::Plan plan = sms::Plan::Make(std::string(320, 'x'), kPush).value();
  std::vector<std::string> segments(plan.count());
  for (size_t k = 1; k <= segments.size(); ++k) plan.AppendSegment(k, 1, segments[k - 1]);
  sms::Reassembler reassembler({.remember = std::chrono::seconds(0)});
  for (auto _ : state) {
    for (const std::string& segment : segments) {
      const auto part = sms::DecodeUserData(segment);
      const auto message = reassembler.Add("8613800138000", part->udh, part->payload, TimePoint());
      if (message) reassembler.Settle(message->id, TimePoint());
    }
  }
  DROVER_CHECK(reassembler.counts().whole == static_cast<uint64_t>(state.iterations()));
}
BENCHMARK(ReassemblyOfThreeSegments);

}  // namespace
}  // namespace drover::wap

BENCHMARK_MAIN();
