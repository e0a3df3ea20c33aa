// bench_sip [--out FILE] [--rounds N]: what reading and writing the messages of a trigger costs, in
// CPU time, beside Sofia-SIP's parser on the same octets; and what digests and a REGISTER cost.
//
// Every case runs in turn in every round, so that a noisy moment meets all of them; the median of
// the rounds counts.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

#include "libs/base/check.h"
#include "libs/sip/builder.h"
#include "libs/sip/digest_client.h"
#include "libs/sip/event.h"
#include "libs/sip/registrar.h"
#include "libs/sip/testing/request_text.h"
#ifdef DROVER_HAS_SOFIA
#include "libs/sip/testing/sofia_message.h"
#endif

namespace drover::sip {
namespace {

using Case = std::function<void()>;

double CpuMicroseconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

// Microseconds a call, over at least 20 ms.
double Measure(const Case& run) {
  constexpr double kLeast = 20'000;
  for (size_t n = 64;; n *= 2) {
    const double start = CpuMicroseconds();
    for (size_t i = 0; i < n; ++i) run();
    const double spent = CpuMicroseconds() - start;
    if (spent >= kLeast) return spent / static_cast<double>(n);
  }
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

constexpr RequestOut kNotify{
    .uri = "sip:69600@10.40.41.36:5060",
    .via = {.sent_by = "192.0.2.1:5060", .branch = "z9hG4bK28934a78291f2991"},
    .from = "<sip:dm@example.com>",
    .from_tag = "6a073cca507b5e6a",
    .to = "<sip:69600@10.40.41.36;user=phone>",
    .call_id = "720910328-2276810532@192.0.2.1",
    .cseq = 14872,
    .contact = "<sip:dm@192.0.2.1:5060>",
    .event = "resync",
    .subscription_state = "active;expires=1000"};
constexpr Source kSource{"10.40.41.36", 5060};

constexpr const char* kRegister = R"(REGISTER sip:gw.example SIP/2.0
Via: SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bK28934a78291f2991;rport
Max-Forwards: 70
To: <sip:69600@gw.example>
From: <sip:69600@gw.example>;tag=6a073cca507b5e6a
Call-ID: 720910328-2276810532@10.0.0.9
CSeq: 2 REGISTER
Contact: <sip:69600@10.0.0.9:5060>;expires=3600;+sip.instance="<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>";reg-id=1
Supported: path, outbound
User-Agent: Gateway/1.2.3
Content-Length: 0

)";

void ReadNotify(const std::string& octets) {
  Message message;
  DROVER_CHECK(!Parse(octets, Arrival::kDatagram, message));
  SubscriptionState state;
  Contact contact;
  DROVER_CHECK(IsTrigger(message, "resync"));
  DROVER_CHECK(ParseSubscriptionState(*message.Find(HeaderId::kSubscriptionState), state));
  DROVER_CHECK(ParseContact(*message.Find(HeaderId::kContact), contact));
  benchmark::DoNotOptimize(contact);
}

void ReadResponse(const std::string& octets) {
  Message message;
  DROVER_CHECK(!Parse(octets, Arrival::kDatagram, message));
  DROVER_CHECK(message.status() == 200 && message.has_one_via());
  benchmark::DoNotOptimize(message.top_via().branch);
}

void Register(const std::string& octets) {
  static const RegistrarSettings settings{.realm = "gw.example"};
  Message message;
  DROVER_CHECK(!Parse(octets, Arrival::kDatagram, message));
  const auto request = ReadRegister(message, settings);
  const Flow flow{.source = kSource, .flow_owner = "node-1"};
  const RegisterResult result = ApplyRegister(std::get<RegisterRequest>(request), {}, flow,
                                              settings, TimePoint(std::chrono::hours(1)), 7);
  std::string out;
  DROVER_CHECK(AppendReply(message, kSource, result.reply, "srv", out));
  benchmark::DoNotOptimize(out.data());
}

class Digests {
 public:
  explicit Digests(DigestAlgorithm algorithm) : client_({"69600", "secret"}) {
    Challenge challenge{.realm = "gw.example", .nonce = "0123456789abcdef0123456789abcdef"};
    challenge.algorithm = algorithm;
    challenge.algorithm_told = challenge.auth = true;
    DROVER_CHECK(client_.Challenged(challenge, false) == DigestClient::Next::kAnswer);
  }
  void Run() {
    benchmark::DoNotOptimize(client_.Fields("NOTIFY", kNotify.uri, "", "0123456789abcdef").data());
  }

