// bench_smpp_link [--out FILE] [--messages N]: a link that submits to a server that only answers,
// over loopback, both on one thread: CPU time a message of both ends together, and messages a
// second, for windows of 1 to 100.
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include <nlohmann/json.hpp>

#include "libs/base/bytes.h"
#include "libs/smpp/link/link.h"
#include "libs/smpp/link/server.h"
#include "libs/smpp/testing/vectors.h"

namespace drover::smpp {
namespace {

// Answers everything.
class Sink final : public SessionHandler {
 public:
  explicit Sink(std::weak_ptr<Channel> channel) : channel_(std::move(channel)) {}
  void OnBound(const Bound&) override {}
  void OnBind(const Bind&) override { channel_.lock()->AcceptBind(); }
  void OnAnswer(uint64_t, const Answer&) override {}
  void OnRequest(const RequestId& id, const Pdu&) override {
    channel_.lock()->Respond(id, SubmitSmResp{.message_id = "0123456789"});
  }
  void OnEnd(const End&) override {}

 private:
  const std::weak_ptr<Channel> channel_;
};

// Keeps the window full until so many were answered.
class Source final : public LinkHandler {
 public:
  Source(const SubmitSm& submit, uint64_t messages) : submit_(submit), left_(messages) {}
  void OnBound(const Bound&) override { Fill(); }
  void OnAnswer(uint64_t, const Answer& answer) override {
    DROVER_CHECK(answer.outcome == Outcome::kAnswered);
    ++answered;
    Fill();
  }
  void OnRequest(const RequestId&, const Pdu&) override {}
  void OnEnd(const End&) override {}

  Link* link = nullptr;
  uint64_t answered = 0;

 private:
  void Fill() {
    while (left_ > 0 && link->Send(submit_, left_) == Sent::kSent) --left_;
  }
  const SubmitSm submit_;
  uint64_t left_;
};

double Seconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

nlohmann::json Measure(const SubmitSm& submit, size_t window, uint64_t messages) {
  asio::io_context loop(1);
  Server server(loop, {.listen = "127.0.0.1:0"}, [](const std::shared_ptr<Channel>& channel) {
    return std::make_shared<Sink>(channel);
  });
  DROVER_CHECK(server.Listen().has_value());
  Source source(submit, messages);
  const std::string address = server.address();
  Link::Config config{.host = "127.0.0.1", .port = address.substr(address.rfind(':') + 1)};
  config.session.window = window;
  Link link(loop, config, source);
  source.link = &link;
  DROVER_CHECK(link.Open().has_value());
  const double cpu = Seconds(CLOCK_PROCESS_CPUTIME_ID);
  const double wall = Seconds(CLOCK_MONOTONIC);
  while (source.answered < messages) loop.run_one();
  const double cpu_us =
      (Seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1e6 / static_cast<double>(messages);
  const double rate = static_cast<double>(messages) / (Seconds(CLOCK_MONOTONIC) - wall);
  std::printf("window %3zu  %7.2f us CPU a message (both ends)  %9.0f messages/s\n", window, cpu_us,
              rate);
  return {{"name", "smpp_link_window_" + std::to_string(window)},
          {"value", cpu_us},
          {"unit", "us"},
          {"rate", rate},
          {"better", "lower"}};
}

int Run(const std::string& out, uint64_t messages) {
  const std::string octets = *base::FromHex(testing::kNotification);
  Pdu pdu;
  DROVER_CHECK(!Decode(octets, pdu));
  nlohmann::json figures = nlohmann::json::array();
  for (const size_t window : {1, 10, 50, 100}) {
    figures.push_back(Measure(std::get<SubmitSm>(pdu.body), window, messages));
  }
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
  uint64_t messages = 200'000;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--out") == 0) out = argv[i + 1];
    if (std::strcmp(argv[i], "--messages") == 0) messages = std::strtoull(argv[i + 1], nullptr, 10);
  }
  if (argc % 2 == 0 || messages < 1) {
    std::cerr << "usage: bench_smpp_link [--out FILE] [--messages N]\n";
    return 2;
  }
  return drover::smpp::Run(out, messages);
}
