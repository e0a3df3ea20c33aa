// bench_smpp [--out FILE] [--rounds N]: what encoding and decoding one submit_sm costs, in CPU
// time, beside libsmpp34 on the same PDU; and what a session of ours costs for each message.
//
// The PDU is a DM notification of 99 octets. Every case runs in turn in every round, so that a
// noisy moment meets all of them; the median of the rounds counts.
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

#include "libs/base/bytes.h"
#include "libs/base/check.h"
#include "libs/smpp/codec.h"
#include "libs/smpp/session.h"
#include "libs/smpp/testing/libsmpp34.h"
#include "libs/smpp/testing/vectors.h"

namespace drover::smpp {
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

// Two sessions, face to face: a message is submitted, taken in and answered.
class Exchange final : public SessionHandler {
 public:
  Exchange() : esme_({.window = 50}, *this), smsc_({.role = Role::kSmsc}, *this) {
    esme_.Connected(now_);
    smsc_.Connected(now_);
    Carry();
    DROVER_CHECK(esme_.bound());
  }
  void Run(const SubmitSm& submit) {
    DROVER_CHECK(esme_.Send(submit, 1, now_) == Sent::kSent);
    Carry();
    DROVER_CHECK(esme_.outstanding() == 0);
  }
  void OnBound(const Bound&) override {}
  void OnBind(const Bind&) override { smsc_.AcceptBind(now_); }
  void OnAnswer(uint64_t token, const Answer&) override { benchmark::DoNotOptimize(token); }
  void OnRequest(const RequestId& id, const Pdu&) override {
    smsc_.Respond(id, SubmitSmResp{.message_id = "0123456789"}, now_);
  }
  void OnEnd(const End&) override {}

 private:
  void Carry() {
    while (esme_.has_output() || smsc_.has_output()) {
      octets_.clear();
      esme_.TakeOutput(octets_);
      if (!octets_.empty()) smsc_.Octets(octets_, now_);
      octets_.clear();
      smsc_.TakeOutput(octets_);
      if (!octets_.empty()) esme_.Octets(octets_, now_);
    }
  }
  Time now_{std::chrono::hours(1)};
  std::string octets_;
  Session esme_;
  Session smsc_;
};

struct Figure {
  const char* name;
  const char* floor;  // The case beside it; "": none.
};
constexpr Figure kFigures[] = {
    {"smpp_encode_decode", "libsmpp34_pack_unpack"},
    {"smpp_encode", "libsmpp34_pack"},
    {"smpp_decode", "libsmpp34_unpack"},
    {"smpp_session_message", ""},
};

nlohmann::json Report(std::map<std::string, std::vector<double>>& samples) {
  nlohmann::json figures = nlohmann::json::array();
  for (const Figure& figure : kFigures) {
    const double value = Median(samples[figure.name]);
    nlohmann::json json = {
        {"name", figure.name}, {"value", value}, {"unit", "us"}, {"better", "lower"}};
    std::printf("%-22s %8.3f us  %9.0f /s", figure.name, value, 1e6 / value);
    if (*figure.floor != '\0') {
      const double floor = Median(samples[figure.floor]);
      json["floor"] = floor;
      json["ratio"] = value / floor;
      std::printf("   %8.2f us %-22s %.0f times as fast", floor, figure.floor, floor / value);
    }
    std::printf("\n");
    figures.push_back(json);
  }
  return figures;
}

int Run(const std::string& out, size_t rounds) {
  const std::string octets = *base::FromHex(testing::kNotification);
  Pdu pdu;
  DROVER_CHECK(!Decode(octets, pdu));
  const SubmitSm submit = std::get<SubmitSm>(pdu.body);
  testing::Libsmpp34SubmitSm theirs;
  theirs.Fill(3, submit);
  DROVER_CHECK(theirs.Pack() == octets);
  std::string buffer;
  Pdu decoded;
  Exchange exchange;
  const auto encode = [&] {
    buffer.clear();
    DROVER_CHECK(!EncodeBody(3, submit, buffer));
    benchmark::DoNotOptimize(buffer.data());
  };
  const auto decode = [&](std::string_view from) {
    DROVER_CHECK(!Decode(from, decoded));
    benchmark::DoNotOptimize(decoded);
  };
  const std::vector<std::pair<const char*, Case>> cases = {
      {"smpp_encode", encode},
      {"smpp_decode", [&] { decode(octets); }},
      {"smpp_encode_decode",
       [&] {
         encode();
         decode(buffer);
       }},
      {"libsmpp34_pack", [&] { DROVER_CHECK(!theirs.Pack().empty()); }},
      {"libsmpp34_unpack", [&] { DROVER_CHECK(theirs.Unpack(octets)); }},
      {"libsmpp34_pack_unpack", [&] { DROVER_CHECK(theirs.Unpack(theirs.Pack())); }},
      {"smpp_session_message", [&] { exchange.Run(submit); }},
  };
  std::map<std::string, std::vector<double>> samples;
  for (size_t round = 0; round < rounds; ++round) {
    for (const auto& [name, run] : cases) samples[name].push_back(Measure(run));
  }
  std::printf("one submit_sm of %zu octets; CPU time, median of %zu rounds\n", octets.size(),
              rounds);
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
}  // namespace drover::smpp

int main(int argc, char** argv) {
  std::string out;
  size_t rounds = 9;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--out") == 0) out = argv[i + 1];
    if (std::strcmp(argv[i], "--rounds") == 0) rounds = std::strtoul(argv[i + 1], nullptr, 10);
  }
  if (argc % 2 == 0 || rounds < 1) {
    std::cerr << "usage: bench_smpp [--out FILE] [--rounds N]\n";
    return 2;
  }
  return drover::smpp::Run(out, rounds);
}