 private:
  DigestClient client_;
};

struct Figure {
  const char* name;
  const char* floor;  // The case beside it; "": none.
};
constexpr Figure kFigures[] = {
    {"sip_read_notify", "sofia_read_notify"},
    {"sip_read_response", "sofia_read_response"},
    {"sip_write_notify", "sofia_write_notify"},
    {"sip_write_response", ""},
    {"sip_digest_md5", ""},
    {"sip_digest_sha256", ""},
    {"sip_register", ""},
};

nlohmann::json Report(std::map<std::string, std::vector<double>>& samples) {
  nlohmann::json figures = nlohmann::json::array();
  for (const Figure& figure : kFigures) {
    const double value = Median(samples[figure.name]);
    nlohmann::json json = {
        {"name", figure.name}, {"value", value}, {"unit", "us"}, {"better", "lower"}};
    std::printf("%-20s %8.3f us  %9.0f /s", figure.name, value, 1e6 / value);
    if (samples.contains(figure.floor)) {
      const double floor = Median(samples[figure.floor]);
      json["floor"] = floor;
      json["ratio"] = value / floor;
      std::printf("   %8.2f us %-20s %.0f times as fast", floor, figure.floor, floor / value);
    }
    std::printf("\n");
    figures.push_back(json);
  }
  return figures;
}

using Cases = std::vector<std::pair<const char*, Case>>;

void AddSofia([[maybe_unused]] const std::string& notify,
              [[maybe_unused]] const std::string& response, [[maybe_unused]] Cases& cases) {
#ifdef DROVER_HAS_SOFIA
  static const testing::SofiaNotify fields{
      .request_line = "NOTIFY sip:69600@10.40.41.36:5060 SIP/2.0",
      .via = "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK28934a78291f2991;rport",
      .to = "<sip:69600@10.40.41.36;user=phone>",
      .from = "<sip:dm@example.com>;tag=6a073cca507b5e6a",
      .call_id = "720910328-2276810532@192.0.2.1",
      .cseq = "14872 NOTIFY",
      .contact = "<sip:dm@192.0.2.1:5060>",
      .event = "resync",
      .subscription_state = "active;expires=1000"};
  cases.emplace_back("sofia_read_notify", [&] { DROVER_CHECK(testing::SofiaParses(notify)); });
  cases.emplace_back("sofia_read_response", [&] { DROVER_CHECK(testing::SofiaParses(response)); });
  cases.emplace_back("sofia_write_notify", [] {
    std::string out;
    DROVER_CHECK(testing::SofiaBuild(fields, out) > 300);
  });
#endif
}

int Run(const std::string& out, size_t rounds) {
  std::string notify;
  DROVER_CHECK(AppendRequest(kNotify, notify));
  const Message request = testing::Parsed(notify);
  const ResponseOut ok{.status = 200, .to_tag = "gw1"};
  std::string response;
  DROVER_CHECK(AppendResponse(request, kSource, ok, response));
  const std::string registration = testing::Wire(kRegister);
  std::string buffer;
  Digests md5(DigestAlgorithm::kMd5);
  Digests sha256(DigestAlgorithm::kSha256);
  Cases cases = {
      {"sip_read_notify", [&] { ReadNotify(notify); }},
      {"sip_read_response", [&] { ReadResponse(response); }},
      {"sip_write_notify",
       [&] {
         buffer.clear();
         DROVER_CHECK(AppendRequest(kNotify, buffer));
         benchmark::DoNotOptimize(buffer.data());
       }},
      {"sip_write_response",
       [&] {
         buffer.clear();
         DROVER_CHECK(AppendResponse(request, kSource, ok, buffer));
         benchmark::DoNotOptimize(buffer.data());
       }},
      {"sip_digest_md5", [&] { md5.Run(); }},
      {"sip_digest_sha256", [&] { sha256.Run(); }},
      {"sip_register", [&] { Register(registration); }},
  };
  AddSofia(notify, response, cases);
  std::map<std::string, std::vector<double>> samples;
  for (size_t round = 0; round < rounds; ++round) {
    for (const auto& [name, run] : cases) samples[name].push_back(Measure(run));
  }
  std::printf("a NOTIFY of %zu octets, its 200 of %zu; CPU time, median of %zu rounds\n",
              notify.size(), response.size(), rounds);
  const nlohmann::json figures = Report(samples);
  if (out.empty()) return 0;
  std::filesystem::create_directories(std::filesystem::absolute(out).parent_path());
  std::ofstream file(out);
  file << figures.dump(2) << "\n";
  if (file) return 0;
  std::cerr << "cannot write " << out << "\n";
  return 1;
}

}  // namespace
}  // namespace drover::sip

int main(int argc, char** argv) {
  std::string out;
  size_t rounds = 9;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--out") == 0) out = argv[i + 1];
    if (std::strcmp(argv[i], "--rounds") == 0) rounds = std::strtoul(argv[i + 1], nullptr, 10);
  }
  if (argc % 2 == 0 || rounds < 1) {
    std::cerr << "usage: bench_sip [--out FILE] [--rounds N]\n";
    return 2;
  }
  return drover::sip::Run(out, rounds);
}
